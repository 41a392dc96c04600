import { metaSchemaDocuments } from '../codec-packages';

/** The versions of JSON Schema, oldest first; the number is what keywords are compared by. */
export const versions = { draft04: 4, draft06: 6, draft07: 7, draft2019: 2019, draft2020: 2020 } as const;

type Version = (typeof versions)[keyof typeof versions];

/** A version of JSON Schema. */
export interface Dialect {
  /** The identifier of its meta schema, as `$schema` names it. */
  readonly metaSchema: string;
  readonly version: Version;
}

const DRAFT_2020_12: Dialect = {
  metaSchema: 'https://json-schema.org/draft/2020-12/schema',
  version: versions.draft2020,
};

const dialects: readonly Dialect[] = [
  DRAFT_2020_12,
  { metaSchema: 'https://json-schema.org/draft/2019-09/schema', version: versions.draft2019 },
  { metaSchema: 'http://json-schema.org/draft-07/schema#', version: versions.draft07 },
  { metaSchema: 'http://json-schema.org/draft-06/schema#', version: versions.draft06 },
  { metaSchema: 'http://json-schema.org/draft-04/schema#', version: versions.draft04 },
];

const schemeAndFragment = /^https?:\/\/|#?$/g;
const comparable = (identifier: string): string => identifier.replace(schemeAndFragment, '');

/** The dialect that a schema says it is written in; 2020-12 if it says nothing; undefined if nobody knows it. */
export function dialectOf(schema: unknown): Dialect | undefined {
  if (typeof schema !== 'object' || schema === null || !Object.hasOwn(schema, '$schema'))
    return DRAFT_2020_12;
  const named: unknown = (schema as Readonly<Record<string, unknown>>).$schema;
  // The broker wants a URI, so a scheme.
  if (typeof named !== 'string' || !/^https?:/.test(named)) return undefined;
  // Without a version it is the latest one.
  if (comparable(named) === 'json-schema.org/schema') return DRAFT_2020_12;
  return dialects.find(({ metaSchema }) => comparable(metaSchema) === comparable(named));
}

/** The names that `$schema` may have, for messages. */
export const dialectNames: readonly string[] = dialects.map(({ metaSchema }) => metaSchema);

/** The vocabularies that the broker knows. */
export function isKnownVocabulary(identifier: string): boolean {
  return /^https:\/\/json-schema\.org\/draft\/(2019-09|2020-12)\/vocab\/(core|applicator|unevaluated|validation|meta-data|format|format-annotation|format-assertion|content)$/.test(
    identifier,
  );
}

/** The formats of meta schemas that the broker checks as Go does. */
export const brokerFormats = { uri: 'broker-uri', reference: 'broker-uri-reference' } as const;

/** The keywords of draft-04 that the broker's own copy of its meta schema checks in addition. */
const draft04Keywords = {
  id: { type: 'string', format: brokerFormats.reference },
  $ref: { type: 'string' },
  format: { type: 'string' },
};

let brokerDocuments: ReadonlyMap<string, object> | undefined;

/**
 * The document of a meta schema as the broker has it, or of a part of one; undefined for every other identifier.
 */
export function metaSchemaDocument(identifier: string): object | undefined {
  brokerDocuments ??= new Map(
    metaSchemaDocuments().map((document) => [nameOf(document), asBrokerHas(document)]),
  );
  return brokerDocuments.get(comparable(identifier));
}

function nameOf(document: object): string {
  const { $id, id } = document as { readonly $id?: string; readonly id?: string };
  return comparable($id ?? id ?? '');
}

function asBrokerHas(document: object): object {
  const text = JSON.stringify(document)
    .replaceAll('"format":"uri-reference"', `"format":"${brokerFormats.reference}"`)
    .replaceAll('"format":"uri"', `"format":"${brokerFormats.uri}"`);
  const own = JSON.parse(text) as { readonly properties?: object };
  return nameOf(document).includes('draft-04')
    ? { ...own, properties: { ...own.properties, ...draft04Keywords } }
    : own;
}
