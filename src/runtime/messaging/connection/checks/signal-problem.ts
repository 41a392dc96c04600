import { shownValue } from './shown-value';

/** What is wrong with a value that has to be a signal or left out; undefined when nothing is. */
export function signalProblem(value: unknown): string | undefined {
  if (value === undefined || isSignal(value)) return undefined;
  return `signal is ${shownValue(value)}; it must be an AbortSignal`;
}

/** Judged by what is used of it, because a signal of another realm or of a library is no instance of this one's class. */
export function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, throwIfAborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' &&
    typeof throwIfAborted === 'function' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  );
}
