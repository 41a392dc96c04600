import type { ErrorParts } from '../../model/errors';
import { TimeoutError } from '../../model/errors';

/** What every call that waits takes. */
export interface WaitOptions {
  /**
   * Ends the waiting: the call rejects with the `reason` of the signal. With a signal that is aborted already nothing is
   * sent and nothing changes. An abort undoes nothing: what was sent before may still happen on the broker. Default none.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The listeners for the abort of one signal. A signal walks all of its listeners for each one that is added or removed, which
 * is slow with ten thousand messages under way; so it gets one listener for all of them.
 */
class AbortListeners {
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<() => void>();
  readonly #aborted = (): void => {
    this.#leave();
    // One that is taken away meanwhile is not called any more, as is usual for listeners.
    for (const listener of this.#listeners) {
      this.#listeners.delete(listener);
      listener();
    }
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#aborted);
  }

  add(listener: () => void): void {
    this.#listeners.add(listener);
  }

  delete(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#leave();
  }

  #leave(): void {
    this.#signal.removeEventListener('abort', this.#aborted);
    if (listenersOf.get(this.#signal) === this) listenersOf.delete(this.#signal);
  }
}

const listenersOf = new WeakMap<AbortSignal, AbortListeners>();

/**
 * Calls `listener` when the signal is aborted; never when that is so already.
 * @returns a function that takes the listener away again. It is to be called in any case.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const listeners = listenersOf.get(signal) ?? new AbortListeners(signal);
  listenersOf.set(signal, listeners);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Begins work and waits for it, or until the signal is aborted. The work itself goes on then, unless it looks at the signal;
 * how it ends is of no interest any more.
 * @throws what the work throws; the reason of the signal. If that is aborted already, the work is not begun.
 */
export async function untilAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stopListening = onAbort(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    stopListening();
  }
}

/**
 * Rejects when a promise takes too long, or the signal is aborted; the promise itself goes on.
 * @param late what the error says when the time is over.
 */
export async function withTimeout<T>(
  promise: Promise<T>,
  timeoutMs: number,
  attempted: string,
  signal?: AbortSignal,
  late = (): Omit<ErrorParts, 'attempted'> => ({ found: `it did not finish within ${timeoutMs} ms` }),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError({ attempted, ...late() })), timeoutMs);
  });
  try {
    return await untilAborted(signal, () => Promise.race([promise, isLate]));
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}
