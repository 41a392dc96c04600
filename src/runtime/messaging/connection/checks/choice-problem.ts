import { shownValue } from './shown-value';

/** What is wrong with a value that has to be one of a few texts or left out; undefined when nothing is. */
export function choiceProblem(name: string, value: unknown, choices: readonly string[]): string | undefined {
  if (value === undefined || (choices as readonly unknown[]).includes(value)) return undefined;
  return `${name} is ${shownValue(value)}; it can be one of ${choices.join(', ')}`;
}
