import { compileSchema } from '../../../src/schema';

/** Why a message does not fit a JSON schema; undefined if it does. */
function reason(schema: unknown, message: unknown): string | undefined {
  const compiled = compileSchema({ type: 'json', content: JSON.stringify(schema) });
  const read = compiled.decode(Buffer.from(JSON.stringify(message)));
  return read.matched ? undefined : read.reason;
}

const item = {
  type: 'object',
  required: ['sku', 'qty'],
  additionalProperties: false,
  properties: { sku: { type: 'string' }, qty: { type: 'integer' }, kind: { enum: ['a', 'b', 3, null] } },
};
const order = { properties: { items: { type: 'array', items: item } } };
const ok = { sku: 'a', qty: 1 };
const numbers = { items: { type: 'integer' } };

it.each<[string, unknown, unknown, string]>([
  [
    'the place in the message, as the place in the schema does not tell which item it is',
    order,
    { items: [ok, ok, { sku: 'a' }] },
    "#/properties/items/items/required must have required property 'qty' (at items[2])",
  ],
  [
    'a property that must not be there by its name, and where',
    order,
    { items: [{ ...ok, colour: 'red' }] },
    '#/properties/items/items/additionalProperties must NOT have additional properties (at items[0]: property "colour")',
  ],
  [
    'the name as well where the schema has a newer word for it',
    { properties: { a: true }, unevaluatedProperties: false },
    { b: 1 },
    'must NOT have unevaluated properties (property "b")',
  ],
  [
    'a name that breaks a rule for names',
    { propertyNames: { maxLength: 1 } },
    { ab: 1 },
    'must NOT have more than 1 characters, property name must be valid (property "ab")',
  ],
  [
    'the values that are allowed, as JSON',
    item,
    { ...ok, kind: 'c' },
    '#/properties/kind/enum must be equal to one of the allowed values (at kind: allowed are "a", "b", 3, null)',
  ],
  [
    'the only value that is allowed',
    { properties: { version: { const: 2 } } },
    { version: 1 },
    '#/properties/version/const must be equal to constant (at version: allowed is 2)',
  ],
  [
    'not more values than one reads',
    { enum: Array.from({ length: 13 }, (_, index) => index) },
    'x',
    'must be equal to one of the allowed values (allowed are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3 more)',
  ],
  [
    'nothing of a long value but its ends',
    { const: `${'a'.repeat(500)}z` },
    'x',
    `must be equal to constant (allowed is "${'a'.repeat(18)}…${'a'.repeat(17)}z")`,
  ],
  [
    'what else is wrong, each with its place',
    order,
    { items: [{ ...ok, x: 1, y: 2 }, { sku: 5 }, 5] },
    '#/properties/items/items/additionalProperties must NOT have additional properties (at items[0]: property "x")' +
      '; also: items[0] must NOT have additional properties (property "y")' +
      "; items[1] must have required property 'qty'; items[1].sku must be string; items[2] must be object",
  ],
  [
    'no more than five further ones, and how many there are',
    numbers,
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    '#/items/type must be integer (at [0])' +
      '; also: [1] must be integer; [2] must be integer; [3] must be integer; [4] must be integer; [5] must be integer' +
      '; and 2 more',
  ],
  [
    'branches of the first choice as the SDK does, and no branches of further ones, which need not be taken',
    {
      $defs: { circle: { required: ['radius', 'x'] }, square: { required: ['side'] } },
      items: {
        required: ['id'],
        oneOf: [{ $ref: '#/$defs/circle' }, { $ref: '#/$defs/square' }, { required: ['points'] }],
      },
    },
    [{ id: 1 }, { id: 2, side: 1 }, {}],
    "#/$defs/circle/required must have required property 'radius', #/$defs/square/required must have required property 'side'" +
      ", #/items/oneOf/2/required must have required property 'points', #/items/oneOf must match exactly one schema in oneOf" +
      " (at [0]); also: [2] must match exactly one schema in oneOf; [2] must have required property 'id'",
  ],
  [
    'the first branches of a long choice, and the choice itself',
    { items: { anyOf: Array.from({ length: 12 }, (_, index) => ({ minimum: index })) } },
    [-1],
    Array.from({ length: 9 }, (_, index) => `#/items/anyOf/${index}/minimum must be >= ${index}, `).join('') +
      '3 more, #/items/anyOf must match a schema in anyOf (at [0])',
  ],
  [
    'what a condition asks for once',
    { if: { required: ['a'] }, then: { required: ['b'] }, properties: { a: { type: 'integer' } } },
    { a: 'x' },
    "must have required property 'b'; also: a must be integer",
  ],
  [
    'names that are no plain words in quotes, so that the path is clear',
    { additionalProperties: { additionalProperties: { type: 'integer' } } },
    { 'a/b~ c.d': { 0: 'x' } },
    '#/additionalProperties/additionalProperties/type must be integer (at ["a/b~ c.d"]["0"])',
  ],
  [
    'the ends of a long name and of a long path',
    { additionalProperties: { type: 'integer' } },
    { [`a${'b'.repeat(100)}c`]: 'x' },
    `#/additionalProperties/type must be integer (at ["a${'b'.repeat(28)}…${'b'.repeat(28)}c"])`,
  ],
])('tells %s', (_, schema, message, expected) => {
  expect(reason(schema, message)).toBe(expected);
});

