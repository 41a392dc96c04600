import fc from 'fast-check';
import { compileSchema, messageGenerator } from '../../../src/schema';
import type { SchemaDefinition } from '../../../src/schema';
import { many } from '../../support/random';

const json = (schema: unknown): SchemaDefinition => ({ type: 'json', content: JSON.stringify(schema) });

const definitions: readonly [why: string, definition: SchemaDefinition][] = [
  ['json: any value', json({})],
  [
    'json: an object with ranges, formats and patterns',
    json({
      type: 'object',
      required: ['id', 'at', 'price', 'code', 'tags'],
      properties: {
        id: { type: 'string', format: 'uuid' },
        at: { type: 'string', format: 'date-time' },
        price: { type: 'number', exclusiveMinimum: 0, maximum: 9.99, multipleOf: 0.01 },
        code: { type: 'string', pattern: '^[A-Z]{2,3}-\\d{4}$' },
        tags: {
          type: 'array',
          items: { enum: ['a', 'b', 'c', 'd'] },
          minItems: 1,
          maxItems: 3,
          uniqueItems: true,
        },
        note: { type: ['string', 'null'], minLength: 3, maxLength: 5 },
      },
      additionalProperties: false,
    }),
  ],
  [
    'json: references, alternatives, and a schema that contains itself',
    json({
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          required: ['value'],
          properties: {
            value: { oneOf: [{ type: 'integer', minimum: 5 }, { const: 'none' }, { type: 'null' }] },
            next: { $ref: '#/$defs/node' },
            pair: {
              prefixItems: [{ type: 'boolean' }, { type: 'integer' }],
              items: false,
              minItems: 2,
              type: 'array',
            },
          },
          allOf: [{ required: ['both'], properties: { both: { type: 'string' } } }],
        },
      },
    }),
  ],
  [
    'avro',
    {
      type: 'avro',
      content: JSON.stringify({
        type: 'record',
        name: 'Order',
        fields: [
          { name: 'id', type: 'long' },
          { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
          { name: 'raw', type: 'bytes' },
          { name: 'sum', type: { type: 'fixed', name: 'Sum', size: 4 } },
          { name: 'weight', type: ['null', 'double', 'string'] },
          { name: 'counts', type: { type: 'map', values: 'int' } },
          { name: 'parts', type: { type: 'array', items: 'float' }, default: [] },
          { name: 'next', type: ['null', 'Order'], default: null },
        ],
      }),
    },
  ],
  [
    'protobuf (proto3)',
    {
      type: 'protobuf',
      content: `syntax = "proto3"; message Order {
        enum Kind { NONE = 0; SOME = 1; } message Part { string name = 1; Order order = 2; }
        int64 id = 1; Kind kind = 2; repeated Part parts = 3; map<string, uint64> counts = 4; map<int32, Part> by_id = 5;
        oneof what { string text = 6; bytes raw = 7; Part part = 8; } double weight = 9; bool done = 10; optional sint32 more = 11; }`,
    },
  ],
  [
    'protobuf (proto2) with required fields',
    {
      type: 'protobuf',
      content:
        'syntax = "proto2"; message A { required int32 id = 1; required B b = 2; } message B { required string s = 1; optional A a = 2; }',
    },
  ],
  [
    'graphql',
    {
      type: 'graphql',
      content: `type Query { order(id: ID!, filter: Filter): Order orders(first: Int = 5): [Order!]! node: Node any: Any }
        type Mutation { add(order: Filter!): Order } type Subscription { changed(kind: Kind!): Order other: Int }
        input Filter { kinds: [Kind!]!, least: Float, deep: Filter, on: Boolean } enum Kind { A B }
        type Order { id: ID! next: Order weight(unit: Kind!): Float } interface Node { id: ID! } union Any = Order`,
    },
  ],
];

test.each(definitions)('%s: messages of any seed fit the schema', (_why, definition) => {
  const compiled = compileSchema(definition);
  fc.assert(
    fc.property(fc.integer(), fc.nat(1_000), (seed, number) => {
      const bytes = messageGenerator(definition, seed)(number);
      expect(compiled.decode(bytes).matched).toBe(true);
    }),
    { numRuns: many(40) },
  );
});

test.each(definitions)(
  '%s: the same seed gives the same messages, another one others',
  (_why, definition) => {
    const messages = (seed: number): string[] => {
      const message = messageGenerator(definition, seed);
      return Array.from({ length: 20 }, (_, number) => Buffer.from(message(number)).toString('hex'));
    };
    expect(messages(3)).toEqual(messages(3));
    expect(messages(3)).not.toEqual(messages(4));
  },
);

test('the first message takes the lower edges, the second one the upper edges', () => {
  const definition = json({
    type: 'object',
    required: ['n', 's'],
    properties: {
      n: { type: 'integer', minimum: -3, maximum: 12 },
      s: { type: 'string', minLength: 2, maxLength: 9 },
    },
  });
  const value = (number: number) =>
    JSON.parse(Buffer.from(messageGenerator(definition, 1)(number)).toString()) as { n: number; s: string };
  expect(value(0).n).toBe(-3);
  expect(Array.from(value(0).s)).toHaveLength(2);
  expect(value(1).n).toBe(12);
  expect(Array.from(value(1).s)).toHaveLength(9);
});

test('a schema that no generated message fits is an error with its remedy', () => {
  expect(() => messageGenerator(json({ not: {} }), 1)(0)).toThrow(/give a sample instead/);
});
