import fc from 'fast-check';
import * as protobuf from 'protobufjs';
import { ValidationError } from '../../../src/model/errors';
import { compileSchema } from '../../../src/schema';
import { sentHex } from '../messages';
import { many } from '../../support/random';

const content = `
syntax = "proto3";
package pk;
message Test {
  int32 user_id = 1;
  string name = 2;
  repeated string tags = 3;
  bytes data = 4;
  int64 big = 5;
  Kind kind = 6;
  map<string, Test> kids = 7;
  oneof choice { int32 one = 8; string two = 9; }
  optional int32 maybe = 10;
  double ratio = 11;
  Inner inner = 12;
  map<int64, bool> flags = 13;
  message Inner { repeated int64 numbers = 1; }
}
message Other { string text = 1; }
enum Kind { NONE = 0; SOME = 1; }
`;
const schema = compileSchema({ type: 'protobuf', content });
const long = protobuf.util.Long as unknown as { fromNumber(value: number): unknown };

const empty = {
  userId: 0,
  name: '',
  tags: [],
  data: '',
  big: '0',
  kind: 'NONE',
  kids: {},
  ratio: 0,
  flags: {},
};

describe('messages with a protobuf schema', () => {
  it.each<[unknown, string, string]>([
    [Buffer.from('08c801', 'hex'), '08c801', 'bytes that are no UTF-8, which the Python SDK refuses'],
    [new Uint8Array(0), '', 'no bytes at all are a message of proto3'],
    [Buffer.from('a20600', 'hex'), 'a20600', 'unknown fields pass'],
    [Buffer.from('0a0141', 'hex'), '0a0141', 'a field with another wire type is an unknown field'],
    [{ userId: 5, name: 'n' }, '080512016e', 'names of proto-JSON'],
    [{ user_id: 5, name: 'n' }, '080512016e', 'names of the file, which the Node SDK drops without a word'],
    [{ userId: '5' }, '0805', 'numbers as text'],
    [{ userId: undefined }, '', 'undefined is absent'],
    [{ userId: null }, '', 'null is absent'],
    [{ userId: 0 }, '', 'a default value is not written'],
    [{ maybe: 0 }, '5000', 'unless the field has presence'],
    [{ one: 0 }, '4000', 'so has a field of a oneof'],
    [{ data: 'AQL/' }, '22030102ff', 'bytes as base64'],
    [{ data: Buffer.from([1, 2, 255]) }, '22030102ff', 'bytes as bytes'],
    [{ big: '9223372036854775807' }, '28ffffffffffffffff7f', '64 bits as text'],
    [{ big: 9223372036854775807n }, '28ffffffffffffffff7f', '64 bits as bigint'],
    [{ big: -1 }, '28ffffffffffffffffff01', '64 bits as number'],
    [{ big: long.fromNumber(7) }, '2807', '64 bits as protobufjs has them'],
    [{ kind: 'SOME' }, '3001', 'enums by name'],
    [{ kind: 1 }, '3001', 'enums by number'],
    [{ kind: 77 }, '304d', 'proto3 enums are open'],
    [{ kids: { a: { name: 'x' } } }, '3a080a01611203120178', 'maps of messages'],
    [{ flags: { '-5': true } }, '6a0d08fbffffffffffffffff011001', 'keys of maps are text in JSON'],
    [{ ratio: Infinity }, '59000000000000f07f', 'numbers that JSON lacks'],
    [{ inner: { numbers: [1, '2'] } }, '62040a020102', 'inner messages'],
    [{ inner: {} }, '6200', 'an inner message has presence'],
    [{ nope: 1 }, 'refused: .pk.Test: unknown field: "nope"', 'unknown names are mistakes'],
    [{ userId: 1, user_id: 1 }, 'refused: .pk.Test: duplicate field: "user_id"', 'both names of one field'],
    [{ one: 1, two: 'x' }, 'refused: .pk.Test: multiple values for oneof choice', 'two of a oneof'],
    [{ userId: 1.5 }, 'refused: .pk.Test.userId: not an integer', 'no whole number'],
    [{ userId: 2147483648 }, 'refused: .pk.Test.userId: out of range for int32', 'too large'],
    [{ name: 5 }, 'refused: .pk.Test.name: expected string', 'another type'],
    [{ tags: 'x' }, 'refused: .pk.Test.tags: expected array', 'no array'],
    [{ kind: 'NOPE' }, 'refused: .pk.Test.kind: unknown enum value', 'no name of the enum'],
    [{ flags: { x: true } }, 'refused: .pk.Test.flags: invalid int64 map key', 'no number'],
    [{ inner: new Date(0) }, 'refused: .pk.Test.Inner: expected object', 'a date is no message'],
    [
      Buffer.from('08', 'hex'),
      'refused: Invalid message format, expecting protobuf: index out of range: 1 + 1 > 1',
      'bytes cut short',
    ],
    ['text', 'refused: Unsupported message type: string', 'text is no protobuf'],
    [[1], 'refused: Unsupported message type: array', 'an array is no message'],
    [null, 'refused: Unsupported message type: null', 'null is no message'],
    [undefined, 'refused: Unsupported message type: undefined', 'undefined is no message'],
    [
      Promise.resolve({}),
      'refused: Unsupported message type: Promise',
      'a forgotten await would be an empty message',
    ],
  ])('%p gives %s: %s', (message, result) => {
    expect(sentHex(schema, message)).toBe(result);
  });

  it.each<[string, unknown]>([
    ['protobufjs', protobuf.parse(content).root.lookupType('pk.Test').create({ userId: 3 })],
    ['google-protobuf', { serializeBinary: () => new Uint8Array([8, 3]) }],
    ['protobuf-es', { toBinary: () => Buffer.from([8, 3]) }],
  ])('take message objects of %s', (_, message) => {
    expect(sentHex(schema, message)).toBe('0803');
    expect(Buffer.from(schema.failedMessageBytes(message)).toString('hex')).toBe('0803');
  });

  it('checks what a message object makes of itself', () => {
    const broken = { serializeBinary: () => new Uint8Array([8]) };
    expect(sentHex(schema, broken)).toMatch(/^refused: Invalid message format, expecting protobuf/);
    const throwing = {
      serializeBinary: () => {
        throw new Error('no id');
      },
      id: 1,
    };
    expect(sentHex(schema, throwing)).toBe(
      'refused: the message object cannot be serialised: it threw Error',
    );
    expect(Buffer.from(schema.failedMessageBytes(throwing)).toString()).toBe('{"id":1}');
  });

  it('never shares anything between messages, unlike the Python SDK', () => {
    expect(sentHex(schema, { name: 'x', tags: ['a'] })).toBe('1201781a0161');
    expect(sentHex(schema, { userId: 1 })).toBe('0801');
    const [one, other] = [schema.decode(Buffer.from([8, 1])), schema.decode(Buffer.from([8, 2]))];
    expect([one, other]).toMatchObject([{ value: { userId: 1 } }, { value: { userId: 2 } }]);
  });

  it('leaves a message as it was', () => {
    const message = Object.freeze({
      tags: Object.freeze(['a']),
      inner: Object.freeze({ numbers: Object.freeze([1n]) }),
    });
    expect(sentHex(schema, message)).toBe('1a016162030a0101');
  });

  it('reads names of proto-JSON, with defaults where a field has no presence', () => {
    expect(schema.decode(Buffer.from('08c801', 'hex'))).toEqual({
      matched: true,
      value: { ...empty, userId: 200 },
    });
    expect(schema.decode(Buffer.from('62003a050a016112005000', 'hex'))).toEqual({
      matched: true,
      value: { ...empty, maybe: 0, inner: { numbers: [] }, kids: { a: empty } },
    });
    const old = Buffer.from('plain text');
    expect(schema.decode(old)).toEqual({
      matched: false,
      bytes: old,
      reason: expect.stringMatching(/^Invalid message format, expecting protobuf: /) as string,
    });
  });

  it('keeps of a failed object its JSON, because there are no bytes of it', () => {
    expect(Buffer.from(schema.failedMessageBytes({ nope: 'é' })).toString()).toBe('{"nope":"é"}');
    expect(Buffer.from(schema.failedMessageBytes(Buffer.from([8]))).toString('hex')).toBe('08');
  });
});

