import type { NamedKind } from './names';

/** How a value is written and checked. */
export type FieldType = 'text' | 'integer' | 'flag' | 'choice' | 'textSet';

/** What people and the validation need to know about a value, wherever the value belongs. */
export interface FieldFacts<T = unknown> {
  readonly type: FieldType;
  /** One or two sentences for people, without unit, range and default: these are added from the data below. */
  readonly description: string;
  /** A declaration without the value is incomplete. */
  readonly required?: true;
  /** What an absent value means. Absent and not required: what the broker has is not managed, or is nothing. */
  readonly default?: T;
  /** What an absent value means where no default can say it, for people: `no copies are made`. */
  readonly absent?: string;
  readonly unit?: string;
  /** The unit where the value of another field decides it; undefined where the value has none. */
  unitIn?(object: Readonly<Record<string, unknown>>): string | undefined;
  /** Default 0. */
  readonly minimum?: number;
  /** Default: the largest whole number that JSON keeps exactly. */
  readonly maximum?: number;
  /** The valid values of a choice. */
  readonly values?: readonly string[];
  /** The TypeScript enumeration that has these values, where there is one. */
  readonly enumeration?: Enumeration;
  /** Set for the name of a Memphis object: the broker's rules for names apply, and case does not matter. */
  readonly names?: NamedKind;
  /** The greatest length in bytes, where it differs from that of other names. */
  readonly maximumBytes?: number;
  /** What a string, or each string of a set, has to look like, where it is not the name of a station or a schema. */
  readonly format?: TextFormat;
  /** True for a set that must have an element, because an empty one would mean something else than it says. */
  readonly nonEmpty?: true;
  /** True for a value that must never be written anywhere: errors do not show it, and Terraform does not store it. */
  readonly secret?: true;
  readonly change: ChangeRule;
}

/** What strings are valid, for programs and for people. */
interface TextFormat {
  readonly pattern: RegExp;
  /** What stands after "must be": `a user name: 1 to 60 of a-z 0-9 _ . -`. */
  readonly says: string;
}

/** An enumeration of this package: its name, and its values by the names of its members. */
interface Enumeration {
  readonly name: string;
  readonly members: Readonly<Record<string, string>>;
}

/** Whose words a text for people uses: those of a TypeScript program, or those of Terraform and the broker. */
export type Words = 'typescript' | 'terraform';

/** What happens when the declared value changes. */
export type ChangeRule =
  /** The broker cannot change it: the object is destroyed and recreated. `why` is the sentence users see. */
  | { readonly how: 'replace'; readonly why: string }
  /** The broker changes it while everything else stays. `loses` says which messages such a change can drop. */
  | { readonly how: 'inPlace'; readonly loses?: string }
  /** Nothing on the broker changes; the value steers this tool only. */
  | { readonly how: 'policy' };

/**
 * One field of a kind: the facts, and where the value is on the broker. A value that lives on the broker says where it
 * is read and how it is written, or does not compile; a policy has neither.
 */
export type Field<R extends Reader = Reader, W extends Writer = Writer> = FieldFacts &
  (Policy | Unreadable | FixedOnBroker<R> | ChangeableOnBroker<R, W>);

interface Policy {
  readonly change: { readonly how: 'policy' };
  readonly read?: never;
}

/** A value that has an effect on the broker and that the broker never tells, so that only the state knows it. */
interface Unreadable {
  readonly change: { readonly how: 'replace'; readonly why: string };
  readonly read?: never;
  readonly unreadable: true;
}

interface FixedOnBroker<R extends Reader> extends OnBroker<R> {
  readonly change: { readonly how: 'replace'; readonly why: string };
  readonly body: string;
}

interface ChangeableOnBroker<R extends Reader, W extends Writer> extends OnBroker<R> {
  readonly change: { readonly how: 'inPlace'; readonly loses?: string };
  readonly update: W;
}

interface OnBroker<R extends Reader> {
  /**
   * The one form in which two spellings of the same value are equal, such as lower case. Absent: the value itself, or
   * its default.
   * @param value what is declared, or else the default
   */
  canonical?(value: unknown, declaration: Readonly<Record<string, unknown>>): unknown;
  readonly read: R;
  /**
   * Path of the value in the body of the request that creates the object, such as `dls_configuration.poison`. Absent:
   * the creation cannot say it, and the update follows right after.
   */
  readonly body?: string;
  /** The value as it stands in that body; undefined leaves it out. Absent: the canonical value itself. */
  inBody?(value: unknown): unknown;
}

/** Where the live value is. Readers give the canonical form. */
export interface Reader {
  readonly from: string;
}

/** How a live value is changed in place. */
export interface Writer {
  readonly by: string;
}

/** The unit of a field of an object: `seconds`; undefined for what has none. */
export function unitOf(facts: FieldFacts, object: Readonly<Record<string, unknown>>): string | undefined {
  return facts.unitIn === undefined ? facts.unit : facts.unitIn(object);
}

/** A table with exactly one entry for each property of a declaration. */
export type Fields<D> = { readonly [K in keyof Required<D>]: FieldFacts<NonNullable<D[K]>> };

/** The entries of a table, for code that walks it. */
export type FieldTable = Readonly<Record<string, Field>>;

/** An entry whose value is on the broker. */
export type BrokerField<R extends Reader = Reader, W extends Writer = Writer> = FieldFacts &
  (FixedOnBroker<R> | ChangeableOnBroker<R, W>);

type WithoutType<F> = Omit<F, 'type' | 'values'>;

/** A text. */
export const textField = <const F extends WithoutType<FieldFacts<string>>>(entry: F) =>
  ({ type: 'text', ...entry }) as const;

