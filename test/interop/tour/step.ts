import type { SdkName } from '../sdk/official-sdk';
import type { Tour } from './tour';

/** One step of a tour: what an official client does for one row of the seed, or for a few that are one action. */
export interface Step {
  /** Ids of the rows, as in `test/conformance/seed/rows.ts`. */
  readonly rows: readonly string[];
  readonly what: string;
  /** Left out: both clients. */
  readonly only?: SdkName;
  readonly verify: (tour: Tour) => Promise<void>;
}

type Verify = Step['verify'];
const rowsOf = (rows: string): readonly string[] => rows.split(', ');

/** A step that both clients take. */
export const step = (rows: string, what: string, verify: Verify): Step => ({
  rows: rowsOf(rows),
  what,
  verify,
});

/** A step of the JavaScript client. */
export const jsStep = (rows: string, what: string, verify: Verify): Step => ({
  ...step(rows, what, verify),
  only: 'memphis-dev',
});

/** A step of the Python client. */
export const pythonStep = (rows: string, what: string, verify: Verify): Step => ({
  ...step(rows, what, verify),
  only: 'memphis-py',
});