describe('proto2', () => {
  const proto2 = compileSchema({
    type: 'protobuf',
    content: `message A { required int32 id = 1; optional int32 b = 2 [default = 7]; repeated group Part = 3 { optional int32 x = 1; }
      optional E e = 4; map<string, B> m = 5; } enum E { X = 3; } message B { required string q = 1; }`,
  });
  it.each<[unknown, string, string]>([
    [{ id: 0 }, '0800', 'a required field is written even if it is zero'],
    [{ id: 1, part: [{ x: 1 }] }, '08011b08011c', 'groups'],
    [{}, 'refused: missing required field A.id', 'a required field is missing'],
    [{ id: 1, m: { a: {} } }, 'refused: missing required field B.q', 'also further inside'],
    [{ id: 1, e: 9 }, 'refused: .A.e: unknown enum value', 'proto2 enums are closed'],
    [
      Buffer.from('1001', 'hex'),
      "refused: Invalid message format, expecting protobuf: missing required 'id'",
      'bytes without a required field',
    ],
  ])('%j gives %s: %s', (message, result) => {
    expect(sentHex(proto2, message)).toBe(result);
  });

  it('leaves absent fields absent', () => {
    expect(proto2.decode(Buffer.from([8, 1]))).toEqual({ matched: true, value: { id: 1, part: [], m: {} } });
  });
});

