import type { SdkName } from '../sdk/official-sdk';
import { consuming } from './consuming';
import { deadLetters } from './dead-letters';
import { packageAndConnect } from './package-and-connect';
import { producing } from './producing';
import { schemas } from './schemas';
import { stations } from './stations';
import type { Step } from './step';

const all: readonly Step[] = [
  ...packageAndConnect,
  ...stations,
  ...schemas,
  ...deadLetters,
  ...producing,
  ...consuming,
];

/** The tour of one client. */
export function stepsOf(name: SdkName): readonly Step[] {
  return all.filter(({ only }) => only === undefined || only === name);
}