/** A whole number. */
export const integerField = <const F extends WithoutType<FieldFacts<number>>>(entry: F) =>
  ({ type: 'integer', ...entry }) as const;

/** Yes or no. */
export const flagField = <const F extends WithoutType<FieldFacts<boolean>>>(entry: F) =>
  ({ type: 'flag', ...entry }) as const;

/** A set of strings, in any order. */
export const textSetField = <const F extends WithoutType<FieldFacts<readonly string[]>>>(entry: F) =>
  ({ type: 'textSet', ...entry }) as const;

/** One of some words. */
export const choiceField = <V extends string, const F extends WithoutType<FieldFacts<V>>>(
  values: readonly V[],
  entry: F,
) => ({ type: 'choice', values, ...entry }) as const;

/** A member of an enumeration. */
export const enumerated = <V extends string, const F extends Omit<WithoutType<FieldFacts<V>>, 'enumeration'>>(
  name: string,
  members: Readonly<Record<string, V>>,
  entry: F,
) =>
  ({
    type: 'choice',
    values: Object.values<V>(members) as readonly V[],
    enumeration: { name, members },
    ...entry,
  }) as const;

/** The type of the values of an entry. */
type ValueOf<F> = F extends { readonly type: 'integer' }
  ? number
  : F extends { readonly type: 'flag' }
    ? boolean
    : F extends { readonly type: 'textSet' }
      ? readonly string[]
      : F extends { readonly values: readonly (infer V)[] }
        ? V
        : string;

type RequiredNames<T> = {
  [K in keyof T]: T[K] extends { readonly required: true } ? K : never;
}[keyof T];

/** The type of what users declare, derived from a table. */
export type DeclarationOf<T> = { readonly [K in RequiredNames<T>]: ValueOf<T[K]> } & {
  readonly [K in Exclude<keyof T, RequiredNames<T>>]?: ValueOf<T[K]>;
};

/** The names of the entries whose values are on the broker. */
type BrokerFieldOf<T> = {
  [K in keyof T]: T[K] extends { readonly read: unknown } ? K : never;
}[keyof T];

type CanonicalValueOf<F> = F extends { canonical: (...values: never) => infer C } ? C : ValueOf<F>;

/**
 * The one form in which declared and live objects are compared, derived from a table: nothing absent, nothing
 * ambiguous, no policies. `undefined` is a value that the declaration leaves to the broker.
 */
export type CanonicalOf<T> = { readonly [K in BrokerFieldOf<T>]: CanonicalValueOf<T[K]> };

/**
 * The body of the request that creates an object.
 * @param canonical the object in its canonical form
 */
export function creationBody(fields: FieldTable, canonical: object): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const values = canonical as Readonly<Record<string, unknown>>;
  for (const [name, field] of brokerFields(fields)) {
    const value = field.inBody === undefined ? values[name] : field.inBody(values[name]);
    if (field.body !== undefined && value !== undefined) put(body, field.body.split('.'), value);
  }
  return body;
}

function put(object: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    object[key] = value;
    return;
  }
  const inner = (object[key] ?? {}) as Record<string, unknown>;
  object[key] = inner;
  put(inner, rest, value);
}

/** The names of a table's fields, typed. */
export function fieldNames<T extends object>(fields: T): (keyof T & string)[] {
  return Object.keys(fields) as (keyof T & string)[];
}

/** The entries of the fields whose values are on the broker, by name. */
export function brokerFields<R extends Reader, W extends Writer>(
  fields: Readonly<Record<string, Field<R, W>>>,
): [string, BrokerField<R, W>][] {
  return Object.entries(fields).filter((entry): entry is [string, BrokerField<R, W>] => 'read' in entry[1]);
}

/** The canonical form of a declaration, which is expected to be valid. */
export function canonicalOf<T extends FieldTable>(fields: T, declaration: DeclarationOf<T>): CanonicalOf<T> {
  const given = declaration as Readonly<Record<string, unknown>>;
  const values = brokerFields(fields).map(([name, field]) => {
    const value = given[name] ?? field.default;
    return [name, field.canonical === undefined ? value : field.canonical(value, given)] as const;
  });
  return Object.fromEntries(values) as CanonicalOf<T>;
}

/** A field's name in Terraform: the same word, written with underscores. */
export function terraformName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * The valid values of a choice, for people: `Retention.MESSAGES` in a TypeScript program, `messages` elsewhere.
 */
export function namesOfValues({ values = [], enumeration }: FieldFacts, words: Words): readonly string[] {
  if (words === 'terraform' || enumeration === undefined) return values;
  return Object.keys(enumeration.members).map((member) => `${enumeration.name}.${member}`);
}

/** What a valid value of a field is, as the end of a sentence: `must be a whole number from 1 to 9 (seconds)`. */
export function validValues(field: FieldFacts, words: Words = 'terraform'): string {
  switch (field.type) {
    case 'integer': {
      const unit = field.unit === undefined ? '' : ` (${field.unit})`;
      const range =
        field.maximum === undefined
          ? `${field.minimum ?? 0} or more`
          : `from ${field.minimum ?? 0} to ${field.maximum}`;
      return `must be a whole number ${range}${unit}`;
    }
    case 'flag':
      return 'must be true or false';
    case 'choice':
      return `must be one of ${namesOfValues(field, words).join(', ')}`;
    case 'textSet':
      return `must be a ${field.nonEmpty === true ? 'non-empty ' : ''}list of ${field.format?.says ?? 'strings'}`;
    case 'text':
      if (field.format !== undefined) return `must be ${field.format.says}`;
      return field.names === undefined
        ? 'must be a string'
        : `must be a ${field.names.toLowerCase()} name: 1 to ${field.maximumBytes ?? 128} of a-z 0-9 _ . -, starting and ending with a letter or digit`;
  }
}
