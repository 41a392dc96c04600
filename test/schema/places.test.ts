import type { SchemaType } from '../../src/schema';
import { schemaProblems } from '../../src/schema';
import brokerVerdicts from './recorded/broker-verdicts.json';
import parserVerdicts from './recorded/parser-verdicts.json';

/**
 * Every problem of a schema names line and column. `¶` in a table marks the place that its problem has to name; it is
 * taken out before the schema is read.
 */
const withPlace = /\(line \d+, column \d+\)$|^line \d+, column \d+: /;

const tables: Readonly<Record<SchemaType, readonly (readonly [why: string, content: string])[]>> = {
  json: [
    ['nothing', '¶'],
    ['broken JSON', '{\n  "type": "object",\n  ¶oops\n}'],
    ['cut off', '{\n  "a": 1,\n¶'],
    ['not a schema', '\n  ¶3'],
    ['an unknown type', '{\n  "properties": {\n    "a": { "type": ¶"strin" }\n  }\n}'],
    ['a keyword with a wrong value', '{\n  "minLength": ¶"3"\n}'],
    ['a number out of its range', '{\n  "multipleOf": ¶0\n}'],
    ['duplicates in required', '{\n  "type": "object",\n  "required": ¶["a", "a"]\n}'],
    ['an unknown version', '{\n  "$schema": ¶"http://example.com/x"\n}'],
    ['a reference to nothing', '{\n  "properties": {\n    "a": ¶{ "$ref": "#/$defs/x" }\n  }\n}'],
    ['a reference to itself', '{\n  "properties": { "a": ¶{ "$ref": "#/properties/a" } }\n}'],
    ['an identifier that is no URI', '{\n "properties": {"a": {"$id": ¶"::"}}}'],
    ['a pattern of another engine', '{\n  "properties": {\n    "a": { "pattern": ¶"(?=a)" }\n  }\n}'],
    ['a broken pattern', '{"properties":\n{"a":{"pattern":¶"["}}}'],
    ['a broken name pattern', '{\n  "patternProperties": {\n    "[": ¶true\n  }\n}'],
    ['a name that has to be escaped', '{"properties":{"a/b~c %20é":\n{"type":¶"x"}}}'],
    ['below a reference that nothing else leads to', '{"$ref":"#/x/y","x":{"y":\n{"type":¶"z"}}}'],
    ['the last of two equal keys', '{"type": "object",\n"type": ¶"x"}'],
    ['too deep', `${'['.repeat(1000)}\n¶[${']'.repeat(1001)}`],
    [
      'an unknown vocabulary',
      '{"$schema":"https://json-schema.org/draft/2020-12/schema",\n"$vocabulary":{"http://x/y":¶true}}',
    ],
  ],
  avro: [
    ['nothing', '¶'],
    ['a name that nothing declares', '¶Order'],
    ['broken JSON', '{\n  "type": "record"\n  ¶"name": "A"\n}'],
    ['an unknown type', '{"type":"record","name":"A","fields":[\n  {"name":"a","type":¶"strin"}\n]}'],
    [
      'a field twice',
      '{"type":"record","name":"A","fields":[\n{"name":"a","type":"int"},\n ¶{"name":"a","type":"int"}]}',
    ],
    [
      'a type twice',
      '{"type":"record","name":"A","fields":[\n{"name":"a","type":¶{"type":"fixed","name":"A","size":1}}]}',
    ],
    [
      'a default of another type',
      '{"type":"record","name":"A","fields":[\n{"name":"a","type":"int","default":¶"x"}]}',
    ],
    ['a union in a union', '["int",\n  ¶["string"]]'],
    ['a branch twice', '["int",\n  ¶"int"]'],
    ['an empty union', '{"type":"array","items":\n¶[]}'],
    ['no symbols', '{"type":"array","items":\n ¶{"type":"enum","name":"E"}}'],
    ['a symbol twice', '{"type":"enum","name":"E","symbols":["A",\n"B", ¶"A"]}'],
    ['a name with a space', '{"type":"record",\n"name":¶"A b","fields":[]}'],
    ['no name', '{"type":"array","items":\n ¶{"type":"record","fields":[]}}'],
    ['no fields', '\n¶{"type":"record","name":"A"}'],
    ['an unknown order', '{"type":"record","name":"A","fields":[\n{"name":"a","type":"int","order":¶"up"}]}'],
    ['not a type', '{"type":"map","values":\n¶3}'],
  ],
  graphql: [
    ['nothing', '¶'],
    ['cut off', 'type Query {\n  a: Int\n¶'],
    ['an unknown type', 'type Query {\n  a: ¶Foo\n}'],
    ['a type twice', 'type ¶Query { a: Int }\ntype Query { b: Int }'],
    ['a field twice', 'type Query {\n  ¶a: Int\n  a: Int\n}'],
    ['no query', '¶type Foo {\n  a: Int\n}'],
    ['no query in the definition', 'type M { a: Int }\n¶schema { mutation: M }'],
    ['a missing field of an interface', 'type Query implements I { b: Int }\ninterface I {\n  ¶a: Int\n}'],
    ['an unknown directive', 'type Query {\n  a: Int ¶@nope\n}'],
    ['an input type as output', 'input I { a: Int }\ntype Query {\n  a: ¶I\n}'],
    ['an output type as input', 'type O { a: Int }\ntype Query {\n  a(b: ¶O): Int\n}'],
    ['a wrong argument of a directive', 'type Query {\n  a: Int @deprecated(reason: ¶3)\n}'],
    ['an operation', 'type Query { a: Int }\n¶query { a }'],
    [
      'what the broker does not know',
      'type Query { a: Int }\n¶extend scalar S @a\nscalar S\ndirective @a on SCALAR',
    ],
    ['what crashes the broker', 'type Query { a: Int }\n¶type __Schema { a: Int }'],
    ['a union of scalars', 'type Query { a: U }\nunion U = ¶Int'],
    ['an enum value twice', 'type Query { a: E }\nenum E {\n ¶A\n A\n}'],
    ['inputs that need each other', 'type Query { a(b: A): Int }\ninput A {\n ¶a: A!\n}'],
    ['too deep', `type Query {\n a: ${'['.repeat(199)}¶[Int]${']'.repeat(199)} }`],
    ['a reserved name', 'type Query {\n ¶__a: Int }'],
  ],
  protobuf: [
    ['nothing', '¶'],
    ['no message', '¶syntax = "proto3";'],
    ['a missing semicolon', 'syntax = "proto3";\nmessage A {\n  string a = 1\n¶}'],
    ['an unknown type', 'syntax = "proto3";\nmessage A {\n  ¶Foo a = 1;\n}'],
    ['a number twice', 'syntax = "proto3";\nmessage A {\n string a = 1;\n string ¶b = 1;\n}'],
    ['a field twice', 'syntax = "proto3";\nmessage A {\n string a = 1;\n string ¶a = 2;\n}'],
    ['names that are one in JSON', 'syntax = "proto3";\nmessage A {\n string a_b = 1;\n string ¶aB = 2;\n}'],
    ['a message twice', 'syntax = "proto3";\nmessage A { }\nmessage ¶A { }'],
    ['an enum that starts above 0', 'syntax = "proto3";\nmessage A { }\nenum E {\n ¶X = 1;\n}'],
    ['a required field in proto3', 'syntax = "proto3";\nmessage A {\n ¶required string a = 1;\n}'],
    ['an unknown syntax', '\nsyntax = ¶"proto4";'],
    ['a reserved number', 'syntax = "proto3";\nmessage A {\n reserved 1;\n string ¶a = 1;\n}'],
    ['cut off', 'syntax = "proto3";\nmessage A {\n¶'],
    ['a number of 0', 'syntax = "proto3";\nmessage A {\n string a = ¶0;\n}'],
    ['an import', 'syntax = "proto3";\n¶import "x.proto";\nmessage A { }'],
    ['a map in a oneof', 'syntax = "proto3";\nmessage A {\n oneof o {\n ¶map<string, string> m = 1; } }'],
  ],
};

function placeOf(marked: string): { content: string; place: string } {
  const before = marked.slice(0, marked.indexOf('¶')).split('\n');
  return {
    content: marked.replace('¶', ''),
    place: `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`,
  };
}

describe.each(Object.entries(tables) as [SchemaType, (typeof tables)['json']][])('%s', (type, table) => {
  it.each(table)('%s: %j', (_, marked) => {
    expect(marked.split('¶')).toHaveLength(2);
    const { content, place } = placeOf(marked);
    const problems = schemaProblems(type, content);
    expect(problems.join('\n')).toContain(place);
    for (const problem of problems) expect(problem).toMatch(withPlace);
  });
});

it('every recorded content that is refused is refused with places', () => {
  const recorded = [
    ...brokerVerdicts.cases,
    ...parserVerdicts.groups.flatMap(({ type, cases }) => cases.map(({ content }) => ({ type, content }))),
  ];
  const problems = recorded.flatMap(({ type, content }) => schemaProblems(type as SchemaType, content));
  expect(problems.length).toBeGreaterThan(100);
  expect(problems.filter((problem) => !withPlace.test(problem))).toEqual([]);
});
