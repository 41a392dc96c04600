import type { ErrorObject, ValidateFunction } from 'ajv/dist/core';
import type { ContentProblem } from '../content-problem';
import { JsonTextError, parseJsonText } from '../json-text';
import type { Dialect } from './dialect';
import { dialectNames, dialectOf, newAjv } from './dialect';

/** A JSON schema that can be used, or why it cannot. */
export type JsonSchemaContent =
  | { readonly validate: ValidateFunction; readonly problems?: undefined }
  | { readonly validate?: undefined; readonly problems: readonly ContentProblem[] };

/** Reads, checks and compiles the text of a JSON schema. */
export function readJsonSchema(content: string): JsonSchemaContent {
  const read = compileValidator(content);
  return Array.isArray(read) ? { problems: read.map(jsonSchemaProblem) } : { validate: read };
}

/** The broker has one text for everything. */
function jsonSchemaProblem(person: string): ContentProblem {
  return { broker: 'your json schema is invalid', person };
}

/** The validator of a JSON schema, or one text per problem. */
function compileValidator(content: string): ValidateFunction | string[] {
  let schema: unknown;
  try {
    schema = JSON.parse(content);
  } catch (error) {
    return [whereItIsBroken(content, error)];
  }
  const dialect = dialectOf(schema);
  if (dialect === undefined) {
    return [`#/$schema: unknown version of JSON Schema; known are ${dialectNames.join(', ')}`];
  }
  const broken = metaSchemaProblems(dialect, schema);
  if (broken.length > 0) return broken;
  try {
    return newAjv(dialect, { validateSchema: false }).compile(schema as object | boolean);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** One text per problem of a schema as its meta schema sees it. */
function metaSchemaProblems(dialect: Dialect, schema: unknown): string[] {
  const ajv = metaValidator(dialect);
  if (ajv(schema)) return [];
  const errors = ajv.errors ?? [];
  // "anyOf" and "if" only say that something below them failed; the errors below say what.
  const specific = errors.filter(({ keyword }) => !['anyOf', 'allOf', 'if', '$ref'].includes(keyword));
  const texts = (specific.length > 0 ? specific : errors).map(metaSchemaProblem);
  return [...new Set(texts)];
}

const metaValidators = new Map<string, ValidateFunction>();

/** Compiling a meta schema takes far longer than using it, and it never changes. */
function metaValidator(dialect: Dialect): ValidateFunction {
  const known = metaValidators.get(dialect.metaSchema);
  if (known !== undefined) return known;
  const validate = newAjv(dialect, { allErrors: true }).getSchema(dialect.metaSchema);
  if (validate === undefined) throw new Error(`no meta schema ${dialect.metaSchema}`);
  metaValidators.set(dialect.metaSchema, validate);
  return validate;
}

function metaSchemaProblem(error: ErrorObject): string {
  const allowed: unknown = (error.params as { allowedValues?: unknown }).allowedValues;
  const values = Array.isArray(allowed) ? `: ${allowed.join(', ')}` : '';
  return `#${error.instancePath}: ${error.message ?? error.keyword}${values}`;
}

function whereItIsBroken(content: string, error: unknown): string {
  try {
    parseJsonText(content);
  } catch (where) {
    if (where instanceof JsonTextError) return where.message;
  }
  return error instanceof Error ? error.message : String(error);
}
