import type { Dialect } from './dialect';
import { dialectOf, metaSchemaDocument, versions } from './dialect';
import { lostIdentifier, uriProblem } from './go-uri';

/** A schema, or a part of one with an identifier of its own. */
export interface Resource {
  readonly uri: string;
  readonly root: unknown;
  /** Where its root is in the document: a JSON pointer in a fragment. */
  readonly place: string;
  readonly dialect: Dialect;
  /** Parts with a plain name. */
  readonly anchors: Map<string, Located>;
  readonly dynamicAnchors: Map<string, Located>;
}

/** A schema inside of a resource. */
export interface Located {
  readonly schema: unknown;
  readonly resource: Resource;
  /** A JSON pointer in a fragment, from the root of the document. */
  readonly place: string;
}

/** Keywords whose values are schemas; by the version that brought them, and the last one that has them. */
const schemaKeywords: readonly (readonly [
  keyword: string,
  shape: 'one' | 'list' | 'map',
  since: number,
  until: number,
])[] = [
  ['additionalItems', 'one', 4, 2019],
  ['additionalProperties', 'one', 4, 2020],
  ['allOf', 'list', 4, 2020],
  ['anyOf', 'list', 4, 2020],
  ['oneOf', 'list', 4, 2020],
  ['not', 'one', 4, 2020],
  ['items', 'one', 4, 2020],
  ['items', 'list', 4, 2019],
  ['prefixItems', 'list', 2020, 2020],
  ['properties', 'map', 4, 2020],
  ['patternProperties', 'map', 4, 2020],
  ['definitions', 'map', 4, 2020],
  ['$defs', 'map', 2019, 2020],
  ['dependencies', 'map', 4, 2020],
  ['dependentSchemas', 'map', 2019, 2020],
  ['contains', 'one', 6, 2020],
  ['propertyNames', 'one', 6, 2020],
  ['if', 'one', 7, 2020],
  ['then', 'one', 7, 2020],
  ['else', 'one', 7, 2020],
  ['unevaluatedItems', 'one', 2019, 2020],
  ['unevaluatedProperties', 'one', 2019, 2020],
  ['contentSchema', 'one', 2019, 2020],
];

/** The schemas right inside of a schema. */
function subschemas(
  schema: Readonly<Record<string, unknown>>,
  version: number,
): readonly (readonly [steps: readonly string[], schema: unknown])[] {
  const found: (readonly [readonly string[], unknown])[] = [];
  for (const [keyword, shape, since, until] of schemaKeywords) {
    if (version < since || version > until || !Object.hasOwn(schema, keyword)) continue;
    const value = schema[keyword];
    if (shape === 'one' && isSchema(value)) found.push([[keyword], value]);
    if (shape === 'list' && Array.isArray(value)) {
      value.forEach((item, index) => found.push([[keyword, String(index)], item]));
    }
    if (shape === 'map' && isRecord(value)) {
      for (const [name, item] of Object.entries(value))
        if (isSchema(item)) found.push([[keyword, name], item]);
    }
  }
  return found;
}

