import { shownValue } from './shown-value';

/** The longest wait of a timer of Node.js, about 24.8 days; with a longer one it would fire at once. */
export const LONGEST_WAIT_MS = 2_147_483_647;

/** What is wrong with a value that has to be a whole number; undefined when nothing is. */
export function wholeNumberProblem(
  name: string,
  value: unknown,
  least: number,
  most: number,
): string | undefined {
  if (isWholeNumber(value, least, most)) return undefined;
  return `${name} is ${shownValue(value)}; it must be a whole number from ${least} to ${most}`;
}

/** The same for a time in milliseconds that a timer waits for, or the broker keeps. */
export function timeProblem(name: string, value: unknown, least: number): string | undefined {
  if (isWholeNumber(value, least, LONGEST_WAIT_MS)) return undefined;
  return `${name} is ${shownValue(value)}; it must be a whole number of ${least} or more, at most ${LONGEST_WAIT_MS} (milliseconds)`;
}

export function isWholeNumber(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
