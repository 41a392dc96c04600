import { ValidationError } from '../../../../model/errors';
import { shownValue } from './shown-value';

/** @throws ValidationError with every problem, each told once, if there is any. */
export function assertNoProblems(attempted: string, problems: readonly (string | undefined)[]): void {
  const found = new Set(problems);
  found.delete(undefined);
  if (found.size > 0) throw new ValidationError(attempted, [...found] as string[]);
}

/** @throws ValidationError for programs without types that give no options, or something that holds none. */
export function assertIsObject(attempted: string, options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  throw new ValidationError(attempted, [`the options are ${shownValue(options)}; give an object`]);
}
