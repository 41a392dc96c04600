/**
 * The codec packages, each loaded when it is needed first. They are large, and most programs that import the model
 * need none of them: a stack without schemas, or a provider that only reads.
 */
import type * as ajv from 'ajv';
import type * as ajvDraft04 from 'ajv-draft-04';
import type * as ajvFormats from 'ajv-formats';
import type * as ajv2019 from 'ajv/dist/2019';
import type * as ajv2020 from 'ajv/dist/2020';
import type * as graphql from 'graphql';
import type * as graphqlValidation from 'graphql/validation/validate';
import type * as protobuf from 'protobufjs';
import type * as protobufDescriptor from 'protobufjs/ext/descriptor';
import type * as protoJson from 'protobufjs/ext/protojson';

/* eslint-disable @typescript-eslint/no-require-imports -- `import` would load the package at once, and `import()` is not synchronous */

export const ajvPackage = () => require('ajv') as typeof ajv;
export const ajv2019Package = () => require('ajv/dist/2019') as typeof ajv2019;
export const ajv2020Package = () => require('ajv/dist/2020') as typeof ajv2020;
export const ajvDraft04Package = () => require('ajv-draft-04') as typeof ajvDraft04;
export const ajvFormatsPackage = () => require('ajv-formats') as typeof ajvFormats;
export const draft06MetaSchema = () => require('ajv/dist/refs/json-schema-draft-06.json') as object;
export const protobufPackage = () => require('protobufjs') as typeof protobuf;
export const protobufDescriptorPackage = () =>
  require('protobufjs/ext/descriptor') as typeof protobufDescriptor;
export const protoJsonPackage = () => require('protobufjs/ext/protojson') as typeof protoJson;
export const graphqlPackage = () => require('graphql') as typeof graphql;
/** The rules of the schema definition language, one error with its place per problem; not part of the main entry. */
export const graphqlSdlRules = () => require('graphql/validation/validate') as typeof graphqlValidation;
