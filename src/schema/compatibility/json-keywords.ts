import type { JsonObject, JsonType, Writers } from './json-values';
import { extend, isObject, typesOf } from './json-values';

/** What the check of a keyword gets. */
interface Around {
  /** The schema that has the keyword. */
  readonly reader: JsonObject;
  /** The schemas that hold for the messages. */
  readonly writers: Writers;
  /** The place of the keyword. */
  readonly place: string;
  /** Compares a part of the values. */
  readonly inner: (reader: unknown, writers: readonly unknown[], place: string) => readonly string[];
}

type Keyword = (value: unknown, around: Around) => readonly string[];

/** A keyword that has a say about values of these types alone. */
interface Rule {
  readonly types: readonly JsonType[];
  readonly check: Keyword;
}

const numbers: readonly JsonType[] = ['integer', 'fraction'];

/** A limit that at least one schema of the messages sets as tightly. */
const limit =
  (isUpper: boolean, keywords: readonly (readonly [name: string, isExclusive: boolean])[]) =>
  (isExclusive: boolean): Keyword =>
  (value, { writers, place }) => {
    const found = writers.flatMap((writer) =>
      keywords.flatMap(([name, excludes]) => {
        const set = writer[name];
        return typeof set === 'number' ? [{ set, excludes }] : [];
      }),
    );
    if (typeof value !== 'number') return [`${place}: a limit of this form cannot be compared`];
    const holds = found.some(({ set, excludes }) =>
      set === value ? excludes || !isExclusive : isUpper ? set < value : set > value,
    );
    return holds ? [] : [`${place}: ${value} is the limit, and messages ${limitText(found, isUpper)}`];
  };

function limitText(found: readonly { readonly set: number }[], isUpper: boolean): string {
  const [tightest] = found.map(({ set }) => set).sort((a, b) => (isUpper ? a - b : b - a));
  return tightest === undefined ? 'have none' : `have ${tightest}`;
}

const upper = limit(true, [
  ['maximum', false],
  ['exclusiveMaximum', true],
]);
const lower = limit(false, [
  ['minimum', false],
  ['exclusiveMinimum', true],
]);
const most = (name: string) => limit(true, [[name, false]])(false);
const least =
  (name: string): Keyword =>
  (value, around) =>
    value === 0 ? [] : limit(false, [[name, false]])(false)(value, around);

/** A keyword that one schema of the messages has with the same value. */
const equal =
  (name: string): Keyword =>
  (value, { writers, place }) => {
    if (writers.some((writer) => writer[name] === value)) return [];
    const [other] = writers.flatMap((writer) => (writer[name] === undefined ? [] : [writer[name]]));
    const found = other === undefined ? 'have none' : `have ${JSON.stringify(other)}`;
    return [`${place}: ${JSON.stringify(value)} is expected, and messages ${found}`];
  };

const rules: Readonly<Record<string, Rule>> = {
  maximum: { types: numbers, check: upper(false) },
  exclusiveMaximum: { types: numbers, check: upper(true) },
  minimum: { types: numbers, check: lower(false) },
  exclusiveMinimum: { types: numbers, check: lower(true) },
  multipleOf: { types: numbers, check: multipleOf },
  maxLength: { types: ['string'], check: most('maxLength') },
  minLength: { types: ['string'], check: least('minLength') },
  pattern: { types: ['string'], check: equal('pattern') },
  format: { types: ['string'], check: equal('format') },
  maxItems: { types: ['array'], check: most('maxItems') },
  minItems: { types: ['array'], check: least('minItems') },
  uniqueItems: {
    types: ['array'],
    check: (value, around) => (value === false ? [] : equal('uniqueItems')(value, around)),
  },
  maxProperties: { types: ['object'], check: most('maxProperties') },
  minProperties: { types: ['object'], check: least('minProperties') },
  required: { types: ['object'], check: required },
  properties: { types: ['object'], check: properties },
  patternProperties: { types: ['object'], check: patternProperties },
  additionalProperties: { types: ['object'], check: additionalProperties },
};

/** Keywords of arrays that say what an item at some place is. */
const tuples = ['prefixItems', 'additionalItems', 'unevaluatedItems'] as const;

/** Keywords whose meaning depends on those beside them. */
const dependent = new Set<string>([
  ...['items', ...tuples, 'unevaluatedProperties', 'if', 'then', 'else'],
  ...['contains', 'minContains', 'maxContains'],
]);

/**
 * What values a keyword refuses.
 * @returns `not compared` for a keyword that has to be the same in both schemas, `dependent` for one beside which
 *   everything else has to be the same, too
 */
export function keywordMismatch(
  keyword: string,
  value: unknown,
  around: Around,
): readonly string[] | 'not compared' | 'dependent' {
  const types = typesOf(around.writers);
  if (keyword === 'type') return typeMismatch(value, types, around.place);
  if (keyword === 'items' && isPlainList(around)) {
    const items = around.writers.flatMap((writer) => (writer.items === undefined ? [] : [writer.items]));
    return types.has('array') ? around.inner(value, items, around.place) : [];
  }
  if (dependent.has(keyword)) return 'dependent';
  const rule = rules[keyword];
  if (rule === undefined) {
    if (keyword !== 'enum' && keyword !== 'const') return 'not compared';
    return [`${around.place}: only some values are expected, and messages may hold others`];
  }
  // The first drafts write exclusive limits as true beside the limit.
  if (keyword.startsWith('exclusive') && typeof value === 'boolean') return 'not compared';
  if (/^(max|min)imum$/.test(keyword) && around.writers.some(hasOldLimit)) return 'not compared';
  return rule.types.some((type) => types.has(type)) ? rule.check(value, around) : [];
}

