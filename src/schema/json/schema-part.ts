import type { Check } from './check';
import type { Located, Resources } from './resources';

/** What the keywords of a schema need to reach other schemas. */
export interface SchemaCompiler {
  readonly resources: Resources;
  readonly hasDynamicReferences: boolean;
  /** The check of a schema, and everything that it leads to, ready for use. */
  compile(located: Located): Check;
  /** The check of a schema that is read when the present one is done. */
  check(located: Located): Check;
  /** The check of the schema under a keyword, and further steps. */
  inner(part: SchemaPart, schema: unknown, ...steps: readonly string[]): Check;
  /** A check that several schemas lead to. */
  shared(check: Check): Check;
}

/** A schema whose keywords are read. */
export interface SchemaPart {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly located: Located;
  readonly version: number;
  readonly compiler: SchemaCompiler;
  /** Where a keyword is, for failures. */
  readonly placeOf: (keyword: string) => string;
}
