import { Duration } from './duration';
import type { FieldFacts, Fields, Words } from './field';
import { fieldNames, validValues } from './field';
import { MAX_NAME_BYTES, nameProblem } from './names';
import { Size } from './size';

/** A rule over more than one field. */
export interface Rule<D> {
  /** The fields it looks at; the rule is skipped while one of them is not known yet. Of a list it sees what is known. */
  readonly fields: readonly (keyof D & string)[];
  /** The problem in one sentence; undefined when there is none. */
  problem(declaration: Partial<D>): string | undefined;
}

/** What to check a declaration against. */
export interface Checks<D> {
  readonly fields: Fields<D>;
  readonly rules?: readonly Rule<D>[];
  /** Whose words the problems use. Default: those of Terraform and the broker. */
  readonly words?: Words;
  /** Tells values that will be known only when the stack is deployed; they are not checked. */
  readonly isUnknown?: (value: unknown) => boolean;
}

/**
 * Everything that is wrong with a declaration, each problem with the field, the given value and the valid values.
 * @returns an empty list when the declaration is valid.
 */
export function problemsOf<D extends object>(declaration: D, checks: Checks<D>): string[] {
  const isUnknown = checks.isUnknown ?? allKnown;
  const given = declaration as Readonly<Record<string, unknown>>;
  const unknown = new Set(fieldNames(checks.fields).filter((name) => isUnknown(given[name])));
  const defaults = Object.fromEntries(
    fieldNames(checks.fields).map((name) => [name, checks.fields[name].default]),
  );
  const problems: string[] = [];
  const wrong = new Set<string>();
  for (const name of fieldNames(checks.fields)) {
    if (unknown.has(name)) continue;
    const facts = isQuantity(given[name])
      ? inUnitOf(checks.fields[name], { ...defaults, ...given })
      : checks.fields[name];
    const problem = fieldProblem(name, given[name], facts, { ...checks, isUnknown });
    if (problem === undefined) continue;
    wrong.add(name);
    problems.push(problem);
  }
  for (const rule of checks.rules ?? []) {
    if (rule.fields.some((name) => unknown.has(name) || wrong.has(name))) continue;
    const problem = rule.problem(knownParts(given, isUnknown) as Partial<D>);
    if (problem !== undefined) problems.push(problem);
  }
  return [...new Set(problems)];
}

/**
 * What is wrong with the value of one field, in a sentence with the valid values; undefined when nothing is. Props,
 * attributes and the options of the messaging client are all checked here. Plain code, because a validation library takes
 * longer to load than the rest of a provider process or a client that connects.
 */
export function fieldProblem(
  name: string,
  value: unknown,
  field: FieldFacts,
  { words, isUnknown = allKnown }: Pick<Checks<never>, 'words' | 'isUnknown'> = {},
): string | undefined {
  if (value === undefined) {
    return field.required === true ? `${name} is missing; it ${validValues(field, words)}` : undefined;
  }
  if (fits(field, value, isUnknown)) return undefined;
  const absent = value === null && field.required !== true ? ', or be left out' : '';
  const isPlain = field.names === undefined && field.format === undefined;
  const isEmpty = value === '' && field.type === 'text' && isPlain;
  const must = isEmpty ? 'must not be empty' : validValues(field, words);
  const shown = field.secret === true && value !== null ? 'not valid' : shownValue(value);
  return `${name} is ${shown}; it ${must}${quantityInstead(field, value)}${absent}`;
}

/** A quantity of the wrong kind; one of the right kind has become a number. */
const isQuantity = (value: unknown): boolean => Duration.isDuration(value) || Size.isSize(value);

/** The same field with the unit that it has beside the other values. */
function inUnitOf(field: FieldFacts, declaration: Readonly<Record<string, unknown>>): FieldFacts {
  const unit = field.unitIn?.(declaration);
  return unit === undefined ? field : { ...field, unit };
}

/** Which quantity fits where one of the other kind was given. */
function quantityInstead(field: FieldFacts, value: unknown): string {
  if (field.unitIn === undefined) return '';
  const { unit = '' } = field;
  if (Duration.isDuration(value) && unit.startsWith('bytes')) return ', or a Size';
  return Size.isSize(value) && unit === 'seconds' ? ', or a Duration' : '';
}

function fits(field: FieldFacts, value: unknown, isUnknown: (value: unknown) => boolean): boolean {
  switch (field.type) {
    case 'integer':
      return (
        Number.isSafeInteger(value) &&
        (value as number) >= (field.minimum ?? 0) &&
        (value as number) <= (field.maximum ?? Number.MAX_SAFE_INTEGER)
      );
    case 'flag':
      return typeof value === 'boolean';
    case 'choice':
      return (field.values as readonly unknown[] | undefined)?.includes(value) === true;
    case 'textSet':
      return (
        Array.isArray(value) &&
        (field.nonEmpty !== true || value.length > 0) &&
        value.every((item) => isUnknown(item) || hasFormat(field, item))
      );
    case 'text':
      return value !== '' && hasFormat(field, value) && isNameFor(field, value);
  }
}

function hasFormat({ format }: FieldFacts, value: unknown): value is string {
  return typeof value === 'string' && format?.pattern.test(value) !== false;
}

function isNameFor({ names, maximumBytes = MAX_NAME_BYTES }: FieldFacts, value: string): boolean {
  return (
    names === undefined ||
    (nameProblem(names, value) === undefined && Buffer.byteLength(value) <= maximumBytes)
  );
}

/** A value in a few words, for an error. Not for secrets. */
export function shownValue(value: unknown): string {
  const text = textOf(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function textOf(value: unknown): string {
  if (value === undefined || typeof value === 'number' || typeof value === 'symbol') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (Duration.isDuration(value)) return `a Duration of ${value.toString()}`;
  if (Size.isSize(value)) return `a Size of ${value.toString()}`;
  try {
    return JSON.stringify(value);
  } catch {
    // A circle of objects, such as a construct.
    return 'an object';
  }
}

/** What rules look at: no nulls, and of a list the elements that are known. */
function knownParts(
  given: Readonly<Record<string, unknown>>,
  isUnknown: (value: unknown) => boolean,
): Record<string, unknown> {
  const parts = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    parts.map(([name, value]) => [
      name,
      Array.isArray(value) ? value.filter((element) => !isUnknown(element)) : value,
    ]),
  );
}

const allKnown = (): boolean => false;
