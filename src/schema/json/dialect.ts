import type { default as AjvCore, Options } from 'ajv/dist/core';
import {
  ajv2019Package,
  ajv2020Package,
  ajvDraft04Package,
  ajvFormatsPackage,
  ajvPackage,
  draft06MetaSchema,
} from '../codec-packages';
import { jsonSchemaPattern } from './pattern';

/** A version of JSON Schema. */
export interface Dialect {
  /** The identifier of its meta schema, as `$schema` names it. */
  readonly metaSchema: string;
  /** A fresh validator that knows nothing but the meta schema. */
  readonly ajv: (options: Options) => AjvCore;
}

const DRAFT_2020_12 = 'https://json-schema.org/draft/2020-12/schema';

/** Ajv knows these in older drafts too, where they mean nothing. */
const keywordsOfDraft06 = ['const', 'contains', 'propertyNames'];
const keywordsOfDraft07 = ['if', 'then', 'else'];

function withoutKeywords(ajv: AjvCore, keywords: readonly string[]): AjvCore {
  for (const keyword of keywords) ajv.removeKeyword(keyword);
  return ajv;
}

const dialects: readonly Dialect[] = [
  { metaSchema: DRAFT_2020_12, ajv: (options) => new (ajv2020Package().default)(options) },
  {
    metaSchema: 'https://json-schema.org/draft/2019-09/schema',
    ajv: (options) => new (ajv2019Package().default)(options),
  },
  {
    metaSchema: 'http://json-schema.org/draft-07/schema#',
    ajv: (options) => new (ajvPackage().default)({ ...options, ignoreKeywordsWithRef: true }),
  },
  {
    metaSchema: 'http://json-schema.org/draft-06/schema#',
    ajv: (options) => {
      const ajv = new (ajvPackage().default)({ ...options, ignoreKeywordsWithRef: true });
      ajv.addMetaSchema(draft06MetaSchema());
      return withoutKeywords(ajv, keywordsOfDraft07);
    },
  },
  {
    metaSchema: 'http://json-schema.org/draft-04/schema#',
    ajv: (options) =>
      withoutKeywords(new (ajvDraft04Package().default)({ ...options, ignoreKeywordsWithRef: true }), [
        ...keywordsOfDraft06,
        ...keywordsOfDraft07,
      ]),
  },
];

const schemeAndFragment = /^https?:\/\/|#?$/g;
const comparable = (identifier: string): string => identifier.replace(schemeAndFragment, '');

/** The dialect that a schema says it is written in; 2020-12 if it says nothing; undefined if nobody knows it. */
export function dialectOf(schema: unknown): Dialect | undefined {
  const named =
    typeof schema === 'object' && schema !== null && '$schema' in schema ? schema.$schema : DRAFT_2020_12;
  if (typeof named !== 'string') return undefined;
  // Without a version it is the latest one.
  const wanted = comparable(named) === 'json-schema.org/schema' ? DRAFT_2020_12 : named;
  return dialects.find(({ metaSchema }) => comparable(metaSchema) === comparable(wanted));
}

/** The names that `$schema` may have, for messages. */
export const dialectNames: readonly string[] = dialects.map(({ metaSchema }) => metaSchema);

const goPattern = Object.assign((pattern: string) => jsonSchemaPattern(pattern), {
  // Only read when Ajv writes a validator out as a module, which never happens here.
  code: 'jsonSchemaPattern',
});

/** A fresh validator of a dialect, set up as all of Memphis' clients have to agree on it. */
export function newAjv(dialect: Dialect, options: Options = {}): AjvCore {
  const ajv = dialect.ajv({
    // Unknown keywords and formats must not make a schema unusable that the broker has accepted.
    strict: false,
    logger: false,
    // One problem is enough to refuse a message; all of them can be as many as the message has bytes.
    allErrors: false,
    code: { regExp: goPattern },
    ...options,
  });
  ajvFormatsPackage().default(ajv);
  ajv.addFormat('regex', {
    type: 'string',
    validate: (pattern: string) => {
      try {
        jsonSchemaPattern(pattern);
        return true;
      } catch {
        return false;
      }
    },
  });
  return ajv;
}