describe('the descriptor and the name that a broker sends', () => {
  // A set that holds the message pk.Test { int32 user_id = 1; string name = 2; repeated string tags = 3; }.
  const descriptor =
    'CmAKCXRfMS5wcm90bxICcGsiRwoEVGVzdBIXCgd1c2VyX2lkGAEgASgFUgZ1c2VySWQSEgoEbmFtZRgCIAEoCVIEbmFtZRISCgR0YWdzGAMgAygJUgR0YWdzYgZwcm90bzM=';

  it.each([descriptor, Buffer.from(descriptor, 'base64')])(
    'the descriptor is used, as base64 or as bytes',
    (given) => {
      const read = compileSchema({
        type: 'protobuf',
        content: '',
        descriptor: given,
        messageStructName: 'Test',
      });
      expect(read.decode(Buffer.from('08c801', 'hex'))).toEqual({
        matched: true,
        value: { userId: 200, name: '', tags: [] },
      });
    },
  );

  it.each([
    ['Other', 'the name alone'],
    ['pk.Other', 'the name with the package'],
  ])('%s is found: %s', (messageStructName) => {
    expect(sentHex(compileSchema({ type: 'protobuf', content, messageStructName }), { text: 'x' })).toBe(
      '0a0178',
    );
  });

  it.each<[object, RegExp, string]>([
    [
      { messageStructName: 'Nope' },
      /has no message Nope; it has Test, Other/,
      'the broker does not check the name over REST',
    ],
    [{ messageStructName: 'Kind' }, /has no message Kind/, 'an enum is no message'],
    [{ descriptor: 'AAAA' }, /the descriptor cannot be read/, 'a broken descriptor'],
    [{ content: 'x' }, /line 1, column 1/, 'a broken content'],
  ])('%j is refused: %s', (given, text) => {
    const compile = () => compileSchema({ type: 'protobuf', content, ...given });
    expect(compile).toThrow(ValidationError);
    expect(compile).toThrow(text);
  });

  it('empty values count as none', () => {
    const read = compileSchema({ type: 'protobuf', content, descriptor: '', messageStructName: '' });
    expect(sentHex(read, { userId: 1 })).toBe('0801');
  });
});

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
type Message = Readonly<Record<string, unknown>> & { readonly kids?: Readonly<Record<string, Message>> };

