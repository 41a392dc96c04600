import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Schema } from '../../src';
import { problemsIn, scratch, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

const cases = [
  { because: 'the extension says the type', file: 'a.json', text: '{"type":"object"}', type: 'json' },
  { because: 'the extension in capitals', file: 'a.GRAPHQL', text: 'type Query { a: Int }', type: 'graphql' },
  {
    because: 'a checkout with other line ends gives the same stack',
    file: 'crlf.json',
    text: '{\r\n"type":"object"\r\n}\r\n',
    type: 'json',
    content: '{\n"type":"object"\n}\n',
  },
  {
    because: 'a byte order mark is no part of the schema',
    file: 'bom.json',
    text: '\uFEFF{"type":"object"}',
    type: 'json',
    content: '{"type":"object"}',
  },
];

test.each(cases)('$because', ({ file, text, type, content }) => {
  const path = join(scratch(), file);
  writeFileSync(path, text);
  const { resource } = synthesised((stack) => new Schema(stack, 's', { name: 's', file: path }));
  expect(resource?.memphis_schema?.s).toEqual({
    name: 's',
    type,
    content: content ?? text,
    owner: 'fixture-project/test/s',
  });
});

test('a given type goes before the extension', () => {
  const path = join(scratch(), 'order.json');
  writeFileSync(path, '{"type":"record","name":"Order","fields":[]}');
  const { resource } = synthesised(
    (stack) => new Schema(stack, 's', { name: 's', file: path, type: 'avro' }),
  );
  expect(resource?.memphis_schema?.s).toMatchObject({ type: 'avro' });
});

describe('a problem of a file names the file, line and column', () => {
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
  test.each([
    [
      'not UTF-8',
      'a.json',
      latin1('{\n  "title": "Caf\u00e9"\n}'),
      ', which is not UTF-8: line 2, column 16 is the byte 0xE9; save the file as UTF-8',
    ],
    [
      'cut off inside of a character',
      'a.json',
      Buffer.from('{"title":"\u20ac').subarray(0, -1),
      ', which is not UTF-8: line 1, column 11 is the byte 0xE2; save the file as UTF-8',
    ],
    [
      'half of a surrogate pair',
      'a.graphql',
      Buffer.from([...Buffer.from('# '), 0xed, 0xa0, 0x80]),
      ', which is not UTF-8: line 1, column 3 is the byte 0xED; save the file as UTF-8',
    ],
    [
      'UTF-16',
      'a.proto',
      Buffer.from('\uFEFFsyntax = "proto3";', 'utf16le'),
      ', which is UTF-16; save the file as UTF-8',
    ],
  ])('%s', (_, file, bytes, problem) => {
    const path = join(scratch(), file);
    writeFileSync(path, bytes);
    const found = problemsIn((stack) => new Schema(stack, 's', { name: 's', file: path }));
    expect(found).toEqual([`[test/s] file is ${JSON.stringify(path)}${problem}`]);
  });

  test.each([
    ['json', '{\n  "type": "object",\n  oops\n}', 'line 3, column 3'],
    ['json, after a byte order mark and with other line ends', '\uFEFF{\r\n oops\r\n}', 'line 2, column 2'],
    ['avsc', '{\n  "type": "record"\n  "name": "A"\n}', 'line 3, column 3'],
    ['proto', 'syntax = "proto3";\nmessage A {\n  strin a = 1\n}', 'line 4, column 1'],
    ['graphql', 'type Query {\n  a: Int\n', 'line 3, column 1'],
    ['json, an unknown type', '{\n  "type": "strin"\n}', 'line 2, column 11'],
    ['avsc, an unknown type', '\uFEFF["int",\r\n  "strin"]', 'line 2, column 3'],
    ['proto, no message', 'syntax = "proto3";', 'line 1, column 1'],
    ['graphql, no query', 'type A {\n  a: Int\n}', 'line 1, column 1'],
  ])('%s', (extension, text, place) => {
    const path = join(scratch(), `order.${extension.split(',')[0]}`);
    writeFileSync(path, text);
    const found = problemsIn((stack) => new Schema(stack, 's', { name: 's', file: path }));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toContain(`[test/s] file ${JSON.stringify(path)}: `);
    expect(found[0]).toContain(place);
  });

  test('and of a text in the stack, the prop', () => {
    const found = problemsIn((stack) => new Schema(stack, 's', { name: 's', type: 'json', content: '{\n' }));
    expect(found).toEqual([expect.stringMatching(/^\[test\/s\] content: line 2, column 1: /)]);
  });
});
