import { compileSchema, schemaProblems } from '../../../src/schema';

const json = (schema: unknown) => compileSchema({ type: 'json', content: JSON.stringify(schema) });
const text = (schema: string) => compileSchema({ type: 'json', content: schema });
const verdict = (schema: ReturnType<typeof json>, message: unknown) => {
  const read = schema.decode(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
  return read.matched ? 'ok' : read.reason;
};

describe('keywords of other tools mean nothing, wherever they stand', () => {
  const rule = { type: 'object', required: ['id'] };
  it.each<[string, object]>([
    ['at the root: Ajv would check the message later, and let every one pass', { $async: true, ...rule }],
    ['in a reference', { $ref: '#/$defs/x', $defs: { x: { $async: true, ...rule } } }],
    ['in a part', { allOf: [{ $async: true, ...rule }] }],
    ['of OpenAPI, without a type', { nullable: true, required: ['id'] }],
    ['of OpenAPI, with nonsense', { nullable: 'x', ...rule }],
    ['the identifier of draft 4 in later drafts', { id: 1, ...rule }],
    ['with identifiers inside, twice', { x: { $id: 'http://a/b' }, y: { $id: 'http://a/b' }, ...rule }],
    ['with a broken reference inside', { x: { $ref: '#/nowhere' }, ...rule }],
    ['of discriminated unions', { discriminator: 1, ...rule }],
    ['of ajv-formats', { formatMaximum: 1, ...rule }],
  ])('%s', (_, schema) => {
    expect(verdict(json(schema), {})).toBe("must have required property 'id'");
    expect(verdict(json(schema), { id: 1 })).toBe('ok');
  });
});

describe('values that other validators get wrong', () => {
  it.each<[string, string, string, boolean, string]>([
    ['{"multipleOf":0.01}', '19.99', 'a multiple as decimal numbers, not as binary ones', true, ''],
    ['{"multipleOf":0.01}', '19.999', 'no multiple', false, ''],
    ['{"multipleOf":0.1}', '0.30000000000000004', 'nearly a multiple', false, ''],
    ['{"multipleOf":1e-8}', '1.00000001', 'a power of ten', true, ''],
    ['{"multipleOf":3}', '9007199254740993e5', 'beyond safe integers', true, ''],
    ['{"properties":{"constructor":{"type":"string"}}}', '{}', 'a name that every object inherits', true, ''],
    ['{"properties":{"constructor":{"type":"string"}}}', '{"constructor":1}', 'the same, present', false, ''],
    ['{"required":["constructor"]}', '{}', 'inherited is not present', false, ''],
    ['{"required":["__proto__"]}', '{}', 'not even this', false, ''],
    ['{"required":["__proto__"]}', '{"__proto__":1}', 'present', true, ''],
    ['{"properties":{"__proto__":{"type":"string"}}}', '{"__proto__":1}', 'checked', false, ''],
    ['{"dependentRequired":{"toString":["a"]}}', '{}', 'the same in dependencies', true, ''],
    ['{"additionalProperties":false}', '{"constructor":1}', 'the same in what is left', false, ''],
    ['{"propertyNames":{"const":"a"}}', '{"__proto__":1}', 'the same in names', false, ''],
    ['{"const":{"a":[1,{"b":2}]}}', '{"a":[1.0,{"b":2}]}', 'equal numbers', true, ''],
    ['{"enum":[[1,2],{"a":1,"b":2}]}', '{"b":2,"a":1}', 'order of keys', true, ''],
    ['{"enum":[]}', '1', 'nothing is allowed', false, ''],
    ['{"const":0}', '-0', 'zero', true, ''],
    ['{"uniqueItems":true}', '[{"a":1,"b":2},{"b":2,"a":1}]', 'equal objects', false, ''],
    ['{"uniqueItems":true}', '[1,true,"1",null]', 'different types', true, ''],
    ['{"maxLength":1}', '"\\ud83d\\ude00"', 'one character of two units', true, ''],
    [
      '{"$defs":{"x":{"type":"integer"}},"properties":{"a":{"$dynamicRef":"#/$defs/x"}}}',
      '{"a":"s"}',
      'a dynamic reference without an anchor is a plain one',
      false,
      '',
    ],
    [
      '{"type":"object","$dynamicRef":"#a","$defs":{"x":{"$dynamicAnchor":"a","required":["b"]}}}',
      '{"b":1}',
      'a dynamic anchor below a root of type object',
      true,
      '',
    ],
    [
      '{"contains":{"type":"string"},"unevaluatedItems":false}',
      '[1,"x"]',
      'only what contains has found is evaluated',
      false,
      '',
    ],
    [
      '{"$id":"http://x/root","$ref":"item","$defs":{"item":{"$id":"item","$ref":"#/$defs/q","$defs":{"q":{"type":"integer"}}}}}',
      '"s"',
      'a bundled schema whose embedded root is a reference',
      false,
      '',
    ],
  ])('%s with %s: %s', (schema, message, _, fits) => {
    expect(text(schema).decode(Buffer.from(message)).matched).toBe(fits);
  });
});

/** Each of these took seconds or the whole stack before. */
describe('large schemas and messages', () => {
  const soon = <T>(run: () => T, ms = 2_000): T => {
    const begin = performance.now();
    const result = run();
    expect(performance.now() - begin).toBeLessThan(ms);
    return result;
  };
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => index);
  const properties = (count: number) =>
    Object.fromEntries(numbered(count).map((index) => [`p${index}`, { type: 'string', maxLength: 10 }]));
  const nested = (depth: number, wrap: (inner: unknown) => unknown, innermost: unknown): unknown =>
    depth === 0 ? innermost : wrap(nested(depth - 1, wrap, innermost));
  const twice = (keyword: string, last: unknown): object => ({
    $ref: '#/$defs/d0',
    $defs: Object.fromEntries([
      ...numbered(40).map((index) => [
        `d${index}`,
        { [keyword]: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
      ]),
      ['d40', last],
    ]) as object,
  });

  it.each<[string, object, unknown, unknown]>([
    ['5,000 properties', { properties: properties(5_000) }, { p7: 'a' }, { p7: 1 }],
    [
      'allOf of 2,000',
      { allOf: numbered(2_000).map((index) => ({ properties: { [`p${index}`]: { type: 'string' } } })) },
      { p1999: 'a' },
      { p1999: 1 },
    ],
    [
      'oneOf of 1,000',
      { oneOf: numbered(1_000).map((index) => ({ properties: { a: { const: index } }, required: ['a'] })) },
      { a: 999 },
      { a: -1 },
    ],
    [
      '500 definitions that lead to each other',
      {
        $ref: '#/$defs/d0',
        $defs: Object.fromEntries(
          numbered(500).map((index) => [
            `d${index}`,
            { type: 'object', properties: { n: { $ref: `#/$defs/d${(index + 1) % 500}` } } },
          ]),
        ) as object,
      },
      nested(600, (n) => ({ n }), {}),
      nested(600, (n) => ({ n }), 1),
    ],
    [
      '450 properties inside of each other',
      nested(450, (a) => ({ properties: { a } }), { type: 'integer' }) as object,
      nested(450, (a) => ({ a }), 1),
      nested(450, (a) => ({ a }), 'x'),
    ],
    ['a tree of allOf with 2^40 leaves', twice('allOf', { type: 'object' }), {}, 1],
    ['a tree of anyOf with 2^40 leaves', twice('anyOf', { type: 'object' }), {}, 1],
  ])('%s', (_, schema, fits, misfits) => {
    const compiled = soon(() => json(schema));
    expect(soon(() => verdict(compiled, fits))).toBe('ok');
    expect(soon(() => verdict(compiled, misfits))).not.toBe('ok');
  });

  it('nested deeper than 1,000 levels is a problem with its limit', () => {
    const schema = nested(600, (a) => ({ properties: { a } }), {});
    expect(schemaProblems('json', JSON.stringify(schema))).toEqual([
      'nested deeper than 1000 levels (line 1, column 9501)',
    ]);
  });

  it('what no memory helps with is given up after a number of steps', () => {
    const compiled = json({ ...twice('allOf', { type: 'object' }), unevaluatedProperties: false });
    expect(soon(() => verdict(compiled, {}))).toBe(
      'the check of the message did not end: its check takes more than 300020 steps',
    );
  });

  it('20,000 objects that have to differ', () => {
    const items = numbered(20_000).map((index) => ({ index, more: { of: [index, 'it'] } }));
    const compiled = json({ uniqueItems: true });
    expect(soon(() => verdict(compiled, items))).toBe('ok');
    expect(soon(() => verdict(compiled, [...items, items[3]]))).toContain(
      '(items ## 3 and 20000 are identical)',
    );
  });

  it.each([
    ['^(\\w+\\s?)*$', 31],
    ['^(\\w+\\s?)*$', 500_000],
    ['^(a+)+$', 500_000],
    ['(a|a)*b', 100_000],
    ['^(.*a){12}$', 20_000],
  ])('the pattern %s and %d characters', (pattern, length) => {
    const compiled = json({ pattern });
    expect(soon(() => verdict(compiled, `"${'a'.repeat(length)}!"`))).not.toBe('ok');
  });

  it('a message nested 100,000 levels deep', () => {
    const compiled = json({ additionalProperties: { $ref: '#' }, items: { $ref: '#' } });
    const message = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(verdict(compiled, message)).toBe('the message is nested too deep to be checked');
  });

  it.each([
    'email',
    'uri',
    'uri-reference',
    'uri-template',
    'url',
    'hostname',
    'ipv6',
    'duration',
    'json-pointer',
  ])('the format %s and a long text', (format) => {
    const compiled = json({ format });
    for (const piece of ['a', 'a@', 'a.', '/', 'a-', ':', 'http://a.', '{a,', '%']) {
      for (const length of [4_000, 500_000]) {
        soon(() => verdict(compiled, JSON.stringify(piece.repeat(length / piece.length))), 500);
      }
    }
  });
});
