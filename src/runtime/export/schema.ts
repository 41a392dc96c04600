import { MAX_SCHEMA_NAME_BYTES } from '../../model/names';
import { schemaFields } from '../../model/schema-declaration';
import type { SchemaType } from '../../model/schema-type';
import { problemsOf } from '../../model/validation';
import { canonicalContent, schemaProblems } from '../../schema';
import type { Admin } from '../admin';
import { inParallel } from '../admin/batch';
import type { InventorySchema } from '../inventory';
import { schemaKind, Run } from '../reconcile';
import type { SchemaText } from './plan';

/** Reads the active version of schemas. A schema that has gone meanwhile is left out. */
export async function readSchemaTexts(
  admin: Admin,
  schemas: readonly InventorySchema[],
): Promise<SchemaText[]> {
  const run = new Run(admin);
  const found = await inParallel(schemas, async (schema): Promise<SchemaText | undefined> => {
    const live = await schemaKind.read(run, schema.name);
    if (live === undefined) return undefined;
    const { content, messageStructName } = schemaKind.normalise(live);
    return { ...schema, content, messageStructName };
  });
  return found.filter((schema) => schema !== undefined);
}

/** Why a schema of the broker cannot be declared; undefined when it can. */
export function whyNotDeclarable({ name, type, content }: SchemaText): string | undefined {
  if (Buffer.byteLength(name) > MAX_SCHEMA_NAME_BYTES)
    return `its name is longer than ${MAX_SCHEMA_NAME_BYTES} bytes, which the broker accepts from SDKs alone`;
  // The name becomes that of a file, so that one such as `../x` would leave the folder.
  const [wrongName] = problemsOf({ name }, { fields: { name: schemaFields.name } });
  if (wrongName !== undefined) return `its name is not valid: ${wrongName}`;
  const [problem] = schemaProblems(type, content);
  return problem === undefined ? undefined : `its content is not valid: ${problem}`;
}

const extensions: Readonly<Record<SchemaType, string>> = {
  json: 'json',
  avro: 'avsc',
  protobuf: 'proto',
  graphql: 'graphql',
};

/** Where the text of a schema is written, below the folder of the export. */
export function schemaFileOf({ name, type }: Pick<SchemaText, 'name' | 'type'>): string {
  return `schemas/${name}.${extensions[type]}`;
}

/**
 * The text of a schema as people keep it in a file: JSON on one line is spread over several, and the file ends with a
 * line end. Only where it means the same to the broker.
 */
export function fileText({ type, content }: SchemaText): string {
  const readable = spread(type, content.endsWith('\n') ? content : `${content}\n`);
  return canonicalContent(type, readable) === canonicalContent(type, content) ? readable : content;
}

function spread(type: SchemaType, content: string): string {
  if ((type !== 'json' && type !== 'avro') || content.trim().includes('\n')) return content;
  try {
    return `${JSON.stringify(JSON.parse(content), null, 2)}\n`;
  } catch {
    return content;
  }
}

/** A file is read without byte order mark and with plain line ends; a text that has others stands in the code. */
export function fitsInFile(text: string): boolean {
  return !text.startsWith('\uFEFF') && !text.includes('\r\n') && Buffer.from(text).toString() === text;
}
