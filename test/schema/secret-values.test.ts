import { compileSchema } from '../../src/schema';
import { SchemaValidationError } from '../../src/model/errors';

const secret = 'hunter2secret';
const number = 987654321987;

const protobuf = compileSchema({
  type: 'protobuf',
  content:
    'syntax = "proto3"; message M { string s = 1; int32 i = 2; M m = 3; repeated int32 r = 4; map<int32, string> k = 5; ' +
    'E e = 6; bool b = 7; bytes y = 8; double d = 9; int64 l = 10; } enum E { A = 0; }',
});
const avro = compileSchema({
  type: 'avro',
  content: JSON.stringify({
    type: 'record',
    name: 'R',
    fields: [
      { name: 'i', type: 'int' },
      { name: 'e', type: ['null', { type: 'enum', name: 'E', symbols: ['A'] }], default: null },
    ],
  }),
});
const json = compileSchema({ type: 'json', content: '{"type":"object","required":["id"]}' });
const graphql = compileSchema({
  type: 'graphql',
  content: 'type Query { a(i: Int, e: E, n: I): Int } enum E { A } input I { x: Int! }',
});

/** Every way to write the secret, or a number, where it does not belong. */
describe('why a message fails', () => {
  const throwing = {
    toJSON() {
      throw new Error(secret);
    },
  };
  const wrong = (value: unknown): readonly (readonly [string, typeof json, unknown])[] => [
    ...['s', 'i', 'm', 'r', 'k', 'e', 'b', 'y', 'd', 'l'].map(
      (field) => [`protobuf ${field}`, protobuf, { [field]: value }] as const,
    ),
    ['protobuf, in a list', protobuf, { r: [value] }],
    ['avro', avro, { i: value }],
    ['avro, in a union', avro, { i: 1, e: value }],
    ['avro, at the root', avro, value],
    ['json', json, value],
  ];
  it.each<readonly [string, typeof json, unknown]>([
    ...wrong({ a: secret }),
    ...wrong([secret]),
    ...wrong(`${secret}!`),
    ...wrong(number),
    ['protobuf, a key of a map', protobuf, { k: { [secret]: 'x' } }],
    ['protobuf, what its own method throws', protobuf, throwing],
    [
      'protobuf, what a message object throws',
      protobuf,
      {
        serializeBinary() {
          throw new Error(secret);
        },
      },
    ],
    ['json, what its own method throws', json, throwing],
    ['avro, what its own method throws', avro, throwing],
    ...[
      secret,
      `{"id":${secret}}`,
      `["${secret}" x`,
      `"${secret}`,
      `{"${secret}" 1}`,
      `tru${secret}`,
    ].flatMap((text) => [[`json ${text}`, json, text] as const, [`avro ${text}`, avro, text] as const]),
    ...[
      `{ a(i: "${secret}") }`,
      `{ a(e: "${secret}") }`,
      `{ a(e: ${secret}) }`,
      `{ a(e: ${number}) }`,
      `{ a(i: ${number}) }`,
      `{ a(n: {x: "${secret}"}) }`,
      `{ a(n: "${secret}") }`,
      `{ a(i: [1, "${secret}"]) }`,
      `{ a(i: """${secret}""") }`,
      `{ "${secret}" }`,
      secret,
      `"${secret}`,
    ].map((text) => [`graphql ${text}`, graphql, text] as const),
  ])('%s', (_, schema, message) => {
    let reason: string;
    try {
      schema.encode(message);
      return;
    } catch (error) {
      if (!(error instanceof SchemaValidationError)) throw error;
      reason = error.message;
    }
    expect(reason).not.toContain(secret);
    expect(reason).not.toContain(String(number));
  });
});

describe('a reason does not grow with the message', () => {
  const long = 'x'.repeat(500_000);
  it.each<readonly [string, typeof json, unknown]>([
    ['protobuf, text instead of a number', protobuf, { i: long }],
    ['protobuf, a name', protobuf, { [long]: 1 }],
    [
      'avro, a name on the way',
      compileSchema({ type: 'avro', content: '{"type":"map","values":"int"}' }),
      { [long]: '' },
    ],
    [
      'json, a name',
      compileSchema({ type: 'json', content: '{"additionalProperties":false}' }),
      { [long]: 1 },
    ],
    ['json, broken behind a name', json, `{"${long}" 1}`],
    ['graphql, a literal', graphql, `{ a(i: "${long}") }`],
    ['graphql, a name', graphql, `{ ${long} }`],
    [
      'graphql, ten names',
      graphql,
      `{ ${Array.from({ length: 10 }, (_, index) => `${long}${index}`).join(' ')} }`,
    ],
  ])('%s', (_, schema, message) => {
    expect(() => schema.encode(message)).toThrow(SchemaValidationError);
    try {
      schema.encode(message);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(5_000);
    }
  });
});
