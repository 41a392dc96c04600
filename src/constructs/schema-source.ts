import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { errorText } from '../model/errors';
import { shownValue } from '../model/validation';
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

/** The same of a program whose types nobody checked. */
export interface LooseSource {
  readonly type?: SchemaType;
  /**
   * The schema itself. A change stores a new version, activates it and hands it to the producers of every station
   * that enforces the schema; older versions stay.
   *
   * Changed in place.
   */ readonly content?: string;
  readonly file?: string;
  /**
   * For protobuf: the message of the file that stations exchange. It has no meaning for other types.
   *
   * Changed in place.
   *
   * @default the first message of the file
   */ readonly messageStructName?: string;
}

/** The text of a schema and its type, as far as they could be had. */
export interface ReadSource {
  readonly values: { readonly type?: SchemaType; readonly content?: string };
  /** Where the text stands, for its problems: `content`, or the file as it was given. */
  readonly shown: string;
  readonly problems: readonly string[];
}

/** Reads a schema from where it is; what goes wrong is a problem to report, not an error to throw. */
export function readSource({ type: givenType, content, file }: LooseSource): ReadSource {
  const values = {
    ...(givenType === undefined ? {} : { type: givenType }),
    ...(content === undefined ? {} : { content }),
  };
  if (file === undefined) {
    const hasNeither = content === undefined;
    return {
      values,
      shown: 'content',
      problems: hasNeither ? ['content and file are both missing; give one of them'] : [],
    };
  }
  const shown = `file ${shownValue(file)}`;
  if (typeof file !== 'string' || file === '') {
    return {
      values,
      shown,
      problems: [`file is ${shownValue(file)}; it must be the path of a file, or be left out`],
    };
  }
  const problems: string[] = [];
  if (content !== undefined) problems.push('content and file are both given; leave one of them out');
  const type = givenType ?? schemaTypeOfFile(file);
  if (type === undefined) {
    problems.push(
      `file is ${shownValue(file)}, whose extension is none of .json .avsc .proto .graphql .gql; give the type`,
    );
  }
  const typed = type === undefined ? {} : { type };
  try {
    return { values: { ...typed, content: readText(file) }, shown, problems };
  } catch (error) {
    const reason =
      error instanceof NotUtf8
        ? error.message
        : `which cannot be read: ${errorText(error)}; name a file by its path from the folder of cdktf.json`;
    problems.push(`file is ${shownValue(file)}, ${reason}`);
    return { values: typed, shown, problems };
  }
}

class NotUtf8 extends Error {}

/**
 * Checkouts differ in line ends, and some editors add a byte order mark; the stack must not differ with them.
 * @throws NotUtf8 where the bytes are not UTF-8: what stands for them otherwise would be deployed in silence.
 */
function readText(file: string): string {
  const bytes = readFileSync(file);
  const text = bytes.toString('utf8');
  if (!isUtf8(bytes)) throw new NotUtf8(`${encodingProblem(bytes)}; save the file as UTF-8`);
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

function encodingProblem(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') return 'which is UTF-16';
  // What is not UTF-8 becomes other bytes, from the first of them on.
  const again = Buffer.from(bytes.toString('utf8'));
  const end = bytes.findIndex((byte, index) => byte !== again[index]);
  const before = bytes.subarray(0, end).toString('utf8').split('\n');
  const byte = bytes
    .subarray(end, end + 1)
    .toString('hex')
    .toUpperCase();
  const column = (before.at(-1) ?? '').replace(/^\uFEFF/, '').length + 1;
  return `which is not UTF-8: line ${before.length}, column ${column} is the byte 0x${byte}`;
}
