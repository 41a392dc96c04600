import { ClosedError, ConnectionError } from '../../../model/errors';
import { onAbort } from '../../connection/waiting';

/** An outage is taken for longer than it was by so much, at the most. */
const HEARTBEAT_MS = 60_000;

/** Whether a connection lives: it can be lost and come back, until it is closed for good. Notifies its listeners. */
export class Liveness {
  #isConnected = true;
  #isClosed = false;
  /**
   * When it was alive for sure, by the clock on the wall: a machine that sleeps is away for the broker as well, and notices
   * the loss only when it wakes up.
   */
  #aliveAt = Date.now();
  #longestGapMs = 0;
  readonly #heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  readonly #lossListeners = new Set<(error: Error) => void>();
  readonly #returnListeners = new Set<(outageMs: number) => void>();
  readonly #waiting = new Set<{ connected: () => void; lost: (error: Error) => void }>();

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Calls `listener` each time the connection is lost or closed. */
  onLoss(listener: (error: Error) => void): () => void {
    this.#lossListeners.add(listener);
    return () => void this.#lossListeners.delete(listener);
  }

  /** Calls `listener` each time the connection is back, with how long it was lost. */
  onReturn(listener: (outageMs: number) => void): void {
    this.#returnListeners.add(listener);
  }

  /**
   * Waits until there is a live connection. What is sent while there is none would be lost without a word.
   * @throws ClosedError at once when the connection is closed for good; ConnectionError when the time is over; the reason
   *   of the signal when that is aborted, also if there is a connection.
   */
  async ready(attempted: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closedError(attempted);
    if (this.#isConnected) return;
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        connected: () => settle(resolve),
        lost: (cause: Error) => settle(() => reject(closedError(attempted, cause))),
      };
      const timer = setTimeout(
        () =>
          settle(() =>
            reject(
              new ConnectionError({
                attempted,
                found: `the connection is lost and did not come back within ${timeoutMs} ms`,
                next: 'Check that the broker is running; the client reconnects in the background',
              }),
            ),
          ),
        timeoutMs,
      );
      const stopListening =
        signal === undefined
          ? undefined
          : onAbort(signal, () => settle(() => reject(signal.reason as Error)));
      const settle = (done: () => void): void => {
        stopListening?.();
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        done();
      };
      this.#waiting.add(waiter);
    });
  }

  lost(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#notifyLoss(
      new ConnectionError({
        attempted: 'keep the connection to the broker',
        found: 'it was lost',
        next: 'The client reconnects in the background, unless reconnect is off',
      }),
    );
  }

  back(): void {
    this.#isConnected = true;
    for (const waiter of [...this.#waiting]) waiter.connected();
    this.#beat();
    const outageMs = this.#longestGapMs;
    this.#longestGapMs = 0;
    for (const listener of [...this.#returnListeners]) listener(outageMs);
  }

  /** @returns what everybody was told; undefined when it had ended before. */
  ended(cause: unknown): ClosedError | undefined {
    if (this.#isClosed) return undefined;
    this.#isClosed = true;
    this.#isConnected = false;
    clearInterval(this.#heartbeat);
    const error = closedError('keep the connection to the broker', cause);
    for (const waiter of [...this.#waiting]) waiter.lost(error);
    this.#notifyLoss(error);
    return error;
  }

  #beat(): void {
    if (!this.#isConnected) return;
    const now = Date.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#aliveAt);
    this.#aliveAt = now;
  }

  #notifyLoss(error: Error): void {
    for (const listener of [...this.#lossListeners]) listener(error);
  }
}

function closedError(attempted: string, cause?: unknown): ClosedError {
  return new ClosedError({
    attempted,
    found: cause instanceof Error ? `the connection is closed: ${cause.message}` : 'the connection is closed',
    next: 'Connect again',
    ...(cause === undefined ? {} : { cause }),
  });
}
