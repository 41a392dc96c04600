import type { SchemaType } from '../../src/schema';
import { compileSchema, schemaContentProblem, schemaProblems } from '../../src/schema';
import recorded from './recorded/parser-verdicts.json';

/** Why a content is refused here that the broker accepts. */
const deliberate: Readonly<Record<string, string>> = {
  'declared twice': 'clients cannot tell which declaration counts',
  'nothing inside': 'no message fits it, and the parsers of the clients refuse it',
  'no size': 'the broker takes a missing, negative or broken size for another number without a word',
  'reserved name': 'the parsers of the clients refuse it',
  'not in the grammar': "the broker's parser is lax; the parsers of the clients refuse it",
  'not usable by clients': 'the broker does not check it; the parsers of the clients refuse it',
};

interface Case {
  readonly content: string;
  readonly verdict: string;
  readonly stricter?: string;
}

const cases = recorded.groups.flatMap(({ type, why, cases: ofGroup }) =>
  ofGroup.map((one: Case) => ({ ...one, why, type: type as SchemaType })),
);

describe("contents that the broker's parsers were given", () => {
  it('are accepted, refused, or crash it, or the table proves nothing', () => {
    expect(new Set(cases.map(({ verdict }) => verdict))).toEqual(new Set(['accepted', 'refused', 'crashes']));
  });

  it.each(cases)('$type, $why: $content is $verdict', ({ type, content, verdict, stricter }) => {
    const isAcceptedHere = schemaContentProblem(type, content) === undefined;
    expect({ content, isAcceptedHere }).toEqual({
      content,
      isAcceptedHere: verdict === 'accepted' && stricter === undefined,
    });
    expect(schemaProblems(type, content).length === 0).toBe(isAcceptedHere);
    if (stricter !== undefined) expect(Object.keys(deliberate)).toContain(stricter);
    if (isAcceptedHere) expect(compileSchema({ type, content }).type).toBe(type);
  });
});

describe('contents that crash the broker', () => {
  it.each([
    ['graphql', 'type Query { _service: _Service! } type _Service { sdl: String }', 'a type named _Service'],
    ['graphql', 'type Query { a: Int } interface __Schema { a: Int }', 'a type named __Schema'],
    [
      'avro',
      '{"type":"record","name":"T","fields":[{"name":"l","type":"T","default":{}}]}',
      '#/fields/0/default: invalid default: it holds a T',
    ],
  ] as const)('%s %s: the problem says so', (type, content, text) => {
    expect(schemaProblems(type, content).join()).toContain(text);
    expect(schemaProblems(type, content).join()).toContain('crashes the broker, so it is not sent');
  });
});

it('GraphQL nested 50,000 levels deep is a problem with a sentence, as schema and as message', () => {
  const deep = `type Query { a: ${'['.repeat(50_000)}Int${']'.repeat(50_000)} }`;
  expect(schemaProblems('graphql', deep)).toEqual(['nested deeper than 200 levels (line 1, column 216)']);
  const schema = compileSchema({ type: 'graphql', content: 'type Query { a: Query }' });
  const query = '{ a '.repeat(50_000) + '}'.repeat(50_000);
  expect(schema.decode(Buffer.from(query))).toMatchObject({
    matched: false,
    reason: 'Invalid message format, expecting GraphQL: nested deeper than 200 levels (line 1, column 801)',
  });
});
