/** A value that is not known yet: it comes from something that Terraform has still to create. */
export class Unknown {
  readonly #unknown = true;

  toJSON(): { unknown: boolean } {
    return { unknown: this.#unknown };
  }
}

/** The one unknown value. Compare with `isUnknown`. */
export const UNKNOWN = new Unknown();

/**
 * A value of Terraform. Lists and sets are arrays; maps and objects are plain objects. `UNKNOWN` can stand
 * at any level. A number that a JavaScript number cannot hold exactly is decimal text.
 */
export type Value = string | number | boolean | null | Unknown | readonly Value[] | ValueFields;
export interface ValueFields {
  readonly [name: string]: Value;
}

/** The attributes of one object by name. */
export type Values = ValueFields;

export function isUnknown(value: Value | undefined): value is Unknown {
  return value instanceof Unknown;
}

/** Whether a value is an object or a map. */
export function isFields(value: Value | undefined): value is ValueFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}

/** Whether nothing at any level of the value is unknown. */
export function isWhollyKnown(value: Value): boolean {
  if (isUnknown(value)) return false;
  if (Array.isArray(value)) return (value as readonly Value[]).every(isWhollyKnown);
  return !isFields(value) || Object.values(value).every(isWhollyKnown);
}

/** The text at `name`, or `undefined` when it is null, absent or not yet known. */
export function stringAt(values: Values, name: string): string | undefined {
  return known(values, name, 'string');
}

/** The number at `name`, or `undefined` when it is null, absent, not yet known or too large for a JavaScript number. */
export function numberAt(values: Values, name: string): number | undefined {
  return known(values, name, 'number');
}

/** The boolean at `name`, or `undefined` when it is null, absent or not yet known. */
export function booleanAt(values: Values, name: string): boolean | undefined {
  return known(values, name, 'boolean');
}

interface Scalars {
  string: string;
  number: number;
  boolean: boolean;
}

function known<K extends keyof Scalars>(values: Values, name: string, kind: K): Scalars[K] | undefined {
  const value = values[name];
  return typeof value === kind ? (value as Scalars[K]) : undefined;
}
