import { parse } from 'graphql';
import { payloadWithoutSchema } from '../../../../src/runtime/messaging/station/payload';

const bytes = Uint8Array.of(0, 255, 128);

test.each<[why: string, message: unknown, expected: Uint8Array]>([
  ['bytes go out as they are, also those that are no UTF-8', bytes, bytes],
  [
    'a plain Uint8Array is as good as a Buffer (SDK defect: it was refused)',
    Uint8Array.of(1),
    Uint8Array.of(1),
  ],
  ['an ArrayBuffer', bytes.buffer.slice(0), bytes],
  ['a view of a part of a buffer', new DataView(bytes.buffer, 1, 1), Uint8Array.of(255)],
  ['a text is UTF-8', 'héllo', Buffer.from('héllo')],
  ['a plain object is compact JSON', { some: 'message' }, Buffer.from('{"some":"message"}')],
  [
    'an instance of a class too',
    new (class {
      a = 1;
    })(),
    Buffer.from('{"a":1}'),
  ],
  ['a message that serializes itself', { serializeBinary: () => bytes }, bytes],
  ['the same by another library', { toBinary: () => bytes }, bytes],
  ['a GraphQL document is its own source', parse('query  { a }'), Buffer.from('query  { a }')],
  [
    'one that was built without a source is printed',
    { ...parse('{ a }', { noLocation: true }) },
    Buffer.from('{\n  a\n}'),
  ],
])('%s', (_why, message, expected) => {
  expect(Buffer.from(payloadWithoutSchema(message))).toEqual(Buffer.from(expected));
});

test.each<[why: string, message: unknown]>([
  ['a number has no obvious bytes', 5],
  ['nor has null', null],
  ['nor undefined', undefined],
  ['nor a list', [1]],
  ['JSON would make a text of a date', new Date()],
  ['JSON would lose the entries of a map', new Map([[1, 2]])],
])('refused: %s', (_why, message) => {
  expect(() => payloadWithoutSchema(message)).toThrow('Unsupported message type');
});
