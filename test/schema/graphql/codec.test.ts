import { Kind, parse } from 'graphql';
import { ValidationError } from '../../../src/model/errors';
import { compileSchema, schemaContentProblem, schemaProblems } from '../../../src/schema';
import { sent } from '../messages';

const content =
  'type Query { greeting(n: Int): String!, me: User } type User { id: ID } type Mutation { add(id: ID!): User }';
const schema = compileSchema({ type: 'graphql', content });

/** `{ greeting }`, built by a program. */
const built = {
  kind: Kind.DOCUMENT,
  definitions: [
    {
      kind: Kind.OPERATION_DEFINITION,
      operation: 'query',
      selectionSet: {
        kind: Kind.SELECTION_SET,
        selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'greeting' } }],
      },
    },
  ],
};

describe('messages with a GraphQL schema', () => {
  it.each<[unknown, string, string]>([
    ['{ greeting }', '{ greeting }', 'text'],
    [Buffer.from('query Q($n: Int) { greeting(n: $n) }'), 'query Q($n: Int) { greeting(n: $n) }', 'bytes'],
    ['mutation { add(id: 1) { id } }', 'mutation { add(id: 1) { id } }', 'any operation that the schema has'],
    [parse('{  greeting  }'), '{  greeting  }', 'a document is sent as its source'],
    [
      parse('{  greeting  }', { noLocation: true }),
      '{\n  greeting\n}',
      'a document without a source is printed',
    ],
    [built, '{\n  greeting\n}', 'so is one that a program has built'],
    [
      '{ greet }',
      'refused: Cannot query field "greet" on type "Query". Did you mean "greeting"? (line 1, column 3)',
      'a field that the schema lacks',
    ],
    [
      '{ greeting(n: "x") }',
      'refused: Int cannot represent non-integer value (line 1, column 15)',
      'an argument of another type',
    ],
    [
      '{ me }',
      'refused: Field "me" of type "User" must have a selection of subfields. Did you mean "me { ... }"? (line 1, column 3)',
      'fields of an object are missing',
    ],
    [
      '{ a b }',
      'refused: Cannot query field "a" on type "Query". (line 1, column 3), Cannot query field "b" on type "Query". (line 1, column 5)',
      'all mistakes, the prefix once',
    ],
    [
      'type A { b: Int }',
      'refused: The "A" definition is not executable. (line 1, column 1)',
      'a schema is no message',
    ],
    [
      'subscription { x }',
      'refused: the schema has no type for the operation "subscription"',
      'an operation that the schema lacks',
    ],
    [
      '{ greeting',
      'refused: Invalid message format, expecting GraphQL: Syntax Error: Expected Name, found <EOF>. (line 1, column 11)',
      'a brace missing',
    ],
    [
      '',
      'refused: Invalid message format, expecting GraphQL: Syntax Error: Unexpected <EOF>. (line 1, column 1)',
      'nothing at all',
    ],
    [
      Buffer.from([255]),
      'refused: Invalid message format, expecting GraphQL: the bytes are not UTF-8 text',
      'no text',
    ],
    [{ a: 1 }, 'refused: Unsupported message type: object', 'an object that is no document'],
    [{ kind: 'Field', definitions: [] }, 'refused: Unsupported message type: object', 'a part of a document'],
    [5, 'refused: Unsupported message type: number', 'a number'],
    [null, 'refused: Unsupported message type: null', 'null'],
  ])('%j gives %s: %s', (message, result) => {
    expect(sent(schema, message)).toBe(result);
  });

  it('ends for documents nested without end, and for very many mistakes', () => {
    expect(sent(schema, '{ me '.repeat(50_000))).toMatch(/^refused: /);
    const reason = sent(schema, `{ ${'nope '.repeat(1000)} }`);
    expect(reason.length).toBeLessThan(2000);
  });

  it('reads text, and gives back what does not fit', () => {
    expect(schema.decode(Buffer.from('{ greeting }'))).toEqual({ matched: true, value: '{ greeting }' });
    const bytes = Buffer.from('{ greet }');
    expect(schema.decode(bytes)).toMatchObject({
      matched: false,
      bytes,
      reason: expect.stringMatching(/^Cannot query/) as string,
    });
  });

  it.each<[unknown, string, string]>([
    [parse('{ greet }'), '{ greet }', 'the source of a document'],
    ['{ greet', '{ greet', 'text as it is'],
    [{ a: 1 }, '{"a":1}', 'JSON of anything else'],
    [
      { kind: 'Document', definitions: [{ kind: 'Field' }] },
      '{"kind":"Document","definitions":[{"kind":"Field"}]}',
      'JSON of a document that cannot be printed',
    ],
  ])('keeps of a failed message %j: %s (%s)', (message, bytes) => {
    expect(Buffer.from(schema.failedMessageBytes(message)).toString()).toBe(bytes);
  });
});

describe('GraphQL schemas', () => {
  it.each([
    ['type Query { a: Int }', 'the least that is legal'],
    ['schema { query: Q } type Q { a: Int }', 'a query root of another name'],
    [
      '"""doc""" type Query { "of a" a(x: Int = 1): Int @deprecated(reason: "old") }',
      'descriptions, defaults and directives',
    ],
    ['directive @auth on FIELD_DEFINITION\ntype Query { a: Int @auth }', 'directives of one’s own'],
    [
      'interface I { a: Int } type Query implements I { a: Int } union U = Query enum E { A B } input In { a: [Int!]! } scalar Date',
      'all kinds of types',
    ],
    ['type Query { a: Int } extend type Query { b: Int }', 'extensions'],
  ])('%s: %s', (sdl) => {
    expect(schemaProblems('graphql', sdl)).toEqual([]);
    expect(compileSchema({ type: 'graphql', content: sdl }).type).toBe('graphql');
  });

  it.each<[string, string[], string]>([
    ['type Query {', ['Expected Name, found <EOF>. (line 1, column 13)'], 'a brace missing'],
    [
      'type Query { a: Foo }\ntype User { c: Zzzzzz }',
      ['Unknown type "Foo". (line 1, column 17)', 'Unknown type "Zzzzzz". (line 2, column 16)'],
      'all unknown types',
    ],
    [
      'type Query { a: Int } type Query { b: Int }',
      ['There can be only one type named "Query". (line 1, column 6)'],
      'a type twice',
    ],
    [
      'type Query { a: Int @nope }',
      ['Unknown directive "@nope". (line 1, column 21)'],
      'an unknown directive',
    ],
    [
      'interface I { a: Int } type Query implements I { b: Int }',
      ['Interface field I.a expected but Query does not provide it. (line 1, column 15)'],
      'an interface that is not kept',
    ],
    [
      'type Query { a: Int @deprecated(reason: Query) }',
      ['Argument "reason" has invalid value Query. (line 1, column 41)'],
      'a wrong argument of a built-in directive',
    ],
    [
      '{ a }',
      ['a schema holds no operations and no fragments (line 1, column 1)'],
      'a message instead of a schema',
    ],
  ])('%s is refused', (sdl, problems) => {
    expect(schemaProblems('graphql', sdl)).toEqual(problems);
    expect(schemaContentProblem('graphql', sdl)).toBeDefined();
    expect(() => compileSchema({ type: 'graphql', content: sdl })).toThrow(ValidationError);
  });
});
