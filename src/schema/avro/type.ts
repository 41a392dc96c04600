/** The types of Avro as this package needs them: without what only matters to the binary encoding. */
export type AvroType =
  | { readonly kind: AvroPrimitive }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: ReadonlySet<string> }
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord;

const avroPrimitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;

export type AvroPrimitive = (typeof avroPrimitives)[number];

export interface AvroRecord {
  readonly kind: 'record';
  readonly name: string;
  /** Filled while the record is read, because a record may contain itself. */
  readonly fields: AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly hasDefault: boolean;
}

/** How a branch of a union is named: the full name of named types, the kind of all others. */
export function branchName(type: AvroType): string {
  return 'name' in type ? type.name : type.kind;
}

export function isAvroPrimitive(name: string): name is AvroPrimitive {
  return (avroPrimitives as readonly string[]).includes(name);
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