const messages = fc.letrec<{ message: Message }>((tie) => ({
  message: fc.record(
    {
      userId: fc.integer(),
      name: fc.string({ unit: 'grapheme' }),
      tags: fc.array(fc.string({ unit: 'grapheme' })),
      data: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
      big: int64,
      kind: fc.constantFrom('NONE', 'SOME'),
      kids: fc.dictionary(
        fc.stringMatching(/^[a-z]{1,3}$/),
        fc.oneof({ maxDepth: 2 }, fc.constant({}), tie('message')),
        { maxKeys: 2 },
      ),
      maybe: fc.integer(),
      ratio: fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0),
      inner: fc.record({ numbers: fc.array(int64) }),
      flags: fc.dictionary(int64, fc.boolean()),
      two: fc.string({ unit: 'grapheme' }),
    },
    { requiredKeys: [] },
  ),
})).message;

it('reads back what it has written, whatever the message', () => {
  const complete = (message: Message): Message => ({
    ...empty,
    ...message,
    kids: Object.fromEntries(Object.entries(message.kids ?? {}).map(([key, kid]) => [key, complete(kid)])),
  });
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = schema.encode(message);
      const read = schema.decode(bytes);
      expect(read).toEqual({ matched: true, value: complete(message) });
      expect(schema.encode(read.matched ? read.value : undefined)).toEqual(bytes);
    }),
  );
});

const scalarValues: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int32: fc.integer(),
  uint32: fc.nat(),
  sint32: fc.integer(),
  fixed32: fc.nat(),
  int64,
  sint64: int64,
  bool: fc.boolean(),
  string: fc.string({ unit: 'grapheme' }),
  // The library for proto-JSON takes -0 for the default value, and so leaves it out: it is read as 0.
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
};

/** A file with one message of random fields, and a message for it. */
const filesWithMessages = fc
  .uniqueArray(
    fc.tuple(
      fc.stringMatching(/^[a-z][a-z_]{0,8}[a-z]$/),
      fc.constantFrom('', 'optional ', 'repeated '),
      fc.constantFrom(...Object.keys(scalarValues)),
      fc.integer({ min: 1, max: 18_000 }),
    ),
    { selector: ([name]) => name.replaceAll('_', ''), minLength: 1, maxLength: 8 },
  )
  .map((fields) => fields.map((field, index) => [...field, field[3] + index * 20_000] as const))
  .chain((fields) =>
    fc
      .tuple(
        ...fields.map(([name, label, type]) => {
          const value = scalarValues[type] ?? fc.constant(null);
          return (label === 'repeated ' ? fc.array(value, { minLength: 1, maxLength: 3 }) : value).map(
            (one) => [name, one] as const,
          );
        }),
      )
      .map((entries) => ({
        file: `syntax = "proto3";\npackage r.s;\nmessage M {\n${fields.map(([name, label, type, , number]) => `  ${label}${type} ${name} = ${number};`).join('\n')}\n}\n`,
        message: Object.fromEntries(entries),
      })),
  );

it('writes the bytes that another protobuf library writes, whatever the file', () => {
  fc.assert(
    fc.property(filesWithMessages, ({ file, message }) => {
      const bytes = compileSchema({ type: 'protobuf', content: file }).encode(message);
      const type = protobuf.parse(file, { keepCase: true }).root.lookupType('r.s.M');
      const read = type.toObject(type.decode(bytes), { longs: String, bytes: String, defaults: true });
      for (const [name, value] of Object.entries(message)) expect(read[name]).toEqual(value);
    }),
    { numRuns: many(60) },
  );
});
