import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '../../model/errors';
import { SMOKE_HEADER, SMOKE_MESSAGE_HEADER } from '../../model/smoke-test';
import type { Producer } from '../messaging';
import type { Schedule } from './schedule';
import type { Traffic } from './traffic';

/** So many messages are under way at most; it bounds the memory of a load that the broker cannot take. */
const MOST_OUTSTANDING = 20_000;
const MOST_OUTSTANDING_BYTES = 64 * 1024 * 1024;

/** The event loop turns at least this often, so that acknowledgements and arrivals are seen while messages are sent. */
const BURST = 200;

const POLL_MS = 1;

/** What the sending showed. */
export interface Sending {
  /** How often and for how long the most outstanding messages held it back. */
  readonly waitedMs: number;
  /** How late the latest message was sent. */
  readonly mostLateMs: number;
  readonly milliseconds: number;
}

/** How messages are sent. */
export interface SenderOptions {
  readonly producers: readonly Producer[];
  readonly schedule: Schedule;
  readonly runId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly messageIds: boolean;
  /** So many messages may be stored and not yet received; a station with a small limit drops what is more. */
  readonly mostUnread: number;
  /** Ends the sending. */
  readonly signal: AbortSignal;
}

/**
 * Sends the messages of a test when they are due, whether or not earlier ones have been acknowledged, and waits for all
 * acknowledgements.
 * @throws the first error of a message that the broker did not store.
 */
export async function send(traffic: Traffic, options: SenderOptions): Promise<Sending> {
  const { schedule, producers, runId, headers, messageIds, mostUnread, signal } = options;
  const begin = performance.now();
  const most = Math.min(
    MOST_OUTSTANDING,
    Math.max(1, Math.floor(MOST_OUTSTANDING_BYTES / Math.max(1, traffic.payloadOf(0).byteLength))),
  );
  let outstanding = 0;
  let failure: Error | undefined;
  // A function, because both change while this one waits.
  const isOver = (): boolean => failure !== undefined || signal.aborted;
  let waitedMs = 0;
  let mostLateMs = 0;
  let changed = (): void => undefined;
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone() && !isOver()) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
  };
  const ended = (): void => {
    outstanding -= 1;
    if (outstanding === 0 || outstanding === most - 1 || failure !== undefined) changed();
  };
  signal.addEventListener('abort', () => changed(), { once: true });

  for (let number = 0; number < schedule.total && !isOver(); number += 1) {
    const dueMs = schedule.dueMs(number);
    const aheadMs = dueMs === undefined ? 0 : begin + dueMs - performance.now();
    if (aheadMs >= 1) await delay(Math.floor(aheadMs));
    else if (number % BURST === BURST - 1) await new Promise(setImmediate);
    if (outstanding >= most) {
      const full = performance.now();
      await until(() => outstanding < most || failure !== undefined);
      waitedMs += performance.now() - full;
    }
    while (number - traffic.received >= mostUnread && !isOver()) {
      await delay(POLL_MS);
    }
    const now = performance.now();
    const dueAt = dueMs === undefined ? now : begin + dueMs;
    mostLateMs = Math.max(mostLateMs, now - dueAt);
    const producer = producers[number % producers.length];
    if (producer === undefined) break;
    traffic.begin(dueAt);
    outstanding += 1;
    const key = traffic.keyOf(number);
    producer
      .produce({
        message: traffic.payloadOf(number),
        headers: { ...headers, [SMOKE_HEADER]: runId, [SMOKE_MESSAGE_HEADER]: String(number) },
        ...(messageIds ? { msgId: `${runId}-${number}` } : {}),
        ...(key === undefined ? {} : { producerPartitionKey: key }),
      })
      .then(
        ({ partition, sequence }) => {
          traffic.acknowledge(number, partition, sequence);
          ended();
        },
        (error: unknown) => {
          failure ??= error instanceof Error ? error : new Error(errorText(error));
          ended();
        },
      );
  }
  await until(() => outstanding === 0 || failure !== undefined);
  if (failure !== undefined) throw failure;
  return { waitedMs, mostLateMs, milliseconds: performance.now() - begin };
}
