/** A type of Terraform's value system. Tuples and dynamic types, which no schema here has, are left out. */
export type Type =
  | { readonly kind: 'string' | 'number' | 'bool' }
  | { readonly kind: 'list' | 'set' | 'map'; readonly element: Type }
  | { readonly kind: 'object'; readonly attributes: Readonly<Record<string, Type>> };

/** The types, as an author writes them: `t.list(t.string)`. */
export const t = {
  string: { kind: 'string' },
  /** A whole or fractional number; Terraform's numbers have no upper limit. */
  number: { kind: 'number' },
  bool: { kind: 'bool' },
  list: (element: Type): Type => ({ kind: 'list', element }),
  /** Elements without order or repetition. */
  set: (element: Type): Type => ({ kind: 'set', element }),
  map: (element: Type): Type => ({ kind: 'map', element }),
  object: (attributes: Readonly<Record<string, Type>>): Type => ({ kind: 'object', attributes }),
} as const satisfies Record<string, Type | ((...parts: never[]) => Type)>;

/** A type in the JSON form that schemas carry. */
type TypeJson = string | readonly [string, TypeJson | TypeJsonFields];
type TypeJsonFields = Readonly<Record<string, TypeJson>>;

/** The JSON form of a type. */
export function typeToJson(type: Type): TypeJson {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
      return [type.kind, typeToJson(type.element)];
    case 'object':
      return [
        'object',
        Object.fromEntries(Object.entries(type.attributes).map(([name, each]) => [name, typeToJson(each)])),
      ];
    default:
      return type.kind;
  }
}
