import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, errorText } from '../../model/errors';
import { JsonTextError, parseJsonText } from '../../schema/json-text';
import type { Block, Json, JsonObject } from './json';
import { isObject, memberAt } from './json';
import { readNativeFile } from './native-configuration';
import { isOverrideFile, overridden } from './override';
import { ReadFiles } from './read-files';

/** All configuration files of one stack, merged as Terraform merges them. */
export class Configuration {
  readonly #files: readonly JsonObject[];
  readonly #overrides: readonly JsonObject[];

  /** @param overrides the contents of override files, in their order */
  constructor(files: readonly JsonObject[], overrides: readonly JsonObject[] = []) {
    this.#files = files;
    this.#overrides = overrides;
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
    const [blocks, overrides] = [this.#files, this.#overrides].map((files) =>
      files.flatMap((file) => labelled(file[type], labels, [])),
    );
    // Of blocks without labels, each value counts for itself, and the last one of a name is that of the stack.
    return labels === 0
      ? [...(blocks ?? []), ...(overrides ?? [])]
      : overridden(blocks ?? [], overrides ?? []);
  }
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
  // Terraform passes over the files that editors leave behind.
  return names.filter((name) => /\.tf(?:\.json)?$/.test(name) && !/^[.#]/.test(name)).sort();
}

/**
 * Reads the configuration in a folder, of a stack or of a module.
 * @param shown whose it is, for errors: `stack "orders"`
 * @throws EnvironmentError when there is none, or a file cannot be read; it names the file and the place.
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
  const contents = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      return [name, await (name.endsWith('.json') ? readJsonFile : readNativeFile)(file, shown)] as const;
    }),
  );
  const of = (isOverride: boolean): JsonObject[] =>
    contents.flatMap(([name, content]) => (isOverrideFile(name) === isOverride ? [content] : []));
  return new Configuration(of(false), of(true));
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
