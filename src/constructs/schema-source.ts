import { readFileSync } from 'node:fs';
import { errorText } from '../model/errors';
import type { SchemaType } from '../schema';
import { schemaTypeOfFile } from '../schema';

/** A schema written in the stack itself. */
export type InlineSchema =
  | {
      /** The language of `content`. Changing it replaces the schema. */
      readonly type: 'protobuf';
      /**
       * The schema itself. A change stores a new version, activates it and hands it to the producers of every station
       * that enforces the schema; older versions stay.
       *
       * Changed in place.
       */
      readonly content: string;
      readonly file?: never;
      /**
       * For protobuf: the message of the file that stations exchange. It has no meaning for other types.
       *
       * Changed in place.
       *
       * @default the first message of the file
       */
      readonly messageStructName?: string;
    }
  | {
      /** The language of `content`: json, avro or graphql. Changing it replaces the schema. */
      readonly type: Exclude<SchemaType, 'protobuf'>;
      /**
       * The schema itself. A change stores a new version, activates it and hands it to the producers of every station
       * that enforces the schema; older versions stay.
       *
       * Changed in place.
       */
      readonly content: string;
      readonly file?: never;
      readonly messageStructName?: never;
    };

/** A schema in a file of its own. */
export type SchemaFile =
  | {
      /**
       * Path of the file that holds the schema, read at synth; a relative one starts at the directory in which synth
       * runs. Its text becomes the content, with line ends as LF on every machine. A change of the text stores a new
       * version of the schema.
       */
      readonly file: string;
      readonly content?: never;
      /**
       * The language of the file. Changing it replaces the schema.
       *
       * @default from the extension: .json json, .avsc avro, .proto protobuf, .graphql and .gql graphql
       */
      readonly type?: 'protobuf';
      /**
       * For protobuf: the message of the file that stations exchange. It has no meaning for other types.
       *
       * Changed in place.
       *
       * @default the first message of the file
       */
      readonly messageStructName?: string;
    }
  | {
      /** Path of the file that holds the schema, read at synth; relative to the directory in which synth runs. */
      readonly file: string;
      readonly content?: never;
      /** The language of the file. Changing it replaces the schema. */
      readonly type: Exclude<SchemaType, 'protobuf'>;
      readonly messageStructName?: never;
    };

/** Where the text of a schema comes from: the stack, or a file. */
export type SchemaSource = InlineSchema | SchemaFile;

/** The text of a schema and its type, as far as they could be had. */
export interface ReadSource {
  readonly values: { readonly type?: SchemaType; readonly content?: string };
  readonly problems: readonly string[];
}

/** Reads a schema from where it is; what goes wrong is a problem to report, not an error to throw. */
export function readSource(source: SchemaSource): ReadSource {
  const { file, ...values }: { file?: string; content?: string; type?: SchemaType } = {
    ...(source.type === undefined ? {} : { type: source.type }),
    ...(source.content === undefined ? {} : { content: source.content }),
    ...(source.file === undefined ? {} : { file: source.file }),
  };
  if (file === undefined) return { values, problems: [] };
  const shown = JSON.stringify(file);
  const problems: string[] = [];
  if (values.content !== undefined) problems.push('content and file are both given; leave one of them out');
  const type = values.type ?? schemaTypeOfFile(file);
  if (type === undefined) {
    problems.push(
      `file is ${shown}, whose extension is none of .json .avsc .proto .graphql .gql; give the type`,
    );
  }
  const typed = type === undefined ? {} : { type };
  try {
    return { values: { ...typed, content: readText(file) }, problems };
  } catch (error) {
    problems.push(`file is ${shown}, which cannot be read: ${errorText(error)}`);
    return { values: typed, problems };
  }
}

/** Checkouts differ in line ends, and some editors add a byte order mark; the stack must not differ with them. */
function readText(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');
}
