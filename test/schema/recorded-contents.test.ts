import type { SchemaType } from '../../src/schema';
import { compileSchema, schemaContentProblem, schemaProblems } from '../../src/schema';
import recorded from './recorded/broker-verdicts.json';

/** The texts that the broker puts in front of what a parser says; they are promised word for word. */
const fixedText =
  /^(your schema content is invalid|your json schema is invalid|your (?:Proto|Avro) file is invalid: |graphql: |root operation "query" must be defined)/;

describe('contents that a real broker was given', () => {
  const cases = recorded.cases.filter(({ id }) => id !== 'rest validateSchema.proto-no-message');

  it('has both verdicts for each type, or the table proves nothing', () => {
    for (const type of ['json', 'avro', 'protobuf', 'graphql']) {
      const answers = cases.filter((one) => one.type === type).map(({ answer }) => answer === '');
      expect(new Set(answers)).toEqual(new Set([true, false]));
    }
  });

  it.each(cases)('$id: "$answer"', ({ type, content, answer }) => {
    const problem = schemaContentProblem(type as SchemaType, content);
    if (answer === '') {
      expect(problem).toBeUndefined();
      expect(schemaProblems(type as SchemaType, content)).toEqual([]);
      // What a broker hands out has to be usable.
      expect(compileSchema({ type: type as SchemaType, content }).type).toBe(type);
    } else {
      expect(problem).toMatch(fixedText);
      expect(fixedText.exec(problem ?? '')?.[0]).toBe(fixedText.exec(answer)?.[0]);
      expect(schemaProblems(type as SchemaType, content).length).toBeGreaterThan(0);
    }
  });

  it.each([
    ['avro', '{', 'your Avro file is invalid: avro: unknown type: {'],
    ['avro', 'x', 'your Avro file is invalid: avro: unknown type: x'],
    ['avro', '{"type":"foo"}', 'your Avro file is invalid: avro: unknown type: foo'],
    [
      'avro',
      '{"type":"record","name":"R"}',
      'your Avro file is invalid: avro: record must have an array of fields',
    ],
    ['graphql', 'type Query { a: Foo }', 'graphql: Unknown type "Foo". (line 1, column 17)'],
    ['graphql', 'type Foo { a: Int }', 'root operation "query" must be defined'],
    [
      'protobuf',
      'syntax = "proto3"; message A { Foo f = 1; }',
      'your Proto file is invalid: :1:32: field A.f: unknown type Foo',
    ],
  ] as const)('says about %s %s what the broker says', (type, content, text) => {
    expect(schemaContentProblem(type, content)).toBe(text);
  });

  it('refuses a .proto without any message, which the broker accepts over REST and dies of over NATS', () => {
    expect(schemaContentProblem('protobuf', 'syntax = "proto3";')).toMatch(
      /^your Proto file is invalid: .*no message.*crashes the broker/,
    );
  });
});
