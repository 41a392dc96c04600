import { setTimeout as delay } from 'node:timers/promises';
import type { Subscription } from 'nats';
import { NotFoundError } from '../../model/errors';
import { isMadeByRun } from '../../model/smoke-test';
import type { Admin, SmokeGroup, SmokeRecord, SmokeRecords } from '../admin';
import type { ClientConnection } from '../messaging/connection/client-connection';
import { jetStreamRequest } from '../messaging/connection/jetstream-api';
import type { MessagingSession } from '../messaging/messaging-session';
import { deleteLeftOverMessages } from './left-over-messages';

/** The connections that a removal needs; each is opened when it is asked for. */
export interface BrokerConnections {
  session(): Promise<MessagingSession>;
  admin(): Promise<Admin>;
  records(): Promise<SmokeRecords>;
}

/** How often, and how far apart, a run is called before it counts as dead: longer than a connection takes to come back. */
const CALLS = 3;
const CALL_INTERVAL_MS = 500;
const CALL_TIMEOUT_MS = 1_000;

/** What the server answers for a subject that nobody listens to. */
const NOBODY_LISTENS = '503';

/** Where a run answers as long as it lives. */
const lifeSubject = (runId: string): string => `_INBOX.cdktf-memphis-smoke.${runId}`;

/** Lets other runs find out that this one is alive. */
export function answerOthers(connection: ClientConnection, runId: string): Subscription {
  return connection.subscribe(lifeSubject(runId), (message) => {
    message.respond('alive');
  });
}

/**
 * Removes the stations, the consumer groups and the messages of runs that have ended without removing them. A run that is alive
 * answers, and keeps what it has made.
 */
export async function removeLeftOvers(broker: BrokerConnections): Promise<void> {
  const [{ connection }, records] = await Promise.all([broker.session(), broker.records()]);
  const left = [...(await records.list())];
  await Promise.all(
    left.map(async ([runId, record]) => {
      if (await isAlive(connection, runId)) return;
      await removeMade(broker, runId, record);
      await deleteLeftOverMessages(connection, records, runId, record);
      await records.erase(runId);
    }),
  );
}

/**
 * Removes what one run has made. What is gone already is fine. Every name is checked: a record that somebody changed must
 * cost nobody a station or the place of a consumer group.
 */
export async function removeMade(
  broker: BrokerConnections,
  runId: string,
  { stations, groups }: SmokeRecord,
): Promise<void> {
  const { connection } = await broker.session();
  for (const station of stations.filter((name) => isMadeByRun('station', name, runId)))
    await (await broker.admin()).removeStation(station);
  const own = groups.filter(({ durable }) => isMadeByRun('group', durable, runId));
  await Promise.all(own.map(async (group) => removeGroup(connection, group)));
}

async function removeGroup(connection: ClientConnection, { stream, durable }: SmokeGroup): Promise<void> {
  try {
    await jetStreamRequest(
      connection,
      `CONSUMER.DELETE.${stream}.${durable}`,
      undefined,
      `remove the consumer group "${durable}" that a smoke test left behind`,
    );
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

async function isAlive(connection: ClientConnection, runId: string): Promise<boolean> {
  for (let call = 0; call < CALLS; call += 1) {
    if (call > 0) await delay(CALL_INTERVAL_MS);
    try {
      await connection.nats.request(lifeSubject(runId), '', { timeout: CALL_TIMEOUT_MS });
      return true;
    } catch (error) {
      // A run that is too busy to answer is alive all the same.
      if ((error as { readonly code?: unknown }).code !== NOBODY_LISTENS) return true;
    }
  }
  return false;
}
