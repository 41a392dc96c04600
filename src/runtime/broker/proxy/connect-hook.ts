import type { ForeignSender } from './foreign-requests';

/** What a client says of itself when it connects; the fields that a Memphis broker looks at. */
interface ConnectRequest {
  /** `<connection id>::<user>` for Memphis clients, anything for others; empty when none was sent. */
  readonly name: string;
  readonly user: string | undefined;
  readonly authToken: string | undefined;
}

/**
 * Whether a client may go on to log in. The server checks the password or token afterwards, with `user` in place of the
 * user that the client sent, and `password` in place of any password or token, when they are given.
 * `foreign` is given for clients that are none of Memphis: some of their requests then tell who sent them.
 * `isLimited` is given for users with lists: they may subscribe to inboxes of their own, and not to those of all others.
 */
type ConnectVerdict =
  | { readonly accepted: false }
  | {
      readonly accepted: true;
      readonly user?: string;
      readonly password?: string;
      readonly foreign?: ForeignSender;
      readonly isLimited?: true;
    };

/** The control plane's say on every client that comes through the proxy. */
export type ConnectHook = (request: ConnectRequest) => ConnectVerdict;

/** The argument of a client's CONNECT, as far as it is an object. */
interface ConnectArgument {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly request: ConnectRequest;
}

/** @returns undefined when it is no JSON object; the server then closes the connection. */
export function parseConnect(argument: string): ConnectArgument | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(argument);
  } catch {
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined;
  const record = fields as Record<string, unknown>;
  const text = (name: string): string | undefined => {
    const value = record[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    fields: record,
    request: { name: text('name') ?? '', user: text('user'), authToken: text('auth_token') },
  };
}
