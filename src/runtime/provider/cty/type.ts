/** A type of Terraform's value system. */
export type Type =
  | { readonly kind: 'string' | 'number' | 'bool' | 'dynamic' }
  | { readonly kind: 'list' | 'set' | 'map'; readonly element: Type }
  | { readonly kind: 'object'; readonly attributes: Readonly<Record<string, Type>> }
  | { readonly kind: 'tuple'; readonly elements: readonly Type[] };

/** The types, as an author writes them: `t.list(t.string)`. */
export const t = {
  string: { kind: 'string' },
  /** A whole or fractional number; Terraform's numbers have no upper limit. */
  number: { kind: 'number' },
  bool: { kind: 'bool' },
  /** A value that brings its own type along, see `Dynamic`. */
  dynamic: { kind: 'dynamic' },
  list: (element: Type): Type => ({ kind: 'list', element }),
  /** Elements without order or repetition. */
  set: (element: Type): Type => ({ kind: 'set', element }),
  map: (element: Type): Type => ({ kind: 'map', element }),
  object: (attributes: Readonly<Record<string, Type>>): Type => ({ kind: 'object', attributes }),
  tuple: (elements: readonly Type[]): Type => ({ kind: 'tuple', elements }),
} as const satisfies Record<string, Type | ((...parts: never[]) => Type)>;

/** A type in the JSON form that schemas and dynamic values carry. */
export type TypeJson = string | readonly [string, TypeJson | readonly TypeJson[] | TypeJsonFields];
type TypeJsonFields = Readonly<Record<string, TypeJson>>;

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
    case 'tuple':
      return ['tuple', type.elements.map(typeToJson)];
    default:
      return type.kind;
  }
}

/** @throws TypeError when the JSON is not the form of a type. */
export function typeFromJson(json: unknown): Type {
  if (json === 'string' || json === 'number' || json === 'bool' || json === 'dynamic') return { kind: json };
  if (Array.isArray(json)) {
    const [kind, inner] = json as unknown[];
    if (kind === 'list' || kind === 'set' || kind === 'map') return { kind, element: typeFromJson(inner) };
    if (kind === 'tuple' && Array.isArray(inner)) return t.tuple(inner.map(typeFromJson));
    if (kind === 'object' && typeof inner === 'object' && inner !== null) {
      return t.object(
        Object.fromEntries(Object.entries(inner).map(([name, each]) => [name, typeFromJson(each)])),
      );
    }
  }
  throw new TypeError(`Not a type: ${JSON.stringify(json)}`);
}
