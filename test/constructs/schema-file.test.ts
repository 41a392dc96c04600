import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Schema } from '../../src';
import { scratch, synthesised } from './support/stack';

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
