import { FileDescriptorSet } from 'protobufjs/ext/descriptor';
import { ValidationError } from '../../../src/model/errors';
import {
  fileDescriptorSet,
  firstMessageName,
  schemaContentProblem,
  schemaProblems,
} from '../../../src/schema';
import recorded from '../recorded/protoc-files.json';

/** Files that protoc takes and Memphis does not, each with the reason. */
const refusedByMemphis: Readonly<Record<string, RegExp>> = {
  import: /imports do not work in Memphis/,
  'editions 2023': /editions are not known to the broker/,
  'only comment': /no message/,
  'enum only': /no message/,
};

const decoded = (set: Uint8Array): unknown =>
  FileDescriptorSet.toObject(FileDescriptorSet.decode(set), { enums: String, longs: String, bytes: String });

describe('.proto files that protoc has judged', () => {
  const legal = recorded.cases.filter(
    ({ id, protoc }) => protoc === '' && refusedByMemphis[id] === undefined,
  );
  const illegal = recorded.cases.filter(({ protoc }) => protoc !== '');

  it.each(legal)('has the descriptor of protoc: $id ($why)', ({ content, descriptor }) => {
    expect(schemaProblems('protobuf', content)).toEqual([]);
    const set = fileDescriptorSet(content, 's_1.proto');
    expect(decoded(set)).toEqual(decoded(Buffer.from(descriptor, 'base64')));
    expect(Buffer.from(set).toString('base64')).toBe(descriptor);
  });

  it.each(illegal)('is refused: $id ($why)', ({ content }) => {
    const [problem] = schemaProblems('protobuf', content);
    expect(problem).toMatch(/^line \d+, column \d+: ./);
    expect(schemaContentProblem('protobuf', content)).toMatch(/^your Proto file is invalid: :\d+:\d+: ./);
    expect(() => fileDescriptorSet(content, 's_1.proto')).toThrow(ValidationError);
    expect(firstMessageName(content)).toBeUndefined();
  });

  it.each(illegal.filter(({ protoc }) => /^s_1\.proto:\d+:\d+:/.test(protoc)))(
    'names the line of protoc: $id',
    ({ content, protoc }) => {
      const line = /^s_1\.proto:(\d+):/.exec(protoc)?.[1];
      expect(schemaProblems('protobuf', content)[0]).toMatch(new RegExp(`^line ${line ?? ''},`));
    },
  );

  it.each(Object.entries(refusedByMemphis))(
    'is refused by Memphis though protoc takes it: %s',
    (id, reason) => {
      const content = recorded.cases.find((one) => one.id === id)?.content ?? '';
      expect(schemaContentProblem('protobuf', content)).toMatch(reason);
    },
  );
});

describe('what is said about a mistake', () => {
  it.each([
    [
      'message A { int32 a = 1; }',
      "line 1, column 13: syntax error: unexpected 'int32', expecting 'required', 'optional' or 'repeated'",
      'proto2 without a label',
    ],
    [
      'syntax = "proto3"; message A { Foo f = 1; }',
      'line 1, column 32: field A.f: unknown type Foo',
      'the place of the type',
    ],
    [
      'syntax = "proto3";\nmessage A { int32 a = 1; int32 b = 1; }',
      'line 2, column 32: the fields a and b both have the number 1',
      'both fields by name',
    ],
    [
      'syntax = "proto3"; message A { } message A { }',
      'line 1, column 42: duplicate symbol A: already defined as a message',
      'what it was before',
    ],
    [
      'syntax = "proto3"; message A { map<float, int32> m = 1; }',
      "line 1, column 36: the key of a map is a whole number, a bool or a string, found 'float'",
      'what is legal instead',
    ],
    ['/* x', 'line 1, column 1: a comment that starts here never ends', 'where the comment starts'],
    [
      'syntax = "proto3";\n\n\tmessage A { int32 a = 08; }',
      'line 3, column 24: a number that starts with 0 is octal: 08',
      'octal numbers',
    ],
  ])('%j', (content, problem) => {
    expect(schemaProblems('protobuf', content)).toEqual([problem]);
  });

  it('has all mistakes of one kind at once, in the order of the file', () => {
    const content = 'syntax = "proto3"; message A { X x = 1; Y y = 2; int32 z = 2; }';
    expect(schemaProblems('protobuf', content).map((text) => /field.*/.exec(text)?.[0])).toEqual([
      'field A.x: unknown type X',
      'field A.y: unknown type Y',
      'fields y and z both have the number 2',
    ]);
  });

  it('ends with an error for messages that are nested without end', () => {
    expect(schemaProblems('protobuf', 'message A { '.repeat(10_000))[0]).toMatch(
      /nested deeper than 32 messages/,
    );
  });
});

describe('the message that a schema stands for', () => {
  it.each<[string, string | undefined, string]>([
    [
      'syntax = "proto3"; package a.b; message First { } message Second { }',
      'First',
      'the first one, without the package',
    ],
    ['enum E { A = 1; } message M { }', 'M', 'enums do not count'],
    ['// message Not { }\nmessage Yes { }', 'Yes', 'comments do not count'],
    ['message Out { message In { } }', 'Out', 'the outer one'],
    ['enum E { A = 1; }', undefined, 'there is none'],
    ['message {', undefined, 'it cannot be read'],
  ])('%s: %s', (content, name) => {
    expect(firstMessageName(content)).toBe(name);
  });
});

it('makes the descriptor that a broker sent for a file', () => {
  // Recorded from Memphis 1.4.4 (with protoc 3.21.12), schema r-pb, version 1.
  const content =
    'syntax = "proto3";\npackage a.b;\nmessage First { int32 id = 1; }\nmessage Second { string s = 1; }\n';
  expect(Buffer.from(fileDescriptorSet(content, 'r-pb_1.proto')).toString('base64')).toBe(
    'CkwKDHItcGJfMS5wcm90bxIDYS5iIhcKBUZpcnN0Eg4KAmlkGAEgASgFUgJpZCIWCgZTZWNvbmQSDAoBcxgBIAEoCVIBc2IGcHJvdG8z',
  );
});
