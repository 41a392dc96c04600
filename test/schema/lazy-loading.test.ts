import type * as Schema from '../../src/schema';

const packages = [
  'ajv',
  'ajv/dist/2019',
  'ajv/dist/2020',
  'ajv-draft-04',
  'ajv-formats',
  'avsc',
  'graphql',
  'graphql/validation/validate',
  'protobufjs',
  'protobufjs/ext/descriptor',
  'protobufjs/ext/protojson',
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
    ['json', '{}', 'ajv/dist/2020 was loaded'],
    ['json', '{"$schema":"http://json-schema.org/draft-04/schema#"}', 'ajv-draft-04 was loaded'],
    ['graphql', 'type Query { a: Int }', 'graphql was loaded'],
    ['protobuf', 'message A { }', 'protobufjs/ext/descriptor was loaded'],
  ] as const)('are loaded when a schema of type %s is compiled (%s)', (type, content, text) => {
    const { compileSchema } = freshSchema();
    expect(() => compileSchema({ type, content })).toThrow(text);
  });
});
