import type { ContentProblem } from '../content-problem';
import { JsonPlaces } from '../json-places';
import { JsonTextError, parseJsonText } from '../json-text';
import { remembered } from '../remembered';
import { isStackOverflow, unlessTooDeep } from '../stack-overflow';
import type { TextPlace } from '../text-place';
import { START, placeAt, withPlace } from '../text-place';
import type { Check, Failure } from './check';
import { CheckRun } from './check';
import { Compiler } from './compiler';
import type { Dialect } from './dialect';
import {
  brokerFormats,
  dialectNames,
  dialectOf,
  isKnownVocabulary,
  metaSchemaDocument,
  versions,
} from './dialect';
import { uriProblem } from './go-uri';
import { jsonSchemaPattern } from './pattern';
import { ReferenceProblem, Resources, extendPlace, isRecord } from './resources';

/** A JSON schema that can be used, or why it cannot. */
export type JsonSchemaContent =
  | { readonly check: Check; readonly problems?: undefined }
  | { readonly check?: undefined; readonly problems: readonly ContentProblem[] };

/** Deeper than any schema a person writes, and far from the end of the stack. */
const MAX_DEPTH = 1000;

/** Far more than the check of any schema takes that a broker stores. */
const MAX_STEPS = 50_000_000;

/** Reads, checks and compiles the text of a JSON schema. */
export const readJsonSchema = remembered((content): JsonSchemaContent => {
  let schema: unknown;
  try {
    schema = JSON.parse(content);
  } catch (error) {
    return { problems: [refused(whereItIsBroken(content, error))] };
  }
  if (isDeeperThan(schema, MAX_DEPTH)) return { problems: [refused(tooDeep(content))] };
  const read = unlessTooDeep(
    () => compiledCheck(schema, content),
    (what) => [{ what }],
  );
  if (!Array.isArray(read)) return { check: read };
  const places = new JsonPlaces(content);
  return {
    problems: read.map(({ pointer, what, member }) => {
      const place = places.of(member === undefined ? (pointer ?? '#') : extendPlace(pointer ?? '#', member));
      return refused(withPlace(pointer === undefined ? what : `${pointer}: ${what}`, place));
    }),
  };
});

/** The broker has one text for everything. */
function refused(person: string): ContentProblem {
  return { broker: 'your json schema is invalid', person };
}

/** A problem of a part of a schema. */
interface Problem {
  readonly what: string;
  /** Which part; a JSON pointer in a fragment. */
  readonly pointer?: string;
  /** The member of that part whose name is wrong. */
  readonly member?: string;
}

/** The check of a JSON schema, or its problems. */
function compiledCheck(schema: unknown, content: string): Check | Problem[] {
  const dialect = dialectOf(schema);
  if (dialect === undefined) {
    const what = `unknown version of JSON Schema; known are ${dialectNames.join(', ')}`;
    return [{ pointer: '#/$schema', what }];
  }
  const broken = [...metaSchemaProblems(dialect, schema, '#'), ...vocabularyProblems(dialect, schema)];
  if (broken.length > 0) return broken;
  try {
    const resources = new Resources(schema, dialect);
    const compiler = new Compiler(resources, hasDynamicReferences(content));
    const check = compiler.compile(resources.root);
    const hidden = resources.hidden.flatMap((one) =>
      metaSchemaProblems(one.resource.dialect, one.schema, one.place),
    );
    if (hidden.length > 0) return hidden;
    const endless = compiler.endlessPlace();
    return endless === undefined ? check : [{ pointer: endless, what: 'it refers to itself without an end' }];
  } catch (error) {
    if (isStackOverflow(error)) throw error;
    if (error instanceof ReferenceProblem) return [{ pointer: error.place, what: error.message }];
    return [{ what: error instanceof Error ? error.message : String(error) }];
  }
}

/** Only with such references, also those of meta schemas, the way to a schema matters. */
function hasDynamicReferences(content: string): boolean {
  return /"\$(dynamicRef|recursiveRef)"|json-schema\.org/.test(content);
}

