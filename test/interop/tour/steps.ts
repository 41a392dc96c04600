import type { SdkName } from '../sdk/official-sdk';
import { connection } from './connection';
import { connectionLoss } from './connection-loss';
import { consumeLoop } from './consume-loop';
import { consumers } from './consumers';
import { deadLetters } from './dead-letters';
import { fetching } from './fetching';
import { messages } from './messages';
import { packaging } from './package';
import { producers } from './producers';
import { producing } from './producing';
import { schemas } from './schemas';
import { stations } from './stations';
import { tls } from './tls';
import type { Step } from './step';

const all: readonly Step[] = [
  ...packaging,
  ...connection,
  ...connectionLoss,
  ...tls,
  ...stations,
  ...schemas,
  ...deadLetters,
  ...producers,
  ...producing,
  ...consumers,
  ...consumeLoop,
  ...fetching,
  ...messages,
];

/** The tour of one client. */
export function stepsOf(name: SdkName): readonly Step[] {
  return all.filter(({ only }) => only === undefined || only === name);
}
