import type * as Schema from '../../src/schema';

const packages = [
  'ajv/dist/refs/json-schema-2020-12/schema.json',
  'ajv-formats/dist/formats',
  'avsc',
  'graphql/language',
  'graphql/validation/validate',
  'protobufjs',
  'protobufjs/ext/descriptor',
  'protobufjs/ext/protojson',
  're2js',
];

/** The folder as a program sees it that has loaded nothing yet. */
const freshSchema = () => jest.requireActual<typeof Schema>('../../src/schema');

describe('codec packages', () => {
  beforeEach(() => {
    jest.resetModules();
    for (const name of packages) {
      jest.doMock(name, () => {
        throw new Error(`${name} was loaded`);
      });
    }
  });
  afterEach(() => packages.forEach((name) => jest.dontMock(name)));

  it('are not loaded by importing the folder, nor by what needs no codec', () => {
    const schema = freshSchema();
    expect(schema.schemaTypeOfFile('a.json')).toBe('json');
    expect(schema.canonicalContent('json', '{ "a": 1 }')).toBe('{"a":1}');
    expect(schema.schemaContentProblem('avro', '"string"')).toBeUndefined();
  });

  it.each([
    ['json', '{}', 'ajv/dist/refs/json-schema-2020-12/schema.json was loaded'],
    ['graphql', 'type Query { a: Int }', 'graphql/language was loaded'],
    ['protobuf', 'message A { }', 'protobufjs/ext/descriptor was loaded'],
  ] as const)('are loaded when a schema of type %s is compiled (%s)', (type, content, text) => {
    const { compileSchema } = freshSchema();
    expect(() => compileSchema({ type, content })).toThrow(text);
  });

  it.each([
    ['{"pattern":"^(a|b)$"}', 're2js was loaded'],
    ['{"format":"date"}', 'ajv-formats/dist/formats was loaded'],
  ])('are loaded only when a schema needs them: %s', (content, text) => {
    jest.dontMock('ajv/dist/refs/json-schema-2020-12/schema.json');
    const schema = freshSchema();
    const { compileSchema } = schema;
    expect(schema.schemaProblems('json', '{"type":"string"}')).toEqual([]);
    expect(() => {
      compileSchema({ type: 'json', content }).encode('"a"');
    }).toThrow(text);
  });
});
