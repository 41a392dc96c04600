import type { SchemaType } from '../../src/schema';
import { compileSchema, schemaContentProblem, schemaProblems } from '../../src/schema';

const numbered = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A schema of each type with many fields. */
function withFields(count: number): Readonly<Record<SchemaType, string>> {
  const fields = numbered(count);
  return {
    json: JSON.stringify({
      properties: Object.fromEntries(
        fields.map((field) => [`f${field}`, { type: 'string', maxLength: field }]),
      ),
    }),
    avro: JSON.stringify({
      type: 'record',
      name: 'R',
      fields: fields.map((field) => ({ name: `f${field}`, type: 'string' })),
    }),
    // Numbers from 19,000 on are reserved.
    protobuf: `syntax = "proto3"; message A { ${fields.map((field) => `string f${field} = ${field < 18_000 ? field + 1 : field + 9000};`).join('\n')} }`,
    graphql: `type Query { ${fields.map((field) => `f${field}(a: Int): String`).join('\n')} }`,
  };
}

/** Processor time, which other work on the machine does not lengthen. */
function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe.each(Object.entries(withFields(5000)) as [SchemaType, string][])(
  '%s with 5,000 fields',
  (type, content) => {
    it('is read in time, and only once in a process', () => {
      const first = cost(() => {
        expect(schemaProblems(type, content)).toEqual([]);
        compileSchema({ type, content });
      });
      expect(first).toBeLessThan(3000);
      const further = cost(() => {
        numbered(5).forEach(() => {
          expect(schemaProblems(type, content)).toEqual([]);
          expect(schemaContentProblem(type, content)).toBeUndefined();
          compileSchema({ type, content });
        });
      });
      expect(further).toBeLessThan(Math.max(first, 100));
    });
  },
);

it('a message of 20,000 fields is compiled in a time that does not grow with their square', () => {
  const { protobuf } = withFields(20_000);
  let compiled: ReturnType<typeof compileSchema> | undefined;
  expect(cost(() => (compiled = compileSchema({ type: 'protobuf', content: protobuf })))).toBeLessThan(4000);
  expect(compiled?.decode(compiled.encode({ f3: 'a', f19999: 'b' }))).toMatchObject({
    matched: true,
    value: { f3: 'a', f19999: 'b', f0: '' },
  });
});

it('what is kept of one schema is not taken for another', () => {
  const content = 'syntax = "proto3"; message A { string a = 1; } message B { int32 b = 1; }';
  const of = (messageStructName?: string) =>
    compileSchema({
      type: 'protobuf',
      content,
      ...(messageStructName === undefined ? {} : { messageStructName }),
    });
  expect(of().encode({ a: 'x' })).toHaveLength(3);
  expect(of('B').encode({ b: 1 })).toHaveLength(2);
  expect(of('A').encode({ a: 'x' })).toHaveLength(3);
  expect(() => of('C')).toThrow('has no message C');
  expect(schemaProblems('json', '"int"')).not.toEqual([]);
  expect(schemaProblems('avro', '"int"')).toEqual([]);
});

describe('what is nested too deep, or leads to too many parts, is a problem with a sentence', () => {
  const around = (count: number, start: string, inner: string, end: string): string =>
    start.repeat(count) + inner + end.repeat(count);

  it.each<[SchemaType, string, string]>([
    ['json', 'not, 900 times', around(900, '{"not":', '{}', '}')],
    ['avro', 'arrays of arrays', around(100_000, '{"type":"array","items":', '"int"', '}')],
    [
      'graphql',
      'inputs that need the next one',
      `type Query { a: Int } ${numbered(9000)
        .map((index) => `input I${index} { a: I${index + 1}! }`)
        .join(' ')} input I9000 { a: Int }`,
    ],
  ])('a schema: %s, %s', (type, _, content) => {
    const [problem = ''] = schemaProblems(type, content);
    expect(problem).toContain('too deep to be checked (line 1, column 1)');
    expect(schemaContentProblem(type, content)).toMatch(
      /^(your json schema is invalid$|your Avro file|graphql: )/,
    );
    expect(() => compileSchema({ type, content })).toThrow('too deep to be checked');
  });

  const nested = (count: number): unknown => JSON.parse(around(count, '{"a":', '{}', '}'));
  it.each<[SchemaType, string]>([
    ['json', '{"type":"object","properties":{"a":{"$ref":"#"}}}'],
    ['avro', '{"type":"record","name":"R","fields":[{"name":"a","type":["null","R"]}]}'],
    ['protobuf', 'syntax = "proto3"; message A { A a = 1; }'],
  ])('a message: %s', (type, content) => {
    expect(() => compileSchema({ type, content }).encode(nested(50_000))).toThrow(/nested too deep/);
  });

  it.each([
    ['fields that all have to be compared', `{ ${'a { b } '.repeat(20_000)} }`],
    [
      'fragments in a row',
      `{ ...f0 } ${numbered(9000)
        .map((index) => `fragment f${index} on Query { ${index < 8999 ? `...f${index + 1}` : 'b'} }`)
        .join(' ')}`,
    ],
    [
      'a circle of fragments',
      `{ ...f0 } ${numbered(9000)
        .map((index) => `fragment f${index} on Query { a { ...f${(index + 1) % 9000} } }`)
        .join(' ')}`,
    ],
    [
      'operations that all use all fragments',
      `${numbered(4000)
        .map((index) => `query q${index} { ...f0 }`)
        .join(' ')} fragment f0 on Query { ${numbered(4000)
        .map((index) => `...f${index + 1}`)
        .join(' ')} } ${numbered(4000)
        .map((index) => `fragment f${index + 1} on Query { b }`)
        .join(' ')}`,
    ],
  ])('a GraphQL message: %s', (_, message) => {
    const schema = compileSchema({ type: 'graphql', content: 'type Query { a: Query b: Int }' });
    expect(
      cost(() => {
        expect(schema.decode(Buffer.from(message))).toMatchObject({
          matched: false,
          reason: expect.stringMatching(/^the check of the message did not end: /) as string,
        });
      }),
    ).toBeLessThan(5000);
  });

  it('fragments that double with each step are checked in time', () => {
    const schema = compileSchema({ type: 'graphql', content: 'type Query { a: Query b: Int }' });
    const message = `{ ...f0 } ${numbered(60)
      .map((index) => `fragment f${index} on Query { a { ...f${index + 1} } x: a { ...f${index + 1} } }`)
      .join(' ')} fragment f60 on Query { b }`;
    expect(cost(() => expect(schema.decode(Buffer.from(message)).matched).toBe(true))).toBeLessThan(5000);
  });
});
