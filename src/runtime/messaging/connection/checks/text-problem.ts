import type { NamedKind } from '../../../../model/names';
import { nameProblem } from '../../../../model/names';
import { kindOf } from '../../../../schema/message-bytes';
import { shownValue } from './shown-value';

/** What is wrong with a value that has to be text or left out; undefined when nothing is. */
export function textProblem(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return undefined;
  return `${name} is ${shownValue(value)}; it must be text`;
}

/** The same for a secret, of which only the type may be told. */
export function secretProblem(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return undefined;
  return `${name} has the type ${kindOf(value)}; it must be text`;
}

/** What is wrong with a text that must be given; an empty one is not judged. */
export function requiredTextProblem(name: string, value: unknown): string | undefined {
  return value === undefined ? `${name} is missing` : textProblem(name, value);
}

/** What is wrong with a required name, in the words of the broker where it is a text. */
export function nameOptionProblem(kind: NamedKind, name: string, value: unknown): string | undefined {
  return typeof value === 'string' ? nameProblem(kind, value) : requiredTextProblem(name, value);
}
