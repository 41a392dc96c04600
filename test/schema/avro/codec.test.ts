import * as avsc from 'avsc';
import fc from 'fast-check';
import { compileSchema } from '../../../src/schema';
import { sent } from '../messages';
import { many } from '../../support/random';

const avro = (schema: unknown) => compileSchema({ type: 'avro', content: JSON.stringify(schema) });
const fits = (schema: unknown, value: unknown): boolean =>
  avro(schema).decode(Buffer.from(JSON.stringify(value))).matched;

const order = avro({
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'int' },
    {
      name: 'note',
      type: ['null', 'string', { type: 'enum', name: 'Kind', symbols: ['NEW', 'OLD'] }],
      default: null,
    },
    { name: 'raw', type: 'bytes', default: '' },
    { name: 'next', type: ['null', 'Order'], default: null },
  ],
});

describe('messages with an Avro schema', () => {
  it.each<[unknown, string, string]>([
    [{ id: 1 }, '{"id":1}', 'fields with a default may be absent; the wire has JSON text'],
    [{ id: 1, extra: true }, '{"id":1,"extra":true}', 'unknown fields pass and are sent'],
    [Buffer.from('{ "id": 1 }'), '{ "id": 1 }', 'bytes are sent as they are'],
    ['{ "id": 1 }', '{ "id": 1 }', 'a string is JSON text'],
    [{ id: 1, note: 'x' }, '{"id":1,"note":"x"}', 'the union notation of the Python SDK'],
    [
      { id: 1, note: { string: 'x' } },
      '{"id":1,"note":{"string":"x"}}',
      'the union notation of the Node SDK',
    ],
    [
      { id: 1, note: { 'shop.Kind': 'NEW' } },
      '{"id":1,"note":{"shop.Kind":"NEW"}}',
      'named types by full name',
    ],
    [
      { id: 1, next: { id: 2, next: { 'shop.Order': { id: 3 } } } },
      '{"id":1,"next":{"id":2,"next":{"shop.Order":{"id":3}}}}',
      'both notations in one message',
    ],
    [
      { id: 1, raw: Buffer.from([0, 255]) },
      '{"id":1,"raw":"\\u0000ÿ"}',
      'bytes inside of an object become code points',
    ],
    [{}, 'refused: #: shop.Order must have the field "id"', 'a field without a default'],
    [
      { id: 1.5 },
      'refused: #/id: expected int (a whole number from -2147483648 to 2147483647), found number',
      'no whole number',
    ],
    [
      { id: 1, note: { 'shop.Kind': 'BAD' } },
      'refused: #/note/shop.Kind: expected shop.Kind (one of NEW, OLD), found string',
      'the reason is the one inside of the branch',
    ],
    [
      { id: 1, note: 5 },
      'refused: #/note: expected one of null, string, shop.Kind, found number',
      'no branch fits',
    ],
    [
      { id: 1, next: { id: 'x' } },
      'refused: #/next/id: expected int (a whole number from -2147483648 to 2147483647), found string',
      'the reason is the one inside of the only branch',
    ],
    [
      { id: 1, raw: 'Ā' },
      'refused: #/raw: expected bytes (text with code points 0 to 255), found string',
      'no byte has this code point',
    ],
    [[], 'refused: #: expected shop.Order, found array', 'an array is no record'],
    [null, 'refused: #: expected shop.Order, found null', 'null is no record'],
    [undefined, 'refused: Unsupported message type: undefined', 'there is no JSON for it'],
  ])('%j gives %s: %s', (message, result) => {
    expect(sent(order, message)).toBe(result);
  });

  it.each<[unknown, unknown, boolean, string]>([
    ['int', 2147483647, true, 'the greatest int'],
    ['int', 2147483648, false, 'one more'],
    ['int', -2147483648, true, 'the least int'],
    ['int', -2147483649, false, 'one less'],
    ['int', '1', false, 'text is no number'],
    ['long', 2147483648, true, 'more than an int'],
    ['long', 9.3e18, false, 'more than 64 bits'],
    ['long', -9.3e18, false, 'less than 64 bits'],
    ['double', 1e308, true, 'a double'],
    ['float', 1, true, 'a whole number is a float too'],
    ['float', null, false, 'null is no number'],
    ['boolean', 0, false, 'no number is a boolean'],
    ['null', null, true, 'null'],
    ['string', '', true, 'empty text'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'ab', true, 'the right length'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'abc', false, 'too long'],
    [{ type: 'fixed', name: 'F', size: 0 }, '', true, 'no bytes at all'],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, 'B', false, 'no symbol'],
    [{ type: 'enum', name: 'E', symbols: ['A'], default: 'A' }, 'B', false, 'an enum default is for readers'],
    [{ type: 'array', items: 'int' }, [1, 'x'], false, 'one bad item'],
    [{ type: 'map', values: 'int' }, { a: 1, b: 'x' }, false, 'one bad value'],
    [{ type: 'map', values: 'int' }, [], false, 'an array is no map'],
    [{ type: 'string', logicalType: 'uuid' }, 'no uuid', true, 'logical types are not imposed'],
    [{ type: 'int', logicalType: 'date' }, '2024-01-01', false, 'the type below a logical type counts'],
    [['null', 'int'], { null: null }, false, 'null is never wrapped'],
    [['null', 'int'], { int: 1, x: 2 }, false, 'a wrapper has one member'],
    [['null', { type: 'map', values: 'int' }], { int: 1 }, true, 'a map that looks like a wrapper'],
    [['null', { type: 'map', values: 'int' }], { map: { a: 1 } }, true, 'a wrapped map'],
  ])('%j with %j is %s: %s', (schema, value, expected) => {
    expect(fits(schema, value)).toBe(expected);
  });

  it('calls every failure one of the schema, unlike the Python SDK', () => {
    expect(sent(order, 'no json')).toMatch(/^refused: Expecting Avro format: /);
    expect(sent(order, Buffer.from([255]))).toMatch(/^refused: Expecting Avro format: /);
    expect(sent(order, '{"id":1,"next":'.repeat(20_000) + 'null' + '}'.repeat(20_000))).toMatch(/^refused: /);
  });

  it('reads JSON values, and gives back what does not fit', () => {
    expect(order.decode(Buffer.from('{"id":1}'))).toEqual({ matched: true, value: { id: 1 } });
    const bytes = Buffer.from('{"id":"x"}');
    expect(order.decode(bytes)).toMatchObject({ matched: false, bytes });
  });

  it('keeps of a failed message the JSON that would have been sent', () => {
    expect(Buffer.from(order.failedMessageBytes({ id: 'x', raw: Buffer.from([65]) })).toString()).toBe(
      '{"id":"x","raw":"A"}',
    );
  });

  it('is quick with a message made to try all branches at all depths', () => {
    const node = (name: string, values: unknown) => ({
      type: 'record',
      name,
      fields: [{ name: 'v', type: values }],
    });
    const union = ['null', node('A', ['null', 'A', node('B', ['null', 'A', 'B'])])];
    let message: unknown = { v: 'misfit' };
    for (let depth = 0; depth < 60; depth++) message = { v: message };
    const start = performance.now();
    expect(fits(union, message)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

interface Sample {
  readonly schema: unknown;
  /** In the notation of Avro's JSON encoding: unions wrapped. */
  readonly wrapped: unknown;
  readonly bare: unknown;
}

const same = (schema: unknown, value: unknown): Sample => ({ schema, wrapped: value, bare: value });
const bytesText = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
});
const scalars = fc.oneof(
  fc.constant(same('null', null)),
  fc.boolean().map((value) => same('boolean', value)),
  fc.integer().map((value) => same('int', value)),
  // The other reader takes neither the greatest nor the least safe integer.
  fc
    .maxSafeInteger()
    .filter((value) => Math.abs(value) < Number.MAX_SAFE_INTEGER)
    .map((value) => same('long', value)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => same('double', value)),
  fc.string().map((value) => same('string', value)),
  bytesText.map((value) => same('bytes', value)),
);

/** A schema of a small grammar with a value of it; names are made unique afterwards. */
const samples = fc.letrec<{ node: Sample }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalars,
    bytesText.map((text) => same({ type: 'fixed', name: '?', size: text.length }, text)),
    fc
      .uniqueArray(fc.stringMatching(/^[A-Z]{1,3}$/), { minLength: 1 })
      .map((symbols) => same({ type: 'enum', name: '?', symbols }, symbols[0])),
    tie('node').map(({ schema, wrapped, bare }) => ({
      schema: { type: 'array', items: schema },
      wrapped: [wrapped],
      bare: [bare],
    })),
    fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), tie('node')).map(([key, { schema, wrapped, bare }]) => ({
      schema: { type: 'map', values: schema },
      wrapped: { [key]: wrapped },
      bare: { [key]: bare },
    })),
    fc.array(tie('node'), { maxLength: 3 }).map((fields) => ({
      schema: {
        type: 'record',
        name: '?',
        fields: fields.map(({ schema }, index) => ({ name: `f${index}`, type: schema })),
      },
      wrapped: Object.fromEntries(fields.map(({ wrapped }, index) => [`f${index}`, wrapped])),
      bare: Object.fromEntries(fields.map(({ bare }, index) => [`f${index}`, bare])),
    })),
    scalars.map(({ schema, wrapped }) => ({
      schema: schema === 'null' ? ['null', 'int'] : ['null', schema],
      wrapped: schema === 'null' ? null : { [String(schema)]: wrapped },
      bare: wrapped,
    })),
  ),
})).node;