function isSchema(value: unknown): boolean {
  return typeof value === 'boolean' || isRecord(value);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON pointer in a fragment with further steps. */
export function extendPlace(place: string, ...steps: readonly string[]): string {
  const written = steps.map((step) =>
    encodeURIComponent(step.replace(/~/g, '~0').replace(/\//g, '~1')).replace(/%24/g, '$'),
  );
  return [place, ...written].join('/');
}

/** Something that is wrong with the identifiers or references of a schema. */
export class ReferenceProblem extends Error {
  constructor(
    readonly place: string,
    what: string,
  ) {
    super(what);
  }
}

const ROOT = 'file:///schema';

/** All schemas of a document by their identifiers, and of the meta schemas that it refers to. */
export class Resources {
  readonly root: Located;
  readonly #byUri = new Map<string, Resource>();
  readonly #located = new Map<object, Located>();
  /** Schemas under keywords that nobody knows, which references lead to. */
  readonly hidden: Located[] = [];

  constructor(document: unknown, dialect: Dialect) {
    this.root = this.#addDocument(document, ROOT, dialect);
  }

  /** @throws ReferenceProblem if there is no such schema. */
  resolve(reference: string, from: Located): Located & { readonly dynamicName?: string } {
    const uri = resolveUri(reference, from.resource.uri);
    if (uri === undefined)
      throw new ReferenceProblem(from.place, `${JSON.stringify(reference)} is not a URI reference`);
    const [start] = splitFragment(uri);
    // As it is written: a URL escapes characters that the name of a keyword may contain.
    const [, fragment = ''] = splitFragment(reference);
    const resource = this.#resource(start);
    const missing = (): never => {
      throw new ReferenceProblem(from.place, `there is no schema ${JSON.stringify(reference)}`);
    };
    if (resource === undefined) return missing();
    if (fragment === '') return this.at(resource.root, resource, resource.place);
    let name: string;
    try {
      name = decodeURIComponent(fragment);
    } catch {
      return missing();
    }
    if (name.startsWith('/')) return this.#pointed(name, resource) ?? missing();
    const anchored = resource.anchors.get(name) ?? missing();
    return resource.dynamicAnchors.has(name) ? { ...anchored, dynamicName: name } : anchored;
  }

  /** The place of a schema that was found while the document was read, or that lies inside of another. */
  at(schema: unknown, resource: Resource, place: string): Located {
    return (isRecord(schema) ? this.#located.get(schema) : undefined) ?? { schema, resource, place };
  }

  #resource(uri: string): Resource | undefined {
    const known = this.#byUri.get(uri);
    if (known !== undefined) return known;
    const document = metaSchemaDocument(uri);
    if (document === undefined) return undefined;
    const dialect = dialectOf(document);
    if (dialect === undefined) return undefined;
    const { resource } = this.#addDocument(document, uri, dialect);
    this.#byUri.set(uri, resource);
    return resource;
  }

  #addDocument(document: unknown, uri: string, dialect: Dialect): Located {
    const resource: Resource = { ...newResource(uri, document, '#', dialect) };
    this.#byUri.set(uri, resource);
    return this.#add(document, resource, '#');
  }

  /** Notes the identifiers of a schema and of all that is inside of it. */
  #add(schema: unknown, outer: Resource, place: string): Located {
    if (!isRecord(schema)) return { schema, resource: outer, place };
    const resource = this.#identified(schema, outer, place);
    const located: Located = { schema, resource, place };
    this.#located.set(schema, located);
    const { version } = resource.dialect;
    if (version >= versions.draft2019) {
      const { $anchor, $dynamicAnchor } = schema;
      if (typeof $anchor === 'string') resource.anchors.set($anchor, located);
      if (typeof $dynamicAnchor === 'string' && version >= versions.draft2020) {
        resource.anchors.set($dynamicAnchor, located);
        resource.dynamicAnchors.set($dynamicAnchor, located);
      }
    }
    for (const [steps, inner] of subschemas(schema, version))
      this.#add(inner, resource, extendPlace(place, ...steps));
    return located;
  }

  /** The resource that a schema belongs to: one of its own if it has an identifier. */
  #identified(schema: Readonly<Record<string, unknown>>, outer: Resource, place: string): Resource {
    const { version } = outer.dialect;
    // Beside a reference an identifier meant nothing before 2019-09.
    if (version < versions.draft2019 && typeof schema.$ref === 'string') return outer;
    const id = schema[version === versions.draft04 ? 'id' : '$id'];
    if (typeof id !== 'string') return outer;
    if (version < versions.draft2019 && id.startsWith('#')) {
      outer.anchors.set(id.slice(1), { schema, resource: outer, place });
      return outer;
    }
    // Nothing but an empty fragment: no identifier of its own.
    if (splitFragment(id)[0] === '' && schema !== outer.root) return outer;
    const problem = identifierProblem(id);
    const uri = resolveUri(id, outer.uri);
    if (problem !== undefined || uri === undefined) {
      throw new ReferenceProblem(extendPlace(place, '$id'), problem ?? `${JSON.stringify(id)} is not a URI`);
    }
    const [start] = splitFragment(uri);
    if (start === outer.uri && schema === outer.root) return outer;
    const known = this.#byUri.get(start);
    if (known !== undefined && known.root !== schema) {
      throw new ReferenceProblem(
        extendPlace(place, '$id'),
        `${JSON.stringify(id)} is the identifier of ${known.place}, too`,
      );
    }
    const dialect = Object.hasOwn(schema, '$schema') ? dialectOf(schema) : outer.dialect;
    const resource = newResource(start, schema, place, dialect ?? outer.dialect);
    this.#byUri.set(start, resource);
    return resource;
  }

  /** The schema at a JSON pointer, whatever keywords it passes. */
  #pointed(pointer: string, start: Resource): Located | undefined {
    let value: unknown = start.root;
    let located = this.at(start.root, start, start.place);
    for (const step of pointer.split('/').slice(1)) {
      const name = step.replace(/~1/g, '/').replace(/~0/g, '~');
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[name];
      located = this.at(value, located.resource, extendPlace(located.place, name));
    }
    if (!isSchema(value)) return undefined;
    if (!isRecord(value) || this.#located.has(value)) return located;
    const hidden = this.#add(value, located.resource, located.place);
    this.hidden.push(hidden);
    return hidden;
  }
}

function newResource(uri: string, root: unknown, place: string, dialect: Dialect): Resource {
  return { uri, root, place, dialect, anchors: new Map(), dynamicAnchors: new Map() };
}

function resolveUri(reference: string, base: string): string | undefined {
  try {
    return new URL(reference, base).href;
  } catch {
    // What has no hierarchy, such as urn:, can only be the base of a fragment.
    return undefined;
  }
}

function splitFragment(uri: string): readonly [start: string, fragment?: string] {
  const hash = uri.indexOf('#');
  return hash < 0 ? [uri] : [uri.slice(0, hash), uri.slice(hash + 1)];
}

/** What the broker, a Go program, cannot read as a URL, or cannot find again after reading it. */
function identifierProblem(id: string): string | undefined {
  const problem =
    uriProblem(id) ??
    lostIdentifier(id) ??
    (/^[a-z][a-z0-9+.-]*:\/\/.*[\s{}"<>^`|\u0080-\uffff]/i.test(id)
      ? 'some of its characters have to be escaped'
      : undefined);
  return problem === undefined ? undefined : `${JSON.stringify(id)} is not a URI: ${problem}`;
}
