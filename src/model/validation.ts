import type * as zod from 'zod';
import type { FieldFacts, Fields, Words } from './field';
import { fieldNames, validValues } from './field';
import { MAX_NAME_BYTES, nameProblem } from './names';

// Loading it takes longer than all else that a provider process loads, and most of them only describe themselves.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- `import` would load the package at once
const zodPackage = () => require('zod') as typeof zod;

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
  const problems: string[] = [];
  const wrong = new Set<string>();
  for (const name of fieldNames(checks.fields)) {
    if (unknown.has(name)) continue;
    const field: FieldFacts = checks.fields[name];
    const value = given[name];
    if (value === undefined && field.required !== true) continue;
    for (const issue of typeOf(field, isUnknown).safeParse(value).error?.issues ?? []) {
      wrong.add(name);
      // The type is shared by callers with other words.
      const message = field.type === 'choice' ? validValues(field, checks.words) : issue.message;
      problems.push(describe(name, value, message, field));
    }
  }
  for (const rule of checks.rules ?? []) {
    if (rule.fields.some((name) => unknown.has(name) || wrong.has(name))) continue;
    const problem = rule.problem(knownParts(given, isUnknown) as Partial<D>);
    if (problem !== undefined) problems.push(problem);
  }
  return [...new Set(problems)];
}

function describe(name: string, value: unknown, message: string, field: FieldFacts): string {
  if (value === undefined) return `${name} is missing; it ${message}`;
  const absent = value === null && field.required !== true ? ', or be left out' : '';
  return `${name} is ${shownValue(value)}; it ${message}${absent}`;
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
const types = new WeakMap<object, WeakMap<FieldFacts, zod.ZodType>>();

/** The type of a field. Building one takes a hundred times as long as checking a value against it. */
function typeOf(field: FieldFacts, isUnknown: (value: unknown) => boolean): zod.ZodType {
  const known = types.get(isUnknown) ?? new WeakMap<FieldFacts, zod.ZodType>();
  types.set(isUnknown, known);
  const type = known.get(field) ?? zodType(field, isUnknown);
  known.set(field, type);
  return type;
}

function zodType(field: FieldFacts, isUnknown: (value: unknown) => boolean): zod.ZodType {
  const { z } = zodPackage();
  const error = validValues(field);
  switch (field.type) {
    case 'integer':
      return z
        .number({ error })
        .refine(Number.isSafeInteger, { error })
        .refine(
          (value) => value >= (field.minimum ?? 0) && value <= (field.maximum ?? Number.MAX_SAFE_INTEGER),
          { error },
        );
    case 'flag':
      return z.boolean({ error });
    case 'choice':
      return z.enum(field.values ?? [], { error });
    case 'textSet':
      return z.array(
        z.custom<string>((value) => typeof value === 'string' || isUnknown(value), { error }),
        { error },
      );
    case 'text':
      return nameOrText(field, error);
  }
}

function nameOrText(field: FieldFacts, error: string): zod.ZodType {
  const { z } = zodPackage();
  const text = z.string({ error });
  const { names } = field;
  if (names === undefined) return text.refine((value) => value !== '', { error: 'must not be empty' });
  const maximum = field.maximumBytes ?? MAX_NAME_BYTES;
  return text.refine(
    (value) => nameProblem(names, value) === undefined && Buffer.byteLength(value) <= maximum,
    { error },
  );
}
