/** What is known of the values of JSON schemas without looking at their parts. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Schemas that all hold for the same values. */
export type Writers = readonly JsonObject[];

/** The types of JSON, with the whole numbers apart from the others. */
export type JsonType = 'null' | 'boolean' | 'string' | 'integer' | 'fraction' | 'array' | 'object';

const allTypes: readonly JsonType[] = ['null', 'boolean', 'string', 'integer', 'fraction', 'array', 'object'];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The types that values may have for which all schemas hold. */
export function typesOf(schemas: Writers): ReadonlySet<JsonType> {
  let types = new Set(allTypes);
  for (const schema of schemas) {
    const { type } = schema;
    if (type !== undefined) {
      const named = new Set((Array.isArray(type) ? (type as unknown[]) : [type]).flatMap(typesNamed));
      types = new Set([...types].filter((each) => named.has(each)));
    }
    const values = valuesOf([schema]);
    if (values !== undefined) {
      const found = new Set(values.map(typeOfValue));
      types = new Set([...types].filter((each) => found.has(each)));
    }
  }
  return types;
}

function typesNamed(name: unknown): JsonType[] {
  return name === 'number' ? ['integer', 'fraction'] : [name as JsonType];
}

function typeOfValue(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value as 'boolean' | 'string' | 'object';
}

/** The values that the first schema which lists them allows; undefined when none does. */
export function valuesOf(schemas: Writers): readonly unknown[] | undefined {
  for (const schema of schemas) {
    if (Object.hasOwn(schema, 'const')) return [schema.const];
    if (Array.isArray(schema.enum)) return schema.enum as unknown[];
  }
  return undefined;
}

/** The pointer to a part of a schema. */
export function extend(place: string, ...steps: readonly (string | number)[]): string {
  return [place, ...steps.map((step) => String(step).replace(/~/g, '~0').replace(/\//g, '~1'))].join('/');
}
