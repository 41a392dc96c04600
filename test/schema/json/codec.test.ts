import fc from 'fast-check';
import { ValidationError } from '../../../src/model/errors';
import { compileSchema } from '../../../src/schema';
import { sent } from '../messages';
import { many } from '../../support/random';

const json = (schema: unknown) => compileSchema({ type: 'json', content: JSON.stringify(schema) });

describe('messages with a JSON schema', () => {
  const schema = json({
    type: 'object',
    properties: { a: { type: 'integer' }, mail: { type: 'string', format: 'email' } },
    required: ['a'],
    additionalProperties: false,
  });

  it.each<[unknown, string, string]>([
    [{ a: 1 }, '{"a":1}', 'a plain object is sent as compact JSON'],
    [Buffer.from('{ "a": 1 }'), '{ "a": 1 }', 'bytes are sent as they are, white space too'],
    [new TextEncoder().encode('{"a":2}'), '{"a":2}', 'a plain Uint8Array, which the Node SDK refuses'],
    [new TextEncoder().encode('{"a":3}').buffer, '{"a":3}', 'an ArrayBuffer'],
    [new DataView(new TextEncoder().encode('{"a":4}').buffer), '{"a":4}', 'a view on bytes'],
    ['{ "a": 1 }', '{ "a": 1 }', 'a string is JSON text'],
    [{ a: 1, mail: undefined }, '{"a":1}', 'JSON has no undefined members, so none is checked'],
    [
      new (class Order {
        a = 7;
      })(),
      '{"a":7}',
      'instances of classes',
    ],
    [{ toJSON: () => ({ a: 8 }) }, '{"a":8}', 'what is checked is the JSON that is sent'],
    [
      { a: 'x' },
      'refused: #/properties/a/type must be integer (at a)',
      'the text of the Node SDK for inner problems, and where it is in the message',
    ],
    [{}, "refused: must have required property 'a'", 'the text of the Node SDK for outer problems'],
    [{ a: 1, b: 2 }, 'refused: must NOT have additional properties (property "b")', 'the same'],
    [
      { a: 1, mail: 'x' },
      'refused: #/properties/mail/format must match format "email" (at mail)',
      'formats are checked',
    ],
    [null, 'refused: must be object', 'null is JSON, only not what this schema wants'],
    [[1], 'refused: must be object', 'the same for arrays'],
    [undefined, 'refused: Unsupported message type: undefined', 'there is no JSON for it'],
    [Symbol('x'), 'refused: Unsupported message type: symbol', 'there is no JSON for it'],
    [() => 1, 'refused: Unsupported message type: function', 'there is no JSON for it'],
    [new Map([['a', 1]]), 'refused: Unsupported message type: Map', 'JSON would write {} and lose it all'],
    [Promise.resolve({ a: 1 }), 'refused: Unsupported message type: Promise', 'a forgotten await'],
    [NaN, 'refused: Unsupported message type: NaN', 'JSON would write null'],
  ])('%p gives %s: %s', (message, result) => {
    expect(sent(schema, message)).toBe(result);
  });

  it.each<[unknown, RegExp, string]>([
    ['{', /^refused: Expecting Json format: SyntaxError: /, 'text that is no JSON'],
    [Buffer.from([0xff]), /^refused: Expecting Json format: /, 'bytes that are no UTF-8'],
    [Buffer.from('\ufeff{"a":1}'), /^refused: Expecting Json format: /, 'a byte order mark is no JSON'],
    [{ a: 1n }, /^refused: the message cannot be written as JSON: /, 'JSON has no bigint'],
  ])('%p is %s: %s', (message, result) => {
    expect(sent(schema, message)).toMatch(result);
  });

  it('refuses an object that holds itself', () => {
    const message: Record<string, unknown> = { a: 1 };
    message.me = message;
    expect(sent(schema, message)).toMatch(/^refused: the message cannot be written as JSON: .*circular/i);
  });

  it('is not compiled from a schema that refers to itself for ever', () => {
    expect(() => json({ $ref: '#' })).toThrow('#: it refers to itself without an end');
  });

  it('takes scalars and arrays if the schema does', () => {
    expect(sent(json(true), 5)).toBe('5');
    expect(sent(json({ type: 'null' }), null)).toBe('null');
    expect(sent(json({ type: 'array' }), [1, 'x'])).toBe('[1,"x"]');
    expect(sent(json({ type: 'string' }), '"hello"')).toBe('"hello"');
    expect(sent(json({ type: 'boolean' }), false)).toBe('false');
  });

  it('never changes a message, not even for a schema with defaults', () => {
    const message = Object.freeze({ a: Object.freeze({}) });
    const withDefaults = json({
      properties: { a: { properties: { b: { default: 1 } } }, c: { default: 2 } },
    });
    expect(sent(withDefaults, message)).toBe('{"a":{}}');
  });

  it('reads what fits and gives back what does not', () => {
    expect(schema.decode(Buffer.from('{"a":1}'))).toEqual({ matched: true, value: { a: 1 } });
    const old = Buffer.from('plain text');
    const read = schema.decode(old);
    expect(read).toEqual({
      matched: false,
      bytes: old,
      reason: expect.stringMatching(/^Expecting Json format/) as string,
    });
    expect(schema.decode(Buffer.from('{"a":"x"}'))).toMatchObject({
      matched: false,
      reason: '#/properties/a/type must be integer (at a)',
    });
  });

  it.each<[unknown, string, string]>([
    [{ a: 'bad' }, '{"a":"bad"}', 'JSON of an object, not what some language prints'],
    ['text', 'text', 'a string without quotes around it'],
    [Buffer.from([0, 255]), '00ff', 'bytes as they are, UTF-8 or not'],
    [undefined, '', 'nothing'],
    [Symbol('x'), 'symbol', 'at least what it was'],
    [10n, '10', 'at least what it was'],
  ])('keeps of a failed %p the bytes of %s: %s', (message, expected) => {
    const bytes = Buffer.from(schema.failedMessageBytes(message));
    expect([bytes.toString(), bytes.toString('hex')]).toContain(expected);
  });

  it('refuses to compile what no client could use, with all problems', () => {
    const broken = () => json({ properties: { a: { type: 'x' }, b: { minimum: 'y' } } });
    expect(broken).toThrow(ValidationError);
    expect(broken).toThrow(/#\/properties\/a\/type: [^]*#\/properties\/b\/minimum: must be number/);
  });
});

describe('versions of JSON schema', () => {
  const versions = {
    'draft-04': 'http://json-schema.org/draft-04/schema#',
    'draft-06': 'http://json-schema.org/draft-06/schema#',
    'draft-07': 'http://json-schema.org/draft-07/schema#',
    '2019-09': 'https://json-schema.org/draft/2019-09/schema',
    '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  } as const;

  it.each<[keyof typeof versions, object, unknown, boolean, string]>([
    ['draft-04', { maximum: 5, exclusiveMaximum: true }, 5, false, 'a boolean until draft 4'],
    ['draft-06', { exclusiveMaximum: 5 }, 5, false, 'a number since draft 6'],
    ['draft-06', { contains: { type: 'string' } }, [1], false, 'new in draft 6'],
    ['draft-04', { contains: { type: 'string' } }, [1], true, 'unknown in draft 4, so it says nothing'],
    ['draft-04', { const: 1 }, 2, true, 'unknown in draft 4'],
    ['draft-06', { const: 1 }, 2, false, 'new in draft 6'],
    ['draft-06', { if: { type: 'string' }, then: { minLength: 3 } }, 'ab', true, 'unknown in draft 6'],
    ['draft-07', { if: { type: 'string' }, then: { minLength: 3 } }, 'ab', false, 'new in draft 7'],
    ['draft-07', { items: [{ type: 'string' }] }, [1], false, 'a list of items until 2019-09'],
    [
      'draft-07',
      { $ref: '#/definitions/a', minimum: 3, definitions: { a: {} } },
      1,
      true,
      'alone with $ref until draft 7',
    ],
    ['2019-09', { $ref: '#/$defs/a', minimum: 3, $defs: { a: {} } }, 1, false, 'beside $ref since 2019-09'],
    ['2019-09', { dependentRequired: { a: ['b'] } }, { a: 1 }, false, 'new in 2019-09'],
    ['2019-09', { properties: { a: true }, unevaluatedProperties: false }, { b: 1 }, false, 'new in 2019-09'],
    ['2020-12', { prefixItems: [{ type: 'string' }] }, [1], false, 'new in 2020-12'],
    ['draft-07', { prefixItems: [{ type: 'string' }] }, [1], true, 'unknown in draft 7'],
  ])('%s: %j with %j is %s: %s', (version, schema, value, fits) => {
    const compiled = json({ $schema: versions[version], ...schema });
    expect(compiled.decode(Buffer.from(JSON.stringify(value))).matched).toBe(fits);
  });

  it.each(Object.values(versions))(
    'the identifier may have a # or https, as in the broker: %s',
    (identifier) => {
      const variants = [
        identifier,
        identifier.replace(/#?$/, '#'),
        identifier.replace(/#$/, ''),
        identifier.replace(/^https?/, 'https'),
        identifier.replace(/^https?/, 'http'),
      ];
      for (const $schema of variants)
        expect(sent(json({ $schema, type: 'integer' }), 'true')).toMatch(/must be integer/);
    },
  );

  it.each(Object.values(versions))('a schema may refer to the schema of schemas: %s', (identifier) => {
    const schema = json({ $schema: identifier, $ref: identifier });
    expect(sent(schema, { type: 'string' })).toBe('{"type":"string"}');
    expect(sent(schema, { type: 5 })).toMatch(/^refused: /);
  });

  it('is the newest one if the schema says nothing', () => {
    expect(sent(json({ prefixItems: [{ type: 'string' }] }), [1])).toMatch(/^refused: /);
  });

  it('lets unknown keywords and formats pass', () => {
    expect(sent(json({ 'x-owner': 'me', format: 'no-such-format', type: 'string' }), '"a"')).toBe('"a"');
  });
});

it('gives back every JSON value that it takes', () => {
  const schema = json({
    $defs: { any: { type: ['object', 'array', 'number', 'string', 'boolean', 'null'] } },
    $ref: '#/$defs/any',
  });
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(typeof value !== 'string');
      const text = JSON.stringify(value);
      const bytes = schema.encode(value);
      expect(Buffer.from(bytes).toString()).toBe(text);
      expect(schema.decode(bytes)).toEqual({ matched: true, value: JSON.parse(text) as unknown });
      expect(schema.failedMessageBytes(value)).toEqual(bytes);
    }),
  );
});

/** A schema of a small grammar with a value that fits it and one that does not. */
const schemaWithValues = fc.letrec<{ node: readonly [schema: object, fits: unknown, misfits: unknown] }>(
  (tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.integer().map((number) => [{ type: 'integer', minimum: number }, number, number - 1] as const),
      fc.string().map((text) => [{ const: text }, text, `${text}x`] as const),
      fc
        .uniqueArray(fc.string(), { minLength: 1 })
        .map((texts) => [{ enum: texts }, texts[0], null] as const),
      tie('node').map(
        ([items, fits, misfits]) => [{ type: 'array', items }, [fits, fits], [fits, misfits]] as const,
      ),
      fc
        .tuple(fc.string(), tie('node'))
        .map(
          ([name, [inner, fits, misfits]]) =>
            [
              { type: 'object', properties: Object.fromEntries([[name, inner]]), required: [name] },
              Object.fromEntries([[name, fits]]),
              Object.fromEntries([[name, misfits]]),
            ] as const,
        ),
    ),
  }),
).node;

it('takes what fits a schema and refuses what does not', () => {
  fc.assert(
    fc.property(schemaWithValues, ([schema, fits, misfits]) => {
      fc.pre(!JSON.stringify(schema).includes('__proto__'));
      const compiled = json(schema);
      expect(compiled.decode(Buffer.from(JSON.stringify(fits)))).toMatchObject({ matched: true });
      expect(compiled.decode(Buffer.from(JSON.stringify(misfits)))).toMatchObject({ matched: false });
    }),
    { numRuns: many(60) },
  );
});
