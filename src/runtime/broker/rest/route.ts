import type { BrokerContext } from '../objects/context';
import type { UserRow } from '../store/rows';
import type { Reply } from './reply';

/** The number by which clients mean all partitions of a station. */
export const ALL_PARTITIONS = -1;

/** A call that somebody who is logged in has made. */
export interface Call {
  readonly context: BrokerContext;
  readonly user: UserRow;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
  /** Where this API listens. */
  readonly restPort: number;
}

/** One call of the REST API; `path` without `/api`. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** True for calls that change something: they wait their turn. */
  readonly changes: boolean;
  /** For changes that may touch one object alone: which one, by its body. Those of different objects run side by side. */
  readonly onlyObject: ((body: Uint8Array) => string | undefined) | undefined;
  readonly handle: (call: Call) => Reply | Promise<Reply>;
}

export function reads(path: string, handle: Route['handle'], method: Route['method'] = 'GET'): Route {
  return { method, path, changes: false, onlyObject: undefined, handle };
}

export function changes(
  method: Route['method'],
  path: string,
  handle: Route['handle'],
  onlyObject?: Route['onlyObject'],
): Route {
  return { method, path, changes: true, onlyObject, handle };
}
