import type { CanonicalOf, DeclarationOf, Field } from './field';
import { choiceField, textField } from './field';
import { MAX_SCHEMA_NAME_BYTES, externalName } from './names';
import { adoptExisting, owner } from './ownership';
import { compatibilities } from './schema-compatibility';
import { schemaTypes } from './schema-type';
import type { SchemaType } from './schema-type';

/** What the active version of a schema says, as the REST API tells it. */
export interface SchemaRecord {
  readonly name: string;
  readonly type: SchemaType;
  readonly content: string;
  readonly messageStructName: string;
}

/** Read from the active version of the schema. */
interface VersionReader {
  readonly from: 'schema';
  read(schema: SchemaRecord): string;
}

/** Written by a new version that becomes the active one. Fields with it are written together. */
interface VersionWriter {
  readonly by: 'newVersion';
  /** Path in the body of the request that stores the version. */
  readonly body: string;
}

/** One field of a schema. */
export type SchemaField = Field<VersionReader, VersionWriter>;

const inVersion = (read: VersionReader['read']) => ({ from: 'schema', read }) as const;

/** Everything that is true of a schema's fields. */
export const schemaFields = {
  name: textField({
    required: true,
    names: 'Schema',
    maximumBytes: MAX_SCHEMA_NAME_BYTES,
    description: 'Name of the schema; case does not matter.',
    change: { how: 'replace', why: 'Memphis cannot rename a schema.' },
    canonical: (name: string) => externalName(name),
    read: inVersion(({ name }) => externalName(name)),
    body: 'name',
  }),
  type: choiceField(schemaTypes, {
    required: true,
    description: 'The language of the schema.',
    change: { how: 'replace', why: 'Memphis cannot change the type of a schema.' },
    read: inVersion(({ type }) => type),
    body: 'type',
  }),
  content: textField({
    required: true,
    description:
      'The schema itself. A change stores a new version, activates it and hands it to the producers of every station that enforces the schema; older versions stay.',
    change: { how: 'inPlace' },
    read: inVersion(({ content }) => content),
    body: 'schema_content',
    update: { by: 'newVersion', body: 'schema_content' },
  }),
  messageStructName: textField({
    description:
      'For protobuf: the message of the file that stations exchange. It has no meaning for other types.',
    absent: 'the first message of the file',
    change: { how: 'inPlace' },
    /** Empty where the first message of the file is meant, and for types without messages. */
    canonical: (name: string | undefined) => name ?? '',
    read: inVersion(({ messageStructName }) => messageStructName),
    body: 'message_struct_name',
    update: { by: 'newVersion', body: 'message_struct_name' },
  }),
  compatibility: choiceField(compatibilities, {
    description:
      'Which former versions a change of the content has to go on working with; the plan refuses any other change and lists every violation. backward: consumers with the new schema read old messages; forward: consumers with the old schema read new messages; full: both. Those ending in Transitive check all versions that the broker keeps, the others the active one.',
    absent: 'none',
    change: { how: 'policy' },
  }),
  adoptExisting,
  owner,
} satisfies Readonly<Record<string, SchemaField>>;

/** A schema as users declare it. */
export type SchemaDeclaration = DeclarationOf<typeof schemaFields>;

/** A schema in the form in which declared and live ones are compared. */
export type CanonicalSchema = CanonicalOf<typeof schemaFields>;

/** The values of a schema that make a new version, as they stand in the request that stores one. */
export function versionBody(schema: CanonicalSchema): Record<string, unknown> {
  const values = schema as unknown as Readonly<Record<string, unknown>>;
  const written = Object.entries(schemaFields as Readonly<Record<string, SchemaField>>).flatMap(
    ([name, field]) => ('update' in field ? [[field.update.body, values[name]] as const] : []),
  );
  return Object.fromEntries(written);
}