function hasOldLimit({ exclusiveMaximum, exclusiveMinimum }: JsonObject): boolean {
  return typeof exclusiveMaximum === 'boolean' || typeof exclusiveMinimum === 'boolean';
}

function typeMismatch(value: unknown, types: ReadonlySet<JsonType>, place: string): readonly string[] {
  const expected = typesOf([{ type: value }]);
  const others = [...types].filter((type) => !expected.has(type));
  if (others.length === 0) return [];
  const isInteger = others.length === 1 && others[0] === 'fraction' && expected.has('integer');
  const found = isInteger ? 'numbers that are not whole' : others.map(typeText).join(', ');
  return [`${place}: ${JSON.stringify(value)} is expected, and messages may hold ${found}`];
}

function typeText(type: JsonType): string {
  return type === 'fraction' ? 'number' : type;
}

function multipleOf(value: unknown, { writers, place }: Around): readonly string[] {
  const isMultiple = writers.some(({ multipleOf: step }) => {
    if (typeof step !== 'number' || typeof value !== 'number') return false;
    return (
      step === value || (Number.isSafeInteger(step) && Number.isSafeInteger(value) && step % value === 0)
    );
  });
  const isWhole = value === 1 && !typesOf(writers).has('fraction');
  return isMultiple || isWhole
    ? []
    : [`${place}: multiples of ${String(value)} are expected, and messages have others`];
}

function isPlainList({ reader, writers }: Around): boolean {
  const isPlain = (schema: JsonObject): boolean =>
    !Array.isArray(schema.items) && tuples.every((name) => schema[name] === undefined);
  return isPlain(reader) && writers.every(isPlain);
}

function required(value: unknown, { writers, place }: Around): readonly string[] {
  const given = new Set(
    writers.flatMap((writer) => (Array.isArray(writer.required) ? (writer.required as unknown[]) : [])),
  );
  const missing = (Array.isArray(value) ? (value as unknown[]) : []).filter((name) => !given.has(name));
  return missing.length === 0
    ? []
    : [
        `${place}: ${missing.map((name) => JSON.stringify(name)).join(', ')} must be there, and messages may leave it out`,
      ];
}

function membersOf(schema: JsonObject, keyword: string): JsonObject {
  const members = schema[keyword];
  return isObject(members) ? members : {};
}

/** What holds for the member of a name in the messages; an empty list when it may be anything. */
function holdsFor(name: string, writers: Writers): unknown[] {
  return writers.flatMap((writer) => {
    const known = membersOf(writer, 'properties');
    if (Object.hasOwn(known, name)) return [known[name]];
    const hasPatterns = Object.keys(membersOf(writer, 'patternProperties')).length > 0;
    return hasPatterns || writer.additionalProperties === undefined ? [] : [writer.additionalProperties];
  });
}

function properties(value: unknown, { writers, place, inner }: Around): readonly string[] {
  return Object.entries(isObject(value) ? value : {}).flatMap(([name, schema]) => {
    const at = extend(place, name);
    const held = holdsFor(name, writers);
    const problems = inner(schema, held, at);
    if (problems.length === 0 || held.length > 0) return problems;
    return [
      `${at}: messages may hold anything under a name that their schema does not know, unless it has additionalProperties: false`,
    ];
  });
}

function patternProperties(value: unknown, { writers, place, inner }: Around): readonly string[] {
  return Object.entries(isObject(value) ? value : {}).flatMap(([pattern, schema]) => {
    const at = extend(place, pattern);
    const same = writers.flatMap((writer) => {
      const patterns = membersOf(writer, 'patternProperties');
      return Object.hasOwn(patterns, pattern) ? [patterns[pattern]] : [];
    });
    if (same.length > 0) return inner(schema, same, at);
    const problems = inner(schema, [], at);
    return problems.length === 0 ? [] : [`${at}: the schema of the messages does not have this pattern`];
  });
}

/** Names that only the schema of the messages knows, and those that neither knows. */
function additionalProperties(value: unknown, around: Around): readonly string[] {
  const { reader, writers, place, inner } = around;
  if (value === true) return [];
  const known = membersOf(reader, 'properties');
  const patterns = membersOf(reader, 'patternProperties');
  // A name that fits a pattern of the reader is not additional; which do is not worked out.
  const names = new Set(writers.flatMap((writer) => Object.keys(membersOf(writer, 'properties'))));
  const further = [...names].filter((name) => !Object.hasOwn(known, name));
  const ofNames = further.flatMap((name) => {
    const problems = inner(value, holdsFor(name, writers), place);
    return problems.length === 0
      ? []
      : [`${place}: messages may hold ${JSON.stringify(name)}, which is not expected in this form`];
  });
  const theirs = writers.flatMap((writer) => Object.entries(membersOf(writer, 'patternProperties')));
  const ofPatterns = theirs.flatMap(([pattern, schema]) =>
    Object.hasOwn(patterns, pattern) || inner(value, [schema], place).length === 0
      ? []
      : [`${place}: messages may hold members that fit ${pattern}, which are not expected`],
  );
  const rest = writers.flatMap(({ additionalProperties: others }) => (others === undefined ? [] : [others]));
  const ofRest =
    inner(value, rest, place).length === 0
      ? []
      : [`${place}: messages may hold members that neither schema names, and these are not expected`];
  return [...ofNames, ...ofPatterns, ...ofRest];
}
