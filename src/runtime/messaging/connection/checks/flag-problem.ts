import { shownValue } from './shown-value';

/** What is wrong with a value that has to be true, false or left out; undefined when nothing is. */
export function flagProblem(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'boolean') return undefined;
  return `${name} is ${shownValue(value)}; it must be true or false`;
}
