import { ValidationError } from '../../../model/errors';
import type { NamedKind } from '../../../model/names';
import { nameProblem } from '../../../model/names';
import { kindOf } from '../../../schema/message-bytes';

/**
 * The checks of the options of a call that are not fields of the model; `model/validation` checks those. Each `...Problem` returns what is wrong with one option, or undefined when nothing is;
 * a call collects them and throws all of them at once.
 * @throws ValidationError with every problem, each once, if there is any.
 */
export function assertNoProblems(attempted: string, problems: readonly (string | undefined)[]): void {
  const found = new Set(problems);
  found.delete(undefined);
  if (found.size > 0) throw new ValidationError(attempted, [...found] as string[]);
}

/** @throws ValidationError for what is not an object, which a program without types may pass. */
export function assertIsObject(attempted: string, options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  throw new ValidationError(attempted, [`the options are ${shownOption(options)}; give an object`]);
}

const LONGEST_SHOWN = 60;

/** An invalid value in a few words, for an error. Not for secrets. */
export function shownOption(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  return `of the type ${kindOf(value)}`;
}

/** What is attempted, with the name of its object if that has one: `create station "orders"`. */
export function attemptedOn(attempted: string, name: unknown): string {
  return typeof name === 'string' && name !== '' ? `${attempted} "${name}"` : attempted;
}

/**
 * The same for the options of a call, which may be anything: `create the producer "p" on station "orders"`.
 * @param parts what comes before each name, and the option that has it
 */
export function attemptedWith(
  options: unknown,
  parts: readonly (readonly [words: string, option: string])[],
): string {
  const given = (typeof options === 'object' && options !== null ? options : {}) as Record<string, unknown>;
  const named = parts.filter(([, option], index) => index === 0 || attemptedOn('', given[option]) !== '');
  return named.map(([words, option]) => attemptedOn(words, given[option])).join(' ');
}

/** For an option that must be text or left out. */
export function textProblem(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return undefined;
  return `${name} is ${shownOption(value)}; it must be text`;
}

/** The same for a secret: the error shows its type only. */
export function secretProblem(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return undefined;
  return `${name} has the type ${kindOf(value)}; it must be text`;
}

/** For a text that must be given; it may be empty. */
export function requiredTextProblem(name: string, value: unknown): string | undefined {
  return value === undefined ? `${name} is missing` : textProblem(name, value);
}

/** For a required name; what is wrong with its text is said in the broker's words. */
export function nameOptionProblem(kind: NamedKind, name: string, value: unknown): string | undefined {
  return typeof value === 'string' ? nameProblem(kind, value) : requiredTextProblem(name, value);
}

/** The longest wait of a timer of Node.js, about 24.8 days; with a longer one it would fire at once. */
export const LONGEST_WAIT_MS = 2_147_483_647;

/** For an option that must be a whole number. */
export function wholeNumberProblem(
  name: string,
  value: unknown,
  least: number,
  most: number,
): string | undefined {
  if (isWholeNumber(value, least, most)) return undefined;
  return `${name} is ${shownOption(value)}; it must be a whole number from ${least} to ${most}`;
}

/** The same for a time in milliseconds that a timer waits for, or the broker keeps. */
export function timeProblem(name: string, value: unknown, least: number): string | undefined {
  if (isWholeNumber(value, least, LONGEST_WAIT_MS)) return undefined;
  return `${name} is ${shownOption(value)}; it must be a whole number of ${least} or more, at most ${LONGEST_WAIT_MS} (milliseconds)`;
}

export function isWholeNumber(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** For an option that must be true, false or left out. */
export function flagProblem(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'boolean') return undefined;
  return `${name} is ${shownOption(value)}; it must be true or false`;
}

/** For an option that must be an `AbortSignal` or left out. */
export function signalProblem(value: unknown): string | undefined {
  if (value === undefined || isSignal(value)) return undefined;
  return `signal is ${shownOption(value)}; it must be an AbortSignal`;
}

/** Checks the members that this client uses: a signal of another realm or of a library is not an instance of this class. */
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
