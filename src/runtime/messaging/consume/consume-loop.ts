import { plural } from '../../../model/error-text';
import { errorText, HandlerError } from '../../../model/errors';
import type { Message } from './message';

/** What was stored with `setContext`; the library only hands it through. */
export type ConsumeContext = Readonly<Record<string, unknown>>;

/**
 * Receives the messages of one poll. It is awaited before the next poll. After a poll without any message `messages`
 * is empty and `error` says why.
 */
export type MessageHandler<T = unknown> = (
  messages: Message<T>[],
  error: Error | undefined,
  context: ConsumeContext,
) => void | Promise<void>;

/** The first pause after an error; it doubles with each further one. */
const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 10_000;

export interface ConsumeLoopParts<T> {
  /** Where the messages come from, for errors. */
  readonly source: string;
  /** One poll. An empty one gives the error that the handler is to hear. */
  readonly poll: () => Promise<Message<T>[]>;
  readonly emptyRound: () => Error;
  /** Whether it makes no sense to poll again after this error. */
  readonly isFinal: (error: Error) => Promise<boolean>;
  readonly handler: MessageHandler<T>;
  readonly context: () => ConsumeContext;
  readonly pullIntervalMs: number;
  readonly reportError: (error: Error) => void;
}

/** Polls and hands over, strictly one after the other, until it is stopped or there is nothing left to poll. */
export class ConsumeLoop<T> {
  readonly #parts: ConsumeLoopParts<T>;
  #stopped = false;
  #handling: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;

  constructor(parts: ConsumeLoopParts<T>) {
    this.#parts = parts;
    void this.#run();
  }

  /** From now on the handler is not called any more. A call that is under way goes on. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Resolves when no call of the handler is under way. After `stop` none begins, except for that of `endWith`. */
  async handlerDone(): Promise<void> {
    let handling: Promise<void>;
    do {
      handling = this.#handling;
      await handling;
    } while (handling !== this.#handling);
  }

  /** Ends, after the handler has heard of the reason. */
  endWith(error: Error): void {
    if (this.#isStopped()) return;
    this.stop();
    void this.#handling.then(async () => this.#handle([], error));
  }

  async #run(): Promise<void> {
    let backOff = FIRST_BACK_OFF_MS;
    while (!this.#isStopped()) {
      const outcome = await this.#poll();
      if (this.#isStopped()) return;
      if (outcome instanceof Error) {
        const isFinal = await this.#parts.isFinal(outcome);
        if (this.#isStopped()) return;
        if (isFinal) this.stop();
        await this.#handle([], outcome);
        await this.#pause(backOff);
        backOff = Math.min(backOff * 2, LONGEST_BACK_OFF_MS);
        continue;
      }
      backOff = FIRST_BACK_OFF_MS;
      const polled = performance.now();
      await this.#handle(outcome, outcome.length === 0 ? this.#parts.emptyRound() : undefined);
      // The time between two polls: what the handler took is a part of it.
      await this.#pause(Math.round(this.#parts.pullIntervalMs - (performance.now() - polled)));
    }
  }

  /** A method, because the flag changes while the loop awaits. */
  #isStopped(): boolean {
    return this.#stopped;
  }

  async #poll(): Promise<Message<T>[] | Error> {
    try {
      return await this.#parts.poll();
    } catch (error) {
      return error instanceof Error ? error : new Error(errorText(error));
    }
  }

  #handle(messages: Message<T>[], error: Error | undefined): Promise<void> {
    this.#handling = this.#call(messages, error);
    return this.#handling;
  }

  async #call(messages: Message<T>[], error: Error | undefined): Promise<void> {
    try {
      await this.#parts.handler(messages, error, this.#parts.context());
    } catch (thrown) {
      this.#parts.reportError(
        new HandlerError({
          attempted: `handle ${plural(messages.length, 'message')} of ${this.#parts.source}`,
          found: `the handler threw: ${errorText(thrown)}`,
          next: 'Messages that it did not acknowledge are delivered again; catch errors in the handler to decide otherwise',
          cause: thrown,
        }),
      );
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#isStopped() || milliseconds < 1) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
