import fc from 'fast-check';

import { ServerStream } from '../../../../src/runtime/broker/proxy/server-stream';
import { cutsWithin, pieces, randomCuts } from './pieces';
import { many } from '../../../support/random';

const shout = (line: string): Buffer | undefined =>
  line.includes('keep') ? undefined : Buffer.from(line.toUpperCase());

function through(input: Buffer, cuts: readonly number[] = []): string {
  const stream = new ServerStream(shout);
  const out = pieces(input, cuts).flatMap((piece) => (piece.length > 0 ? stream.push(piece) : []));
  return Buffer.concat([...out, ...stream.end()]).toString('latin1');
}

test.each([
  ['INFO {"a":1}\r\n', 'INFO {"A":1}\r\n', 'the first line of a server'],
  [
    'PING\r\nINFO {"a":1} \r\nPONG\r\n',
    'PING\r\nINFO {"A":1} \r\nPONG\r\n',
    'again, when the cluster changes',
  ],
  ['info {"a":1}\r\n', 'INFO {"A":1}\r\n', 'letter case does not matter'],
  ['INFO {"keep":1}\r\n', 'INFO {"keep":1}\r\n', 'the reader may leave it'],
  [
    'MSG a 1 14\r\nINFO {"a":1}\r\n\r\nINFO {"a":1}\r\n',
    'MSG a 1 14\r\nINFO {"a":1}\r\n\r\nINFO {"A":1}\r\n',
    'a payload that looks like one is none',
  ],
  [
    'HMSG a 1 r 12 26\r\nNATS/1.0\r\n\r\nINFO {"a":1}\r\n\r\n+OK\r\n',
    'HMSG a 1 r 12 26\r\nNATS/1.0\r\n\r\nINFO {"a":1}\r\n\r\n+OK\r\n',
    'nor is one behind headers',
  ],
  ['MSG a 1 x\r\nINFO {"a":1}\r\n', 'MSG a 1 x\r\nINFO {"a":1}\r\n', 'what cannot be read ends the reading'],
  ["-ERR 'x'", "-ERR 'x'", 'a last word without an end'],
])('%j becomes %j: %s', (input, expected, _why) => {
  const everywhere = Array.from({ length: input.length }, (_, index) => index);
  expect(through(Buffer.from(input, 'latin1'))).toBe(expected);
  expect(through(Buffer.from(input, 'latin1'), everywhere)).toBe(expected);
});

test('a line that never ends is passed on in the end', () => {
  const piece = Buffer.alloc(700_000, 'x');
  const stream = new ServerStream(shout);
  expect(stream.push(piece)).toEqual([]);
  expect(Buffer.concat(stream.push(piece))).toHaveLength(1_400_000);
  expect(stream.push(Buffer.from('INFO {}\r\n'))).toEqual([Buffer.from('INFO {}\r\n')]);
});

test('a payload passes as it comes, in one piece', () => {
  const stream = new ServerStream(shout);
  stream.push(Buffer.from('MSG a 1 1000000\r\n'));
  const piece = Buffer.alloc(65_536);
  expect(stream.push(piece)).toEqual([piece]);
});

const payload = fc.oneof(
  fc.string({ maxLength: 60, unit: 'binary-ascii' }),
  fc.constantFrom('INFO {"a":1}\r\n', 'MSG a 1 5\r\n', '\r\n', 'x'.repeat(5_000)),
);
const operation = fc.oneof(
  payload.map((text) => ({ sent: `MSG a.b 12 ${text.length}\r\n${text}\r\n`, info: false })),
  payload.map((text) => ({
    sent: `HMSG a 1 reply 12 ${text.length + 12}\r\nNATS/1.0\r\n\r\n${text}\r\n`,
    info: false,
  })),
  fc.constantFrom('PING', 'PONG', '+OK', "-ERR 'no'").map((text) => ({ sent: `${text}\r\n`, info: false })),
  fc.constant({ sent: 'INFO {"connect_urls":["a:1"]} \r\n', info: true }),
);

test('random streams come out right, wherever they are cut', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 12 }), randomCuts, (operations, cuts) => {
      const sent = Buffer.from(operations.map((each) => each.sent).join(''), 'latin1');
      const expected = operations.map((each) => (each.info ? each.sent.toUpperCase() : each.sent)).join('');
      expect(through(sent, cutsWithin(sent.length, cuts))).toBe(expected);
    }),
    { numRuns: many(300) },
  );
});