function withNames(schema: unknown): unknown {
  let count = 0;
  return JSON.parse(JSON.stringify(schema), (_, value: unknown) =>
    value === '?' ? `N${count++}` : value,
  ) as unknown;
}

it('takes every value of a schema in both notations, as another Avro reader does in its own', () => {
  fc.assert(
    fc.property(samples, ({ schema, wrapped, bare }) => {
      const named = withNames(schema);
      const compiled = avro(named);
      for (const value of [wrapped, bare]) {
        const read = compiled.decode(Buffer.from(JSON.stringify(value)));
        expect(read).toEqual({ matched: true, value: JSON.parse(JSON.stringify(value)) as unknown });
      }
      const other = avsc.Type.forSchema(named as avsc.Schema, { wrapUnions: true });
      expect(() => other.fromString(JSON.stringify(wrapped)) as unknown).not.toThrow();
    }),
    { numRuns: many(200) },
  );
});

it('judges values of other schemas as another Avro reader does', () => {
  // avsc knows one union notation only, and takes any value at all for a record without fields.
  const comparable = (schema: unknown): boolean => !/\["null",|"fields":\[\]/.test(JSON.stringify(schema));
  let refused = 0;
  fc.assert(
    fc.property(samples, samples, ({ schema }, { wrapped }) => {
      fc.pre(comparable(schema));
      const named = withNames(schema);
      const text = JSON.stringify(wrapped);
      // And it takes a list with one symbol for the symbol.
      fc.pre(!text.includes('[') || !JSON.stringify(schema).includes('"enum"'));
      let expected = true;
      try {
        avsc.Type.forSchema(named as avsc.Schema, { wrapUnions: true }).fromString(text);
      } catch {
        expected = false;
        refused++;
      }
      expect(avro(named).decode(Buffer.from(text)).matched).toBe(expected);
    }),
    { numRuns: many(300) },
  );
  expect(refused).toBeGreaterThan(20);
});
