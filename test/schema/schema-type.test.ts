import { schemaTypeOfFile } from '../../src/schema';

describe('the type that a file name stands for', () => {
  it.each<[string, string | undefined, string]>([
    ['order.json', 'json', 'the extension of JSON schemas'],
    ['a.b/order.schema.json', 'json', 'only the last extension counts'],
    ['order.avsc', 'avro', 'the extension of Avro schemas'],
    ['order.proto', 'protobuf', 'the extension of protobuf'],
    ['order.graphql', 'graphql', 'the long extension'],
    ['order.gql', 'graphql', 'the short extension'],
    ['ORDER.JSON', 'json', 'letter case does not matter on most file systems'],
    ['order.avro', undefined, 'a file of Avro data, not a schema'],
    ['json', undefined, 'a name without an extension'],
    ['order.json.bak', undefined, 'a copy of a schema'],
    ['order.json/readme', undefined, 'the folder has the extension, the file has none'],
    ['constructor.constructor', undefined, 'an extension that every object has as a member'],
  ])('%s is %s: %s', (path, type) => {
    expect(schemaTypeOfFile(path)).toBe(type);
  });
});
