import { TimeoutError } from '../../model/errors';
import { untilAborted } from './abort';

/** Rejects when a promise takes too long, or the signal is aborted; the promise itself goes on. */
export async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  attempted: string,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new TimeoutError({ attempted, found: `no end within ${timeoutMs} ms` })),
      timeoutMs,
    );
  });
  try {
    return await untilAborted(signal, () => Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}
