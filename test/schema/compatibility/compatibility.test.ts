import { compatibilityProblems } from '../../../src/schema/compatibility/compatibility';
import type { ComparedSchema } from '../../../src/schema/compatibility/compatibility';

const of = (type: ComparedSchema['type'], content: unknown): ComparedSchema => ({
  type,
  content: typeof content === 'string' ? content : JSON.stringify(content),
});
const json = (schema: unknown) => of('json', schema);
const proto = (body: string) => of('protobuf', `syntax = "proto3";\nmessage Order { ${body} }`);
const proto2 = (body: string) => of('protobuf', `syntax = "proto2";\nmessage Order { ${body} }`);
const avro = (...fields: object[]) => of('avro', { type: 'record', name: 'Order', fields });
const graphql = (fields: string) => of('graphql', `type Query { ${fields} }`);
const closed = (properties: object, more: object = {}) =>
  json({ type: 'object', properties, additionalProperties: false, ...more });

interface Case {
  readonly why: string;
  readonly former: ComparedSchema;
  readonly changed: ComparedSchema;
  /** What consumers with the new schema cannot read. */
  readonly backward: readonly string[];
  /** What consumers with the former schema cannot read. */
  readonly forward: readonly string[];
}

/** Objects of several kinds, each with a member of its own. */
function kinds(...all: readonly (readonly [kind: string, member: string])[]): ComparedSchema {
  const oneOf = all.map(([kind, member]) => ({
    type: 'object',
    properties: { kind: { const: kind }, [member]: { type: 'string' } },
    required: ['kind'],
  }));
  return json({ oneOf });
}

