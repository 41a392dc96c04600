import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '../../model/errors';
import { headerLines } from '../messaging/connection/headers';
import type { Producer } from '../messaging';
import { Mark } from './mark';
import type { Schedule } from './schedule';
import type { Traffic } from './traffic';

/** So many messages are under way at most. More make no broker faster, and cost this process memory and time. */
const MOST_OUTSTANDING = 4_000;
const MOST_OUTSTANDING_BYTES = 64 * 1024 * 1024;

/** The event loop turns at least this often, so that acknowledgements and arrivals are seen while messages are sent. */
const BURST = 250;

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
  readonly producers: readonly Pick<Producer, 'dispatch'>[];
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
  return new Sender(traffic, options).run();
}

class Sender {
  readonly #traffic: Traffic;
  readonly #options: SenderOptions;
  readonly #mark: Mark;
  /** What is the same in the headers of all messages. */
  readonly #lines: string;
  readonly #most: number;
  #next = 0;
  #outstanding = 0;
  #failure: Error | undefined;
  #waitedMs = 0;
  #mostLateMs = 0;
  #changed = (): void => undefined;

  constructor(traffic: Traffic, options: SenderOptions) {
    this.#traffic = traffic;
    this.#options = options;
    this.#mark = new Mark(options.runId);
    this.#lines = headerLines(options.headers);
    const bytes = Math.max(1, traffic.payloadOf(0).byteLength);
    this.#most = Math.min(MOST_OUTSTANDING, Math.max(1, Math.floor(MOST_OUTSTANDING_BYTES / bytes)));
    options.signal.addEventListener('abort', () => this.#changed(), { once: true });
  }

  async run(): Promise<Sending> {
    const { schedule } = this.#options;
    const begin = performance.now();
    while (this.#next < schedule.total && !this.#isOver()) {
      this.#sendDue(begin);
      if (this.#next < schedule.total) await this.#untilMore(begin);
    }
    await this.#until(() => this.#outstanding === 0);
    if (this.#failure !== undefined) throw this.#failure;
    return {
      waitedMs: this.#waitedMs,
      mostLateMs: this.#mostLateMs,
      milliseconds: performance.now() - begin,
    };
  }

  #isOver(): boolean {
    return this.#failure !== undefined || this.#options.signal.aborted;
  }

  /** Sends what is due and has room, up to a burst. */
  #sendDue(begin: number): void {
    const { total, dueMs } = this.#options.schedule;
    const end = Math.min(total, this.#next + BURST);
    while (this.#next < end && this.#hasRoom() && this.#failure === undefined) {
      const due = dueMs(this.#next);
      const now = performance.now();
      const dueAt = due === undefined ? now : begin + due;
      if (dueAt > now) return;
      this.#mostLateMs = Math.max(this.#mostLateMs, now - dueAt);
      this.#send(dueAt);
    }
  }

  #hasRoom(): boolean {
    return this.#outstanding < this.#most && !this.#isUnread();
  }

  #isUnread(): boolean {
    const { mostUnread } = this.#options;
    return mostUnread !== Infinity && this.#next - this.#traffic.received >= mostUnread;
  }

  #send(dueAt: number): void {
    const { producers, messageIds, runId } = this.#options;
    const traffic = this.#traffic;
    const number = this.#next;
    this.#next += 1;
    this.#outstanding += 1;
    traffic.begin(dueAt);
    try {
      producers[number % producers.length]?.dispatch(
        {
          message: traffic.payloadOf(number),
          headerLines: this.#lines + this.#mark.lines(number),
          msgId: messageIds ? `${runId}-${number}` : undefined,
          producerPartitionKey: traffic.keyOf(number),
        },
        (outcome) => {
          if (outcome instanceof Promise) outcome.catch((error: unknown) => this.#failed(error));
          else {
            traffic.acknowledge(number, outcome.partition, outcome.sequence);
            this.#ended();
          }
        },
      );
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(errorText(error));
    this.#ended();
  }

  #ended(): void {
    this.#outstanding -= 1;
    if (this.#outstanding === 0 || this.#outstanding === this.#most - 1 || this.#failure !== undefined)
      this.#changed();
  }

  /** Waits for what the next message waits for: room, its time, or only a turn of the event loop. */
  async #untilMore(begin: number): Promise<void> {
    if (this.#outstanding >= this.#most) {
      const full = performance.now();
      await this.#until(() => this.#outstanding < this.#most);
      this.#waitedMs += performance.now() - full;
      return;
    }
    if (this.#isUnread()) {
      await delay(POLL_MS);
      return;
    }
    const aheadMs = begin + (this.#options.schedule.dueMs(this.#next) ?? 0) - performance.now();
    if (aheadMs > 0) await delay(Math.max(1, Math.floor(aheadMs)));
    else await new Promise(setImmediate);
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone() && !this.#isOver()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
