import type { Check, CheckRun } from './check';
import { versions } from './dialect';
import type { Format } from './format';
import { formatCheck } from './format';
import { jsonSchemaPattern } from './pattern';
import type { SchemaPart } from './schema-part';
import { characterCount, identityOf, isMultiple } from './values';

/** The keywords that look at a value alone: its type, its size, its text. */
export function valueChecks(part: SchemaPart): readonly Check[] {
  return [typeCheck(part), ...numberChecks(part), ...stringChecks(part), ...equalityChecks(part)].filter(
    (check) => check !== undefined,
  );
}

const types: Readonly<Record<string, (value: unknown, version: number) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  string: (value) => typeof value === 'string',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

function typeCheck({ schema: { type }, version, placeOf }: SchemaPart): Check | undefined {
  if (type === undefined) return undefined;
  const names = (Array.isArray(type) ? type : [type]) as string[];
  const tests = names.flatMap((name) => types[name] ?? []);
  const place = placeOf('type');
  return (value, run) =>
    tests.some((test) => test(value, version)) ||
    run.fail('type', place, `must be ${names.join(',')}`, { type });
}

function numberChecks({ schema, version, placeOf }: SchemaPart): readonly Check[] {
  const checks: Check[] = [];
  const limit = (keyword: string, sign: string, holds: (value: number, limit: number) => boolean): void => {
    const bound = schema[keyword];
    if (typeof bound !== 'number') return;
    const place = placeOf(keyword);
    checks.push(
      (value, run) =>
        typeof value !== 'number' ||
        holds(value, bound) ||
        run.fail(keyword, place, `must be ${sign} ${bound}`, { comparison: sign, limit: bound }),
    );
  };
  const isStrict = (keyword: string): boolean => version === versions.draft04 && schema[keyword] === true;
  if (isStrict('exclusiveMaximum')) limit('maximum', '<', (value, bound) => value < bound);
  else limit('maximum', '<=', (value, bound) => value <= bound);
  if (isStrict('exclusiveMinimum')) limit('minimum', '>', (value, bound) => value > bound);
  else limit('minimum', '>=', (value, bound) => value >= bound);
  if (version > versions.draft04) {
    limit('exclusiveMaximum', '<', (value, bound) => value < bound);
    limit('exclusiveMinimum', '>', (value, bound) => value > bound);
  }
  const { multipleOf } = schema;
  if (typeof multipleOf === 'number') {
    const place = placeOf('multipleOf');
    checks.push(
      (value, run) =>
        typeof value !== 'number' ||
        isMultiple(value, multipleOf) ||
        run.fail('multipleOf', place, `must be multiple of ${multipleOf}`, { multipleOf }),
    );
  }
  return checks;
}

function stringChecks({ schema, placeOf }: SchemaPart): readonly Check[] {
  const { maxLength, minLength, pattern, format } = schema;
  const checks: Check[] = [];
  if (typeof maxLength === 'number') {
    const place = placeOf('maxLength');
    checks.push(
      (value, run) =>
        typeof value !== 'string' ||
        value.length <= maxLength ||
        characterCount(value) <= maxLength ||
        run.fail('maxLength', place, `must NOT have more than ${maxLength} characters`, { limit: maxLength }),
    );
  }
  if (typeof minLength === 'number') {
    const place = placeOf('minLength');
    checks.push(
      (value, run) =>
        typeof value !== 'string' ||
        characterCount(value) >= minLength ||
        run.fail('minLength', place, `must NOT have fewer than ${minLength} characters`, {
          limit: minLength,
        }),
    );
  }
  if (typeof pattern === 'string') {
    const place = placeOf('pattern');
    const compiled = jsonSchemaPattern(pattern);
    checks.push(
      (value, run) =>
        typeof value !== 'string' ||
        matches(compiled, value, run) ||
        run.fail('pattern', place, `must match pattern "${pattern}"`, { pattern }),
    );
  }
  if (typeof format === 'string') {
    const place = placeOf('format');
    // The formats are loaded when there is something to check.
    let known: Format | 'unknown' | undefined;
    checks.push((value, run) => {
      if (typeof value !== 'string' && typeof value !== 'number') return true;
      known ??= formatCheck(format) ?? 'unknown';
      return (
        known === 'unknown' ||
        known.ofNumbers !== (typeof value === 'number') ||
        known.test(value) ||
        run.fail('format', place, `must match format "${format}"`, { format })
      );
    });
  }
  return checks;
}

/** Characters that a pattern reads in the time of one step. */
const CHARACTERS_PER_STEP = 16;

/** Whether a text matches; a long one counts as several steps. */
export function matches(pattern: { test(text: string): boolean }, text: string, run: CheckRun): boolean {
  if (text.length > CHARACTERS_PER_STEP) run.step(Math.floor(text.length / CHARACTERS_PER_STEP));
  return pattern.test(text);
}

function equalityChecks({ schema, version, placeOf }: SchemaPart): readonly Check[] {
  const checks: Check[] = [];
  if (version > versions.draft04 && Object.hasOwn(schema, 'const')) {
    const place = placeOf('const');
    const isAllowed = isOneOf([schema.const]);
    checks.push(
      (value, run) =>
        isAllowed(value) ||
        run.fail('const', place, 'must be equal to constant', { allowedValue: schema.const }),
    );
  }
  const allowedValues = schema.enum;
  if (Array.isArray(allowedValues)) {
    const place = placeOf('enum');
    const isAllowed = isOneOf(allowedValues);
    checks.push(
      (value, run) =>
        isAllowed(value) ||
        run.fail('enum', place, 'must be equal to one of the allowed values', { allowedValues }),
    );
  }
  return checks;
}

function isOneOf(allowed: readonly unknown[]): (value: unknown) => boolean {
  const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;
  const plain = new Set(allowed.filter(isPlain));
  const others = new Set(allowed.filter((value) => !isPlain(value)).map(identityOf));
  return (value) => plain.has(value) || (others.size > 0 && !isPlain(value) && others.has(identityOf(value)));
}
