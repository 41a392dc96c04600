import { readFile } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { EnvironmentError, errorText } from '../../model/errors';
import type { Json, JsonObject } from './json';
import type { Body } from './hcl/body-parser';
import { parseBody } from './hcl/body-parser';
import type { Expression } from './hcl/expression';
import { NativeExpression } from './hcl/native-expression';
import { SyntaxProblem } from './hcl/parser';

/**
 * Reads a file in Terraform's own language, in the form of JSON configuration: blocks are objects under their labels, and
 * what is no plain value is an expression.
 * @param shown what is being read, for errors
 * @throws EnvironmentError when it cannot be read; it names the file and the place.
 */
export async function readNativeFile(file: string, shown: string): Promise<JsonObject> {
  try {
    return blockObject(parseBody(await readFile(file, 'utf8')), placeOf(file));
  } catch (error) {
    const found = error instanceof SyntaxProblem ? error.message : errorText(error);
    throw new EnvironmentError({
      attempted: `read ${shown}`,
      found: `${file}: ${found}`,
      next: 'Correct the file; terraform validate shows more.',
      cause: error,
    });
  }
}

/** The file as reports name it: from the working directory, with forward slashes. */
function placeOf(file: string): string {
  const path = relative(process.cwd(), file);
  return (path.startsWith('..') || isAbsolute(path) ? file : path).split(sep).join('/');
}

function blockObject({ attributes, blocks }: Body, file: string): JsonObject {
  const members = new Map<string, Json>();
  for (const [name, expression] of attributes) members.set(name, jsonOf(expression));
  for (const { type, labels, body, line } of blocks) {
    // Where cdktf has its notes about the construct.
    const noted: JsonObject = { ...blockObject(body, file), '//': { metadata: { file, line } } };
    const labelled = labels.reduceRight<JsonObject>((inner, label) => ({ [label]: inner }), noted);
    members.set(type, [...listOf(members.get(type)), labelled]);
  }
  return Object.fromEntries(members);
}

function listOf(json: Json | undefined): readonly Json[] {
  return Array.isArray(json) ? (json as readonly Json[]) : [];
}

/** Plain values are those of JSON; a string of JSON is a template, so that one with its marks stays what it is. */
function jsonOf(expression: Expression | undefined): Json {
  switch (expression?.is) {
    case 'literal': {
      const { value } = expression;
      return isMarked(value) ? new NativeExpression(expression) : value;
    }
    case 'tuple':
      return expression.items.map(jsonOf);
    case 'object': {
      const entries = expression.items.flatMap(([key, value]) =>
        key.is === 'literal' && typeof key.value === 'string' && !isMarked(key.value)
          ? [[key.value, jsonOf(value)] as const]
          : [],
      );
      const isPlain = entries.length === expression.items.length;
      return isPlain ? Object.fromEntries(entries) : new NativeExpression(expression);
    }
    default:
      return new NativeExpression(expression);
  }
}

function isMarked(value: unknown): boolean {
  return typeof value === 'string' && /[$%]\{/.test(value);
}