it('tells no value of a message, whatever is wrong with it', () => {
  const secret = 'hunter2';
  const schemas = [
    { type: 'integer' },
    { enum: [1] },
    { const: 1 },
    { pattern: '^x' },
    { format: 'email' },
    { format: 'date-time' },
    { maxLength: 1 },
    { minLength: 100 },
    { not: { type: 'string' } },
    { anyOf: [{ const: 1 }, { maxLength: 2 }] },
    false,
  ];
  for (const schema of schemas) {
    const message = { a: secret, b: [secret, secret], c: { d: secret } };
    const properties = {
      a: schema,
      b: { items: schema, uniqueItems: true },
      c: { additionalProperties: schema },
    };
    const told = reason({ properties }, message);
    expect(told).toMatch(/at a.*; also: /);
    expect(told).not.toContain(secret);
  }
});

describe('looking for further failures', () => {
  it('never takes long, whatever a limit of the schema keeps away from its patterns', () => {
    const properties = { id: { type: 'integer' }, text: { maxLength: 5, pattern: '^(a+)+$' } };
    const compiled = compileSchema({ type: 'json', content: JSON.stringify({ properties }) });
    const message = Buffer.from(JSON.stringify({ id: 'x', text: `${'a'.repeat(50)}!` }));
    const begin = performance.now();
    for (let round = 0; round < 20; round += 1) {
      expect(compiled.decode(message)).toMatchObject({
        reason:
          '#/properties/id/type must be integer (at id)' +
          '; also: text must NOT have more than 5 characters; text must match pattern "^(a+)+$"',
      });
    }
    expect(performance.now() - begin).toBeLessThan(2_000);
  });

  it('is left out for a message that has room for very many', () => {
    expect(
      reason(
        numbers,
        Array.from({ length: 40_000 }, () => 'x'),
      ),
    ).toBe('#/items/type must be integer (at [0])');
  });

  it('leaves nothing behind for the next message', () => {
    const compiled = compileSchema({ type: 'json', content: JSON.stringify(numbers) });
    const told = (text: string) => compiled.decode(Buffer.from(text));
    expect(told('["a","b"]')).toMatchObject({
      reason: '#/items/type must be integer (at [0]); also: [1] must be integer',
    });
    expect(told('[1,2]')).toMatchObject({ matched: true });
    expect(told('[1,"b"]')).toMatchObject({ reason: '#/items/type must be integer (at [1])' });
  });
});
