import type { NamedKind } from './names';

/**
 * How the engine learns and changes a field. Everything that constructs, provider, engine and reference docs need
 * to know about a field is in this one entry.
 */
export interface Field<T> {
  readonly type: FieldType;
  /** One or two sentences for people, without unit, range and default, which are added from the data below. */
  readonly description: string;
  /** True when a declaration without it is incomplete. */
  readonly required?: true;
  /** What an absent value means. Absent and not required: the broker's own state is left as it is. */
  readonly default?: T;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** The legal values of a choice. */
  readonly values?: readonly string[];
  /** Set for a name of a Memphis object: the broker's rules for it apply, and upper and lower case are the same. */
  readonly names?: NamedKind;
  /** The greatest length in bytes, where it is not that of every name. */
  readonly maximumBytes?: number;
  readonly change: Change;
  readonly source: Source;
}

export type FieldType = 'text' | 'integer' | 'flag' | 'choice' | 'textSet';

/** What happens when the declared value changes. */
export type Change =
  /** The broker cannot change it: the object is destroyed and made anew. `why` is the sentence users see. */
  | { readonly how: 'replace'; readonly why: string }
  /** The broker changes it while everything else stays. `loses` says which messages such a change can drop. */
  | { readonly how: 'inPlace'; readonly loses?: string }
  /** Nothing on the broker changes; the value steers this tool only. */
  | { readonly how: 'policy' };

/** Which of the broker's answers tells the truth about a field (its REST rows keep the values of creation for ever). */
export type Source = 'stream' | 'rest' | 'declaration';

/** A table with exactly one entry for each property of a declaration. */
export type Fields<D> = { readonly [K in keyof Required<D>]: Field<NonNullable<D[K]>> };

/** The names of a table's fields, typed. */
export function fieldNames<D>(fields: Fields<D>): (keyof D & string)[] {
  return Object.keys(fields) as (keyof D & string)[];
}

/** A field's name in Terraform: the same word, written with underscores. */
export function terraformName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a legal value of a field is, as the end of a sentence: `must be a whole number of seconds from 1 to 9`. */
export function legalValues(field: Field<unknown>): string {
  const unit = field.unit === undefined ? '' : ` (${field.unit})`;
  switch (field.type) {
    case 'integer': {
      const range =
        field.maximum === undefined
          ? `${field.minimum ?? 0} or more`
          : `from ${field.minimum ?? 0} to ${field.maximum}`;
      return `must be a whole number ${range}${unit}`;
    }
    case 'flag':
      return 'must be true or false';
    case 'choice':
      return `must be one of ${(field.values ?? []).join(', ')}`;
    case 'textSet':
      return 'must be a list of texts';
    case 'text':
      return field.names === undefined
        ? 'must be a text'
        : `must be a ${field.names.toLowerCase()} name: 1 to ${field.maximumBytes ?? 128} of a-z 0-9 _ . -, starting and ending with a letter or digit`;
  }
}
