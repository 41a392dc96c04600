import type { ErrorParts } from '../../model/errors';
import { TimeoutError } from '../../model/errors';
import { untilAborted } from './abort';

/**
 * Rejects when a promise takes too long, or the signal is aborted; the promise itself goes on.
 * @param late what the error says when the time is over.
 */
export async function within<T>(
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
