import type { Reader as ProtobufReader, Writer as ProtobufWriter } from 'protobufjs/minimal';
import { Reader, Writer } from 'protobufjs/minimal';

/** Protobuf wire types that the protocol uses. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** One field of a message: its number and how its value is written (`In`) and read (`Out`). */
export interface WireField<In, Out = In> {
  readonly number: number;
  /** The value of a field that is absent on the wire. */
  readonly initial: () => Out;
  readonly write: (writer: ProtobufWriter, value: In) => void;
  /** Reads one occurrence; `previous` is what earlier occurrences gave (repeated and map fields collect). */
  readonly read: (reader: ProtobufReader, previous: Out) => Out;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a bound only: a field uses its types both ways
type WireFields = Readonly<Record<string, WireField<any, any>>>;

/** What decoding a message with these fields gives. */
type Decoded<F> = {
  readonly [K in keyof F]: F[K] extends { readonly initial: () => infer Out } ? Out : never;
};

/** What encoding takes: any field may be left out. */
type Encodable<F> = {
  readonly [K in keyof F]?:
    | (F[K] extends { readonly write: (writer: ProtobufWriter, value: infer In) => void } ? In : never)
    | undefined;
};

/** Encoder and decoder of one message type. */
export interface Codec<In, Out> {
  encode(message: In): Buffer;
  decode(bytes: Uint8Array): Out;
  encodeTo(writer: ProtobufWriter, message: In): void;
  decodeFrom(reader: ProtobufReader, end: number): Out;
}

/** The codec of a message whose fields are declared as data. Fields it does not know are skipped. */
export function message<const F extends WireFields>(fields: F): Codec<Encodable<F>, Decoded<F>> {
  const byName: [string, WireField<unknown>][] = Object.entries(fields);
  const byNumber = new Map(byName.map(([name, field]) => [field.number, [name, field] as const]));

  const codec: Codec<Encodable<F>, Decoded<F>> = {
    encode(value) {
      const writer = Writer.create();
      codec.encodeTo(writer, value);
      const { buffer, byteOffset, byteLength } = writer.finish();
      return Buffer.from(buffer, byteOffset, byteLength);
    },
    decode(bytes) {
      const reader = Reader.create(bytes);
      return codec.decodeFrom(reader, reader.len);
    },
    encodeTo(writer, value) {
      const values = value as Readonly<Record<string, unknown>>;
      for (const [name, field] of byName) {
        const given = values[name];
        if (given !== undefined) field.write(writer, given);
      }
    },
    decodeFrom(reader, end) {
      const values: Record<string, unknown> = {};
      for (const [name, field] of byName) values[name] = field.initial();
      while (reader.pos < end) {
        const tag = reader.uint32();
        const known = byNumber.get(tag >>> 3);
        if (known === undefined) reader.skipType(tag & 7);
        else values[known[0]] = known[1].read(reader, values[known[0]]);
      }
      return values as Decoded<F>;
    },
  };
  return codec;
}

function tag(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0;
}

/** A string; the empty one is not written (proto3). */
export function stringField(number: number): WireField<string> {
  return {
    number,
    initial: () => '',
    write: (writer, value) => {
      if (value !== '') writer.uint32(tag(number, LENGTH_DELIMITED)).string(value);
    },
    read: (reader) => reader.string(),
  };
}

/** Bytes; none are not written. */
export function bytesField(number: number): WireField<Uint8Array> {
  return {
    number,
    initial: () => new Uint8Array(0),
    write: (writer, value) => {
      if (value.length > 0) writer.uint32(tag(number, LENGTH_DELIMITED)).bytes(value);
    },
    // A view into the request, which is gone when its call is answered.
    read: (reader) => reader.bytes(),
  };
}

export function boolField(number: number): WireField<boolean> {
  return {
    number,
    initial: () => false,
    write: (writer, value) => {
      if (value) writer.uint32(tag(number, VARINT)).bool(true);
    },
    read: (reader) => reader.bool(),
  };
}

/** A whole number that fits a JavaScript number: schema versions, indexes, enums. Zero is not written. */
export function numberField(number: number): WireField<number> {
  return {
    number,
    initial: () => 0,
    write: (writer, value) => {
      if (value !== 0) writer.uint32(tag(number, VARINT)).int64(value);
    },
    read: readInteger,
  };
}

function readInteger(reader: ProtobufReader): number {
  // A number, or an object that prints as one, depending on whether another package brought a 64-bit type along.
  return Number(reader.int64());
}

/** A member of a oneof: absent is told from zero or empty, and zero or empty is written. */
export function memberField<T extends string | number>(inner: WireField<T>): WireField<T, T | undefined> {
  const { number } = inner;
  return {
    number,
    initial: () => undefined,
    write: (writer, value) => {
      if (typeof value === 'string') writer.uint32(tag(number, LENGTH_DELIMITED)).string(value);
      else writer.uint32(tag(number, VARINT)).int64(value);
    },
    read: (reader, previous) => inner.read(reader, previous ?? inner.initial()),
  };
}

/** A message inside a message; absent is `undefined`. */
export function nestedField<In, Out>(number: number, codec: Codec<In, Out>): WireField<In, Out | undefined> {
  return {
    number,
    initial: () => undefined,
    write: (writer, value) => writeNested(writer, number, codec, value),
    read: (reader) => readNested(reader, codec),
  };
}

/** Any number of messages, in order. */
export function repeatedField<In, Out>(
  number: number,
  codec: Codec<In, Out>,
): WireField<readonly In[], readonly Out[]> {
  return {
    number,
    initial: () => [],
    write: (writer, values) => {
      for (const value of values) writeNested(writer, number, codec, value);
    },
    read: (reader, previous) => [...previous, readNested(reader, codec)],
  };
}

/** A map from strings to messages. On the wire it is a repeated pair: 1 key, 2 value. */
export function mapField<In, Out>(
  number: number,
  codec: Codec<In, Out>,
): WireField<Readonly<Record<string, In>>, Readonly<Record<string, Out>>> {
  const key = stringField(1);
  const value = nestedField(2, codec);
  const entry = message({ key, value }) as Codec<
    { readonly key: string; readonly value: In },
    { readonly key: string; readonly value: Out | undefined }
  >;
  return {
    number,
    initial: () => ({}),
    write: (writer, values) => {
      for (const [name, given] of Object.entries(values)) {
        writeNested(writer, number, entry, { key: name, value: given });
      }
    },
    read: (reader, previous) => {
      const read = readNested(reader, entry);
      return { ...previous, [read.key]: read.value ?? codec.decode(new Uint8Array(0)) };
    },
  };
}

function writeNested<In>(writer: ProtobufWriter, number: number, codec: Codec<In, unknown>, value: In): void {
  writer.uint32(tag(number, LENGTH_DELIMITED)).fork();
  codec.encodeTo(writer, value);
  writer.ldelim();
}

function readNested<Out>(reader: ProtobufReader, codec: Codec<never, Out>): Out {
  const length = reader.uint32();
  return codec.decodeFrom(reader, reader.pos + length);
}
