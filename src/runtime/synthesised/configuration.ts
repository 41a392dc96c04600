import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, errorText } from '../../model/errors';
import { JsonTextError, parseJsonText } from '../../schema/json-text';
import { ReadFiles } from './read-files';

/** The value of an attribute in JSON configuration, or a whole block. */
export type Json = null | string | number | boolean | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** A block with its labels: `resource "memphis_station" "orders"`. */
export interface Block {
  readonly labels: readonly string[];
  readonly body: JsonObject;
}

/** All configuration files of one stack, merged as Terraform merges them. */
export class Configuration {
  readonly #files: readonly JsonObject[];

  constructor(files: readonly JsonObject[]) {
    this.#files = files;
  }

  /** The name that cdktf gave the stack; undefined where it did not write the configuration. */
  get stackName(): string | undefined {
    for (const file of this.#files) {
      const name = memberAt(file, ['//', 'metadata', 'stackName']);
      if (typeof name === 'string') return name;
    }
    return undefined;
  }

  /** @param labels how many labels a block of that type has */
  blocks(type: string, labels: number): Block[] {
    return this.#files.flatMap((file) => labelled(file[type], labels, []));
  }
}

/** A member deep in a block; undefined when there is none. */
export function memberAt(json: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined) return json;
  return isObject(json) && Object.hasOwn(json, name) ? memberAt(json[name], rest) : undefined;
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** In JSON each level of labels, and the block itself, is an object or a list of objects. */
function labelled(json: Json | undefined, labels: number, above: readonly string[]): Block[] {
  if (Array.isArray(json)) return (json as readonly Json[]).flatMap((each) => labelled(each, labels, above));
  if (!isObject(json)) return [];
  if (labels === 0) return [{ labels: above, body: json }];
  return Object.entries(json).flatMap(([label, inner]) =>
    // What stands beside the labels in a comment is none of them.
    label === '//' ? [] : labelled(inner, labels - 1, [...above, label]),
  );
}

/** The names of the configuration files in a folder, sorted; empty when it cannot be listed. */
export async function configurationFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.tf.json') && !name.startsWith('.')).sort();
}

/**
 * Reads the configuration in a stack's folder.
 * @param shown the stack, for errors: `stack "orders"`
 * @throws EnvironmentError when a file cannot be read or is not JSON; it names the file and the place.
 */
export async function readConfiguration(
  folder: string,
  shown: string,
  read: ReadFiles = new ReadFiles(),
): Promise<Configuration> {
  read.note(folder);
  const names = await configurationFiles(folder);
  if (names.length === 0) {
    throw new EnvironmentError({
      attempted: `read ${shown}`,
      found: `${join(folder, 'cdk.tf.json')} does not exist`,
      next: 'Run cdktf synth.',
    });
  }
  for (const name of names) read.note(join(folder, name));
  const files = await Promise.all(names.map((name) => readJsonFile(join(folder, name), shown)));
  return new Configuration(files);
}

/**
 * Reads a file that holds a JSON object.
 * @param shown what is being read, for errors
 * @throws EnvironmentError when it cannot be read or is not JSON; it names the file and the place.
 */
export async function readJsonFile(file: string, shown: string): Promise<JsonObject> {
  const fail = (found: string, cause?: unknown): never => {
    throw new EnvironmentError({
      attempted: `read ${shown}`,
      found: `${file}: ${found}`,
      next: 'Run cdktf synth again, or correct the file.',
      cause,
    });
  };
  const source = await readFile(file, 'utf8').catch((error: unknown) => fail(errorText(error), error));
  let json: Json;
  try {
    json = JSON.parse(source) as Json;
  } catch (error) {
    return fail(placeOfError(source) ?? errorText(error), error);
  }
  return isObject(json) ? json : fail('line 1, column 1: expected an object');
}

/** `JSON.parse` does not say on all versions of Node in which line it stopped. */
function placeOfError(source: string): string | undefined {
  try {
    parseJsonText(source);
    return undefined;
  } catch (error) {
    return error instanceof JsonTextError ? error.message : undefined;
  }
}