/** The problems of a schema as its meta schema sees it. */
function metaSchemaProblems(dialect: Dialect, schema: unknown, place: string): Problem[] {
  const run = new CheckRun('all with branches', MAX_STEPS);
  if (metaSchemaCheck(dialect)(schema, run, undefined)) return [];
  const { failures } = run;
  // A choice only says that something below it failed; the failures below say what.
  const specific = failures.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'propertyNames');
  const problems = (specific.length > 0 ? specific : failures).map((failure) =>
    metaSchemaProblem(failure, schema, place),
  );
  return [...new Map(problems.map((one) => [JSON.stringify([one.pointer, one.what]), one])).values()];
}

const metaSchemaChecks = new Map<string, Check>();

/** Compiling a meta schema takes far longer than using it, and it never changes. */
function metaSchemaCheck(dialect: Dialect): Check {
  const known = metaSchemaChecks.get(dialect.metaSchema);
  if (known !== undefined) return known;
  const document = metaSchemaDocument(dialect.metaSchema);
  if (document === undefined) throw new Error(`no meta schema ${dialect.metaSchema}`);
  const resources = new Resources(document, dialect);
  const check = new Compiler(resources, true).compile(resources.root);
  metaSchemaChecks.set(dialect.metaSchema, check);
  return check;
}

function metaSchemaProblem(failure: Failure, schema: unknown, place: string): Problem {
  const { instancePath, message, params, propertyName } = failure;
  const pointer = `${place}${instancePath}`;
  const part = { pointer, ...(propertyName === undefined ? {} : { member: propertyName }) };
  if (params.format === 'regex')
    return { ...part, what: patternProblem(propertyName ?? valueAt(schema, instancePath)) };
  if (params.format === brokerFormats.uri || params.format === brokerFormats.reference) {
    const text = String(valueAt(schema, instancePath));
    return {
      ...part,
      what: `${JSON.stringify(text)} is not a URI: ${uriProblem(text) ?? 'the scheme is missing'}`,
    };
  }
  const allowed: unknown = params.allowedValues;
  const values = Array.isArray(allowed) ? `: ${allowed.join(', ')}` : '';
  return { ...part, what: `${message}${values}` };
}

function patternProblem(pattern: unknown): string {
  try {
    jsonSchemaPattern(String(pattern));
    return 'must be a pattern';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function valueAt(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((outer, step) => {
      const name = step.replace(/~1/g, '/').replace(/~0/g, '~');
      return typeof outer === 'object' && outer !== null
        ? (outer as Record<string, unknown>)[name]
        : undefined;
    }, value);
}

function vocabularyProblems({ version }: Dialect, schema: unknown): Problem[] {
  if (version < versions.draft2019 || !isRecord(schema) || !isRecord(schema.$vocabulary)) return [];
  return Object.entries(schema.$vocabulary).flatMap(([identifier, isRequired]) =>
    isRequired === true && !isKnownVocabulary(identifier)
      ? [
          {
            pointer: extendPlace('#', '$vocabulary', identifier),
            what: 'the broker does not know this vocabulary',
          },
        ]
      : [],
  );
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}

function tooDeep(content: string): string {
  const what = `nested deeper than ${MAX_DEPTH} levels`;
  return withPlace(what, firstDeeperThan(content, MAX_DEPTH));
}

/** Where the brackets in a text of valid JSON are nested deeper than a limit for the first time. */
function firstDeeperThan(content: string, limit: number): TextPlace {
  let depth = 0;
  for (const { 0: token, index } of content.matchAll(/"(?:[^"\\]+|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    if (depth > limit) return placeAt(content, index);
  }
  return START;
}

function whereItIsBroken(content: string, error: unknown): string {
  try {
    parseJsonText(content);
  } catch (where) {
    if (where instanceof JsonTextError) return where.message;
  }
  return error instanceof Error ? error.message : String(error);
}
