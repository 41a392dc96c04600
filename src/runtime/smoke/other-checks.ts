import { externalName } from '../../model/names';
import type { SmokeTestSpec } from '../../model/smoke-test';
import type { Producer } from '../messaging';
import type { MessagingSession } from '../messaging/messaging-session';
import { checkDeadLetters } from './dead-letters';
import { checkDuplicates } from './duplicates';
import { durablesOf } from './groups';
import type { Made } from './made';
import type { SmokeExpectation } from './result';
import { checkRetention } from './retention';
import type { ShadowStations } from './shadow';
import type { SmokeBroker } from './smoke-broker';
import type { Traffic } from './traffic';

/** A check that the traffic alone does not make. */
export interface OtherCheck {
  /** Name of its step. */
  readonly name: string;
  /** @param remainingMs the time that is left for the test */
  run(remainingMs: number): Promise<readonly SmokeExpectation[]>;
}

/** What these checks work on. */
export interface CheckedRun {
  readonly spec: SmokeTestSpec;
  readonly runId: string;
  readonly broker: SmokeBroker;
  readonly session: MessagingSession;
  readonly producer: Producer;
  readonly traffic: Traffic;
  readonly made: Made;
  readonly shadow: ShadowStations | undefined;
}

/** The checks that a test asks for beside its traffic, in the order they are run. */
export function otherChecks(run: CheckedRun): OtherCheck[] {
  const { expect = {} } = run.spec;
  const { duplicatesDropped = false, deadLettered = false, retention = false } = expect;
  return [
    ...(duplicatesDropped ? [{ name: 'duplicates', run: async () => duplicates(run) }] : []),
    ...(deadLettered ? [{ name: 'dead letters', run: async () => deadLetters(run) }] : []),
    ...(retention ? [{ name: 'retention', run: async (left: number) => kept(run, left) }] : []),
  ];
}

async function duplicates({ producer, traffic, runId, made }: CheckedRun): Promise<SmokeExpectation[]> {
  const stored = (partition: number, sequence: number): void =>
    made.note(producer.stationName, partition, sequence);
  return [await checkDuplicates(producer, traffic.payloadOf(0), runId, stored)];
}

async function deadLetters(run: CheckedRun): Promise<SmokeExpectation[]> {
  const { spec, runId, broker, session, producer, traffic, made, shadow } = run;
  const row = shadow === undefined ? await broker.row(externalName(spec.station)) : undefined;
  return checkDeadLetters({
    session,
    producer,
    group: deadLetterGroupName(spec, runId),
    maxMsgDeliveries: spec.maxMsgDeliveries ?? 2,
    dlsStation: shadow?.dlsStation ?? (row?.dlsStation === '' ? undefined : row?.dlsStation),
    payload: traffic.payloadOf(0),
    runId,
    stored: (station, partition, sequence) => made.note(station, partition, sequence),
    making: async (make) => made.making(make),
    announce: async (partitions, foundGroup) => {
      // What is in a temporary station goes with it.
      const station = row?.dlsStation ?? '';
      if (station !== '')
        await made.announceIn(station, partitions, durablesOf(station, partitions, [foundGroup]));
    },
    made: (consumer) => made.members.push(consumer),
  });
}

/** Name of the group whose messages become dead letters. */
export function deadLetterGroupName({ name }: SmokeTestSpec, runId: string): string {
  return `${name}-${runId}-dls`;
}

async function kept({ broker, producer, traffic }: CheckedRun, left: number): Promise<SmokeExpectation[]> {
  return [await checkRetention(await broker.admin(), producer.stationName, traffic.places(), left)];
}
