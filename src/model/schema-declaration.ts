import type { Fields } from './field';
import { MAX_SCHEMA_NAME_BYTES } from './names';
import { adoptExisting, owner } from './ownership';
import type { SchemaType } from './schema-type';
import { schemaTypes } from './schema-type';

/** A schema as users declare it. */
export interface SchemaDeclaration {
  readonly name: string;
  readonly type: SchemaType;
  readonly content: string;
  readonly messageStructName?: string;
  readonly adoptExisting?: boolean;
  readonly owner?: string;
}

/** Everything that is true of a schema's fields. */
export const schemaFields: Fields<SchemaDeclaration> = {
  name: {
    type: 'text',
    required: true,
    names: 'Schema',
    maximumBytes: MAX_SCHEMA_NAME_BYTES,
    description: 'Name of the schema; upper and lower case are the same.',
    change: { how: 'replace', why: 'Memphis cannot rename a schema.' },
    source: 'rest',
  },
  type: {
    type: 'choice',
    required: true,
    values: schemaTypes,
    description: 'The language that the schema is written in.',
    change: { how: 'replace', why: 'Memphis cannot change the type of a schema.' },
    source: 'rest',
  },
  content: {
    type: 'text',
    required: true,
    description:
      'The text of the schema. A change stores a new version, makes it the active one and hands it to the producers of every station that enforces the schema; older versions stay.',
    change: { how: 'inPlace' },
    source: 'rest',
  },
  messageStructName: {
    type: 'text',
    description:
      'For protobuf: the message of the file that stations exchange. Left out, it is the first one. It has no meaning for other types.',
    change: { how: 'inPlace' },
    source: 'rest',
  },
  adoptExisting,
  owner,
};