const cases: readonly Case[] = [
  {
    why: 'avro: a new field with a default',
    former: avro({ name: 'id', type: 'long' }),
    changed: avro({ name: 'id', type: 'long' }, { name: 'note', type: 'string', default: '' }),
    backward: [],
    forward: [],
  },
  {
    why: 'avro: a new field without a default, and a wider one, all at once',
    former: avro({ name: 'id', type: 'int' }, { name: 'at', type: 'long' }),
    changed: avro({ name: 'id', type: 'long' }, { name: 'note', type: 'string' }),
    backward: ['#.note: it has no default, and messages do not have it'],
    forward: [
      '#.id: int is expected, and messages hold long',
      '#.at: it has no default, and messages do not have it',
    ],
  },
  {
    why: 'avro: enums, unions and what is in lists',
    former: avro(
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
      { name: 'lines', type: { type: 'array', items: ['null', 'int'] } },
    ),
    changed: avro(
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A'] } },
      { name: 'lines', type: { type: 'array', items: ['null', 'int', 'string'] } },
    ),
    backward: ['#.kind: messages may hold B, which enum Kind does not have'],
    forward: ['#.lines[]: messages may hold string, which the union of null, int does not have'],
  },
  {
    why: 'protobuf: names do not matter, numbers do',
    former: proto('int32 id = 1; string note = 2;'),
    changed: proto('int64 key = 1; int32 note = 2; string more = 3;'),
    backward: ['Order.note (number 2): int32 is expected, and messages hold string'],
    forward: [
      'Order.id (number 1): int32 is expected, and messages hold int64',
      'Order.note (number 2): string is expected, and messages hold int32',
    ],
  },
  {
    why: 'protobuf: repeated fields, and a oneof around fields that were free',
    former: proto('repeated string a = 1; string b = 2; string c = 3;'),
    changed: proto('string a = 1; oneof choice { string b = 2; string c = 3; }'),
    backward: [
      'Order.a (number 1): one value is expected, and messages may hold several',
      'Order.choice: one of b, c is expected, and messages may hold several',
    ],
    forward: [],
  },
  {
    why: 'protobuf: required fields and enums of proto2, in messages within messages',
    former: proto2(
      'enum Kind { A = 0; B = 1; } message Line { optional Kind kind = 1; } repeated Line lines = 1;',
    ),
    changed: proto2(
      'enum Kind { A = 0; } message Line { optional Kind kind = 1; required int32 n = 2; } repeated Line lines = 1;',
    ),
    backward: [
      'Order.lines (number 1).kind (number 1): messages may hold B = 1, which enum Kind does not have',
      'Order.lines (number 1).n (number 2): it is required, and messages do not have it',
    ],
    forward: [],
  },
  {
    why: 'graphql: a field that is gone, and an argument that became required',
    former: graphql('id: ID total: Int order(id: ID): ID'),
    changed: graphql('id: ID order(id: ID!): ID'),
    backward: ['Query.total is missing', 'Query.order arg id must be ID!, and messages take it for ID'],
    forward: [],
  },
  {
    why: 'json: alternatives that a kind tells apart, and one more of them',
    former: kinds(['card', 'number'], ['cash', 'amount']),
    changed: kinds(['card', 'number'], ['cash', 'amount'], ['gift', 'code']),
    backward: [],
    forward: [
      '#/oneOf: none of the alternatives takes all messages (the first: #/oneOf/0/properties/kind: messages may hold "gift", which is not valid there)',
    ],
  },
  {
    why: 'json: alternatives that values tell apart',
    former: { type: 'json', content: '{"oneOf":[{"const":"a"},{"enum":["b",1]}]}' },
    changed: { type: 'json', content: '{"oneOf":[{"enum":["a","c"]},{"enum":["b",1]}]}' },
    backward: [],
    forward: ['#: messages may hold "c", which is not valid there'],
  },
  {
    why: 'json: a wider type, a new optional property of a closed object',
    former: closed({ id: { type: 'integer' } }),
    changed: closed({ id: { type: 'number' }, note: { type: 'string' } }),
    backward: [],
    forward: [
      '#/properties/id/type: "integer" is expected, and messages may hold numbers that are not whole',
      '#/additionalProperties: messages may hold "note", which is not expected in this form',
    ],
  },
  {
    why: 'json: a new property of an open object may have been anything before',
    former: json({ type: 'object', properties: {} }),
    changed: json({ type: 'object', properties: { note: { type: 'string' } } }),
    backward: [
      '#/properties/note: messages may hold anything under a name that their schema does not know, unless it has additionalProperties: false',
    ],
    forward: [],
  },
  {
    why: 'json: required names and limits, all at once',
    former: closed({ id: { type: 'string', maxLength: 9 }, n: { type: 'integer', minimum: 0 } }),
    changed: closed(
      { id: { type: 'string', maxLength: 5 }, n: { type: 'integer', minimum: -1 } },
      { required: ['id'] },
    ),
    backward: [
      '#/properties/id/maxLength: 5 is the limit, and messages have 9',
      '#/required: "id" must be there, and messages may leave it out',
    ],
    forward: ['#/properties/n/minimum: 0 is the limit, and messages have -1'],
  },
  {
    why: 'json: values that are listed',
    former: closed({ kind: { enum: ['a', 'b'] } }),
    changed: closed({ kind: { enum: ['a', 'b', 'c'] } }),
    backward: [],
    forward: ['#/properties/kind: messages may hold "c", which is not valid there'],
  },
  {
    why: 'json: references and a schema that contains itself',
    former: json({
      $ref: '#/$defs/n',
      $defs: { n: { type: 'object', properties: { next: { $ref: '#/$defs/n' }, v: { type: 'integer' } } } },
    }),
    changed: json({
      $ref: '#/$defs/m',
      $defs: { m: { type: 'object', properties: { next: { $ref: '#/$defs/m' }, v: { type: 'number' } } } },
    }),
    backward: [],
    forward: [
      '#/$defs/n/properties/v/type: "integer" is expected, and messages may hold numbers that are not whole',
    ],
  },
  {
    why: 'json: alternatives',
    former: json({ anyOf: [{ type: 'string' }, { type: 'null' }] }),
    changed: json({ type: ['string', 'null', 'integer'] }),
    backward: [],
    forward: [
      '#/anyOf: none of the alternatives takes all messages (the first: #/anyOf/0/type: "string" is expected, and messages may hold null, integer)',
    ],
  },
  {
    why: 'json: a keyword whose meaning depends on others',
    former: json({ type: 'array', contains: { const: 1 }, minContains: 0 }),
    changed: json({ type: 'array', contains: { const: 1 } }),
    backward: [
      '#/contains: contains can be compared only where everything beside it is the same in both schemas',
    ],
    forward: [
      '#/contains: contains can be compared only where everything beside it is the same in both schemas',
      '#/minContains: minContains can be compared only where everything beside it is the same in both schemas',
    ],
  },
  {
    why: 'another type of schema',
    former: json({}),
    changed: of('avro', '"string"'),
    backward: ['type: avro is expected, and the messages are json'],
    forward: ['type: json is expected, and the messages are avro'],
  },
];

test.each(cases)('$why', ({ former, changed, backward, forward }) => {
  expect(compatibilityProblems('backward', former, changed)).toEqual(backward);
  expect(compatibilityProblems('forward', former, changed)).toEqual(forward);
  // What is asked of a change and of its reverse is the same question.
  expect(compatibilityProblems('forward', changed, former)).toEqual(backward);
});
