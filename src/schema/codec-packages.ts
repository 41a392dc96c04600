/**
 * The codec packages, each loaded when it is needed first. They are large, and most programs that import the model
 * need none of them: a stack without schemas, or a provider that only reads.
 */
import type * as formats from 'ajv-formats/dist/formats';
import type * as graphqlLanguage from 'graphql/language';
import type * as graphqlType from 'graphql/type';
import type * as graphqlChanges from 'graphql/utilities/findBreakingChanges';
import type * as graphqlSchemaBuilder from 'graphql/utilities/buildASTSchema';
import type * as graphqlValidation from 'graphql/validation';
import type * as graphqlValidate from 'graphql/validation/validate';
import type * as protobuf from 'protobufjs';
import type * as protobufDescriptor from 'protobufjs/ext/descriptor';
import type * as protoJson from 'protobufjs/ext/protojson';
import type * as re2js from 're2js';

/* eslint-disable @typescript-eslint/no-require-imports -- `import` would load the package at once, and `import()` is not synchronous */

/** The meta schemas of all versions of JSON Schema, with their parts. */
export const metaSchemaDocuments = () =>
  [
    require('ajv/dist/refs/json-schema-2020-12/schema.json'),
    require('ajv/dist/refs/json-schema-2020-12/meta/core.json'),
    require('ajv/dist/refs/json-schema-2020-12/meta/applicator.json'),
    require('ajv/dist/refs/json-schema-2020-12/meta/unevaluated.json'),
    require('ajv/dist/refs/json-schema-2020-12/meta/validation.json'),
    require('ajv/dist/refs/json-schema-2020-12/meta/meta-data.json'),
    require('ajv/dist/refs/json-schema-2020-12/meta/format-annotation.json'),
    require('ajv/dist/refs/json-schema-2020-12/meta/content.json'),
    require('ajv/dist/refs/json-schema-2019-09/schema.json'),
    require('ajv/dist/refs/json-schema-2019-09/meta/core.json'),
    require('ajv/dist/refs/json-schema-2019-09/meta/applicator.json'),
    require('ajv/dist/refs/json-schema-2019-09/meta/validation.json'),
    require('ajv/dist/refs/json-schema-2019-09/meta/meta-data.json'),
    require('ajv/dist/refs/json-schema-2019-09/meta/format.json'),
    require('ajv/dist/refs/json-schema-2019-09/meta/content.json'),
    require('ajv/dist/refs/json-schema-draft-07.json'),
    require('ajv/dist/refs/json-schema-draft-06.json'),
    require('ajv-draft-04/dist/refs/json-schema-draft-04.json'),
  ] as readonly object[];
export const formatsPackage = () => require('ajv-formats/dist/formats') as typeof formats;
export const re2jsPackage = () => require('re2js') as typeof re2js;
export const protobufPackage = () => require('protobufjs') as typeof protobuf;
export const protobufDescriptorPackage = () =>
  require('protobufjs/ext/descriptor') as typeof protobufDescriptor;
export const protoJsonPackage = () => require('protobufjs/ext/protojson') as typeof protoJson;
let graphqlParts:
  | (typeof graphqlLanguage &
      typeof graphqlType &
      typeof graphqlValidation &
      typeof graphqlSchemaBuilder &
      typeof graphqlChanges)
  | undefined;

/** The parts of graphql that are used. Its main entry also loads what executes queries, a third of the package. */
export const graphqlPackage = () => {
  graphqlParts ??= {
    ...(require('graphql/language') as typeof graphqlLanguage),
    ...(require('graphql/type') as typeof graphqlType),
    ...(require('graphql/validation') as typeof graphqlValidation),
    ...(require('graphql/utilities/buildASTSchema') as typeof graphqlSchemaBuilder),
    ...(require('graphql/utilities/findBreakingChanges') as typeof graphqlChanges),
  };
  return graphqlParts;
};
/** The rules of the schema definition language, one error with its place per problem; not part of the main entry. */
export const graphqlSdlRules = () => require('graphql/validation/validate') as typeof graphqlValidate;
