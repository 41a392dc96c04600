import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, errorText } from '../../model/errors';
import { NativeExpression } from './hcl/native-expression';
import type { Block, Json } from './json';
import { isObject } from './json';
import { jsonValue } from './json-expression';
import { readJsonFile } from './configuration';
import type { ReadFiles } from './read-files';
import type { TypeConstraint } from './hcl/convert';
import { convert, typeConstraint } from './hcl/convert';
import { evaluate } from './hcl/evaluate';
import type { Scope } from './hcl/evaluate';
import type { Expression } from './hcl/expression';
import { valueOfJson } from './hcl/functions';
import { SyntaxProblem, parseAttributes, parseExpression } from './hcl/parser';
import type { Value } from './hcl/value';
import { UNKNOWN, Unresolved } from './hcl/value';

/** A value that a variable was given, in the form of its source. */
export type GivenValue =
  | { readonly from: 'environment'; readonly text: string }
  | { readonly from: 'file'; readonly expression: Expression }
  | { readonly from: 'jsonFile'; readonly json: Json }
  /** By the block that calls a module. */
  | { readonly from: 'module'; readonly value: Value };

/** Values outside of the configuration refer to nothing. */
const nothing: Scope = {
  variable: () => undefined,
  readFile: () => {
    throw new Unresolved('no file');
  },
};

/**
 * The values that Terraform gives to the variables of a stack, by name. Of several sources the last one counts:
 * `TF_VAR_*`, `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and `*.auto.tfvars.json` by name.
 * @param shown the stack, for errors
 * @param files is notified of what is read
 * @throws EnvironmentError when a file cannot be read; it names the file and the place.
 */
export async function givenValues(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  shown: string,
  files: ReadFiles,
): Promise<ReadonlyMap<string, GivenValue>> {
  const given = new Map<string, GivenValue>();
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('TF_VAR_') && value !== undefined)
      given.set(name.slice('TF_VAR_'.length), { from: 'environment', text: value });
  }
  for (const file of await valueFiles(folder)) {
    files.note(join(folder, file));
    for (const [name, value] of await readValueFile(join(folder, file), shown)) given.set(name, value);
  }
  return given;
}

async function valueFiles(folder: string): Promise<string[]> {
  // That a folder is missing is reported by who reads its configuration.
  const names = (await readdir(folder).catch(() => [])).sort();
  const first = ['terraform.tfvars', 'terraform.tfvars.json'].filter((name) => names.includes(name));
  return [...first, ...names.filter((name) => /\.auto\.tfvars(\.json)?$/.test(name))];
}

async function readValueFile(file: string, shown: string): Promise<[string, GivenValue][]> {
  if (file.endsWith('.json')) {
    const json = await readJsonFile(file, shown);
    return Object.entries(json).map(([name, value]) => [name, { from: 'jsonFile', json: value }]);
  }
  try {
    const attributes = parseAttributes(await readFile(file, 'utf8'));
    return [...attributes].map(([name, expression]) => [name, { from: 'file', expression }]);
  } catch (error) {
    const found = error instanceof SyntaxProblem ? error.message : errorText(error);
    throw new EnvironmentError({
      attempted: `read ${shown}`,
      found: `${file}: ${found}`,
      next: 'Correct the file.',
      cause: error,
    });
  }
}

/** The value of a variable; `UNKNOWN` where it has none yet, or where only Terraform can tell it. */
export function variableValue({ body }: Block, given: GivenValue | undefined): Value {
  try {
    const type = constraintOf(body.type);
    const value = given === undefined ? undefined : valueGiven(given, type);
    const found =
      value === undefined || (value === null && body.nullable === false) ? body.default : undefined;
    const used = found === undefined ? value : defaultValue(found);
    if (used === undefined) return UNKNOWN;
    return type === undefined ? used : convert(used, type, (expression) => evaluate(expression, nothing));
  } catch (error) {
    if (error instanceof Unresolved) return UNKNOWN;
    throw error;
  }
}

/** A default is a plain value; in JSON configuration its strings are no templates. */
function defaultValue(json: Json): Value {
  if (json instanceof NativeExpression) return jsonValue(json, nothing);
  if (Array.isArray(json)) return (json as readonly Json[]).map(defaultValue);
  if (!isObject(json)) return valueOfJson(json);
  return new Map(Object.entries(json).map(([key, item]) => [key, defaultValue(item)]));
}

/** In JSON configuration a type is a string: the type, or a template of it. */
function constraintOf(type: Json | undefined): TypeConstraint | undefined {
  if (type instanceof NativeExpression) {
    if (type.expression === undefined) throw new Unresolved('a type that is not read');
    return typeConstraint(type.expression);
  }
  if (typeof type !== 'string') return undefined;
  return typeConstraint(parseExpression(type.replace(/^\$\{(.*)\}$/s, '$1')));
}

function valueGiven(given: GivenValue, type: TypeConstraint | undefined): Value {
  if (given.from === 'module') return given.value;
  if (given.from === 'jsonFile') return valueOfJson(given.json);
  if (given.from === 'file') return evaluate(given.expression, nothing);
  // A string, unless the type says that it is an expression.
  const isText = type === undefined || type.is === 'string' || type.is === 'number' || type.is === 'bool';
  return isText ? given.text : evaluate(parseExpression(given.text), nothing);
}
