import type { SchemaType } from '../../../schema';
import { fileDescriptorSet, firstMessageName, schemaContentProblem, schemaTypes } from '../../../schema';
import type { SchemaRow, SchemaVersion, UserRow } from '../store/rows';
import type { BrokerContext } from './context';
import { now } from './context';
import { SchemaContentRefusal, ServerFailure } from './errors';
import type { NamedTag } from './tags';
import { tagsForNew } from './tags';

/** Who made a schema; over NATS the name is taken as sent, whether such a user exists or not. */
export type Author = Pick<UserRow, 'id' | 'username'>;

/** A version about to be made. */
export interface NewVersion {
  readonly content: string;
  readonly messageStructName: string;
  /** The name of the .proto file inside the descriptor; it matters for protobuf only. */
  readonly fileName: string;
}

export function isSchemaType(type: string): type is SchemaType {
  return (schemaTypes as readonly string[]).includes(type);
}

/** @throws SchemaContentRefusal with the broker's words. */
export function checkSchemaContent(type: string, content: string): void {
  const problem =
    content === '' ? schemaContentProblem('json', content) : brokerContentProblem(type, content);
  if (problem !== undefined) throw new SchemaContentRefusal(problem);
}

function brokerContentProblem(type: string, content: string): string | undefined {
  if (!isSchemaType(type)) return undefined;
  // The broker takes a file without messages over REST; the model refuses it, because over NATS it ends the broker.
  const padding =
    type === 'protobuf' && firstMessageName(content) === undefined ? '\nmessage Padding {}' : '';
  return schemaContentProblem(type, content + padding);
}

/** Adds a schema whose first version is active. */
export async function insertSchema(
  context: BrokerContext,
  name: string,
  type: SchemaType,
  first: NewVersion,
  author: Author,
  tags: readonly NamedTag[] | undefined,
): Promise<SchemaRow> {
  const version = newVersionRow(type, 1, first, author);
  const tagIds = await tagsForNew(context, tags).catch((error: unknown) => ({ refused: error }));
  const tagged = 'refused' in tagIds ? [] : tagIds;
  const row = await context.metadata.schemas.insert(
    { name, type, createdByUsername: author.username, tags: tagged },
    version,
  );
  if ('refused' in tagIds) throw tagIds.refused;
  return row;
}

/** Adds an inactive version with the next number. */
export async function insertVersion(
  context: BrokerContext,
  schema: SchemaRow,
  next: NewVersion,
  author: Author,
): Promise<SchemaRow> {
  const { schemas } = context.metadata;
  await schemas.insertVersion(
    schema.id,
    newVersionRow(schema.type, schema.versions.length + 1, next, author),
  );
  return schemas.find(schema.name) ?? schema;
}

/** Makes one version the active one. */
export async function activateVersion(
  context: BrokerContext,
  schema: SchemaRow,
  versionNumber: number,
): Promise<SchemaRow> {
  return context.metadata.schemas.activate(schema, versionNumber);
}

/** Removes a schema with its versions, and takes it from every station that uses it. */
export async function removeSchema(context: BrokerContext, schema: SchemaRow): Promise<void> {
  for (const station of context.metadata.stations.all()) {
    if (station.schemaName !== schema.name) continue;
    context.broadcasts.schemaDetached(station.name);
    // The version number stays behind, as on a real broker.
    await context.metadata.stations.update(station.id, { schemaName: '' });
  }
  await context.metadata.schemas.remove(schema.id);
}

function newVersionRow(
  type: string,
  versionNumber: number,
  { content, messageStructName, fileName }: NewVersion,
  author: Author,
): Omit<SchemaVersion, 'id' | 'isActive'> {
  return {
    versionNumber,
    createdBy: author.id,
    createdByUsername: author.username,
    createdAt: now(),
    content,
    messageStructName,
    descriptor: type === 'protobuf' ? descriptorOf(content, fileName) : '',
  };
}

function descriptorOf(content: string, fileName: string): string {
  // A real broker writes the content into a file of that name beside itself.
  if (fileName.includes('/')) throw new ServerFailure(`open ${fileName}: no such file or directory`);
  return Buffer.from(fileDescriptorSet(content, fileName)).toString('base64');
}
