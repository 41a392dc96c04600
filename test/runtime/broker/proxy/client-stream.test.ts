import fc from 'fast-check';

import { ClientStream, ConnectRefused } from '../../../../src/runtime/broker/proxy/client-stream';
import { foreignPrefix, foreignRequest } from '../../../../src/runtime/broker/proxy/foreign-requests';
import type { ConnectHook } from '../../../../src/runtime/broker/proxy/connect-hook';
import { sizeLimits } from '../../../../src/runtime/broker/proxy/size-limits';
import { cutsWithin, pieces, randomCuts } from './pieces';
import { many } from '../../../support/random';

const letIn: ConnectHook = () => ({ accepted: true });

function through(input: Buffer, cuts: readonly number[] = [], hook = letIn, maxPayload = 1_048_576): string {
  const stream = new ClientStream(hook, sizeLimits(maxPayload));
  const out = pieces(input, cuts).flatMap((piece) => stream.push(piece));
  return Buffer.concat(out).toString('latin1');
}

function hpub(subject: string, header: string, payload: string): string {
  return `HPUB ${subject} ${header.length} ${header.length + payload.length}\r\n${header}${payload}\r\n`;
}

const withId = (id: string): string => `NATS/1.0\r\n$memphis_producedBy: p\r\nmsg-id: ${id}\r\n\r\n`;
const withBoth = (id: string): string =>
  `NATS/1.0\r\nNats-Msg-Id: ${id}\r\n$memphis_producedBy: p\r\nmsg-id: ${id}\r\n\r\n`;

describe('messages that get the header of stock servers', () => {
  test.each([
    [hpub('a b', withId('1'), 'x'), hpub('a b', withBoth('1'), 'x'), 'the plain case, with a reply subject'],
    [hpub('a', withId('1'), ''), hpub('a', withBoth('1'), ''), 'no payload'],
    [
      hpub('a', 'NATS/1.0\r\nmsg-id:   z z \r\n\r\n', 'x'),
      hpub('a', 'NATS/1.0\r\nNats-Msg-Id: z z \r\nmsg-id:   z z \r\n\r\n', 'x'),
      'the value is all after the blanks, as the server reads it',
    ],
    [
      hpub('a', 'NATS/1.0\r\nmsg-id: 1\r\nmsg-id: 2\r\n\r\n', 'x'),
      hpub('a', 'NATS/1.0\r\nNats-Msg-Id: 1\r\nmsg-id: 1\r\nmsg-id: 2\r\n\r\n', 'x'),
      'the first value counts',
    ],
    [
      hpub('a', 'NATS/1.0\r\nx: Nats-Msg-Id: 9\r\nmsg-id: 1\r\n\r\n', ''),
      hpub('a', 'NATS/1.0\r\nNats-Msg-Id: 1\r\nx: Nats-Msg-Id: 9\r\nmsg-id: 1\r\n\r\n', ''),
      'the name inside a value is no header',
    ],
    [
      'hpub\ta\t28\t29\r\nNATS/1.0\r\nmsg-id:12345678\r\n\r\nx\r\n'.replace('28\t29', '29\t30'),
      'hpub\ta\t52 53\r\nNATS/1.0\r\nNats-Msg-Id: 12345678\r\nmsg-id:12345678\r\n\r\nx\r\n',
      'servers take any letter case and tabs',
    ],
  ])('%j', (input, expected, _why) => {
    expect(through(Buffer.from(input, 'latin1'))).toBe(expected);
  });

  test.each([
    [hpub('a', 'NATS/1.0\r\nMsg-Id: 1\r\n\r\n', 'x'), 'another letter case is another header'],
    [hpub('a', 'NATS/1.0\r\nmsg-id: 1\r\nNats-Msg-Id: 2\r\n\r\n', 'x'), 'it has one of its own'],
    [hpub('a', 'NATS/1.0\r\nmsg-id: \r\n\r\n', 'x'), 'an empty id is none'],
    [hpub('a', 'NATS/1.0\r\nmsg-ids: 1\r\nxmsg-id: 1\r\n\r\n', 'x'), 'other names'],
    [hpub('a', 'NATS/1.0\r\n\r\n', 'msg-id: 1\r\n\r\n'), 'a payload is no header'],
    ['PUB a 20\r\nHPUB a 1 1\r\nmsg-id:\r\n', 'an operation inside a payload is none'],
    ['CONNECT {"verbose":false}\r\nPING\r\nSUB a 1\r\nUNSUB 1 5\r\nPONG\r\n', 'all else'],
    ['CONNECT {broken\r\nPING\r\n', 'what is not in the protocol is for the server to judge'],
    ['HPUB a 30 20\r\nmsg-id: 1\r\n', 'sizes that cannot be'],
    ['HPUB a x y\r\nmsg-id: 1\r\n', 'sizes that are none'],
    ['PUB a -1\r\nHPUB', 'a size that is none'],
    ['PUB a 99999999999999999999\r\nHPUB', 'a size that no number holds'],
  ])('%j stays as it is: %s', (input, _why) => {
    expect(through(Buffer.from(input, 'latin1'))).toBe(input);
  });

  test.each([[[]], [[1_000, 19_000, 20_001]]])(
    'after a line that is too long nothing is read any more (cut at %j)',
    (cuts) => {
      const input = 'x'.repeat(20_000) + '\r\n' + hpub('a', withId('1'), 'x');
      expect(through(Buffer.from(input), cuts)).toBe(input);
    },
  );

  test('a message that would outgrow the limit of the server stays as it is', () => {
    const message = hpub('a', withId('1'), 'x'.repeat(100));
    const size = withId('1').length + 100;
    expect(through(Buffer.from(message), [], letIn, size + 15)).toBe(message);
    expect(through(Buffer.from(message), [], letIn, size + 16)).not.toBe(message);
  });

  test('headers that would outgrow what a stream stores stay as they are', () => {
    const room = 65_535 - withBoth('').length;
    const fits = 'i'.repeat(Math.floor(room / 2));
    expect(through(Buffer.from(hpub('a', withId(fits), 'x')))).toBe(hpub('a', withBoth(fits), 'x'));
    const tooLong = hpub('a', withId(`${fits}i`), 'x');
    expect(through(Buffer.from(tooLong))).toBe(tooLong);
  });
});

describe('a message that is too large for clients', () => {
  const limits = { forClients: 10, withAddedId: 15, ofServer: 20 };
  const sentOn = (input: string, cuts: readonly number[] = []): string => {
    const stream = new ClientStream(letIn, limits);
    const out: Buffer[] = [];
    let from = 0;
    for (const cut of [...cuts, input.length]) {
      out.push(...stream.push(Buffer.from(input.slice(from, cut))));
      from = cut;
    }
    return Buffer.concat(out).toString('latin1');
  };

  test.each([
    ['PUB a 10\r\n', 'PUB a 10\r\n', 'the limit itself'],
    ['PUB a 11\r\n', 'PUB a 21\r\n', 'the server shall refuse it as well'],
    ['PUB a 21\r\n', 'PUB a 21\r\n', 'which it does by itself here'],
    ['HPUB a r 5 11\r\n', 'HPUB a r 5 21\r\n', 'headers count'],
    ['HPUB a r 12 11\r\n', 'HPUB a r 12 11\r\n', 'sizes that cannot be are another error'],
  ])('%j becomes %j: %s', (line, expected, _why) => {
    expect(sentOn(`PING\r\n${line}`)).toBe(`PING\r\n${expected}`);
    const everywhere = Array.from({ length: line.length }, (_, index) => index);
    expect(sentOn(line, everywhere)).toBe(expected);
  });

  test('what follows is for nobody, so that the server hangs up in order and its words arrive', () => {
    const input = 'PUB a 11\r\nxxxxxxxxxxx\r\nPING\r\n';
    expect(sentOn(input, [3, 12, 20])).toBe('PUB a 21\r\n');
  });
});

describe('CONNECT', () => {
  test('the hook sees name, user and token, and may change the user', () => {
    const seen: unknown[] = [];
    const out = through(
      Buffer.from('CONNECT {"user":"root","pass":"ü\\u00e4","name":"1::root","lang":"x"}\r\nPING\r\n'),
      [],
      (request) => {
        seen.push(request);
        return { accepted: true, user: 'root$1' };
      },
    );
    expect(seen).toEqual([{ name: '1::root', user: 'root', authToken: undefined }]);
    const line = Buffer.from(out, 'latin1').toString('utf8');
    expect(line).toBe('CONNECT {"user":"root$1","pass":"üä","name":"1::root","lang":"x"}\r\nPING\r\n');
  });

  test.each([[[]], [[5]], [[30, 31]]])('a client that is refused gets no further (cut at %j)', (cuts) => {
    const input = Buffer.from('CONNECT {"name":"a::b::c"}\r\nPING\r\n');
    expect(() => through(input, cuts, () => ({ accepted: false }))).toThrow(ConnectRefused);
  });
});

describe('requests whose sender matters', () => {
  const foreign = { name: 'my tool', username: 'root' };
  const asForeign: ConnectHook = () => ({ accepted: true, foreign });
  const connectLine = 'CONNECT {"name":"my tool"}\r\n';
  const prefix = `$memphis_foreign.b${Buffer.from('my tool').toString('base64url')}.b${Buffer.from('root').toString('base64url')}.`;

  test.each([
    ['PUB $JS.API.STREAM.CREATE.a _INBOX.1 2\r\n{}\r\n', 'a stream comes'],
    ['pub\t $JS.API.STREAM.DELETE.a\t_INBOX.1\t0\r\n\r\n', 'a stream goes; other blanks'],
    ['PUB $memphis_producer_destructions 0\r\n\r\n', 'old clients do not say which connection they mean'],
    ['PUB $memphis_consumer_destructions r 0\r\n\r\n', 'the same of consumers'],
    [hpub('$JS.API.STREAM.CREATE.a r', 'NATS/1.0\r\na: b\r\n\r\n', '{}'), 'with headers'],
  ])('%j gets the sender in front of its subject: %s', (request, _why) => {
    const expected = `${connectLine}PING\r\n${request.replace('$', () => `${prefix}$`)}PING\r\n`;
    const input = Buffer.from(`${connectLine}PING\r\n${request}PING\r\n`);
    expect(through(input, [], asForeign)).toBe(expected);
    const everywhere = Array.from({ length: input.length }, (_, index) => index);
    expect(through(input, everywhere, asForeign)).toBe(expected);
    expect(foreignRequest(`${prefix}$JS.API.STREAM.CREATE.a`)).toEqual({
      sender: foreign,
      subject: '$JS.API.STREAM.CREATE.a',
    });
    // A client of Memphis.
    expect(through(input)).toBe(input.toString());
  });

  test.each([
    ['PUB $JS.API.STREAM.CREATE.a.b r 0\r\n\r\n', 'a name with a dot is none'],
    ['PUB $JS.API.STREAM.CREATE. r 0\r\n\r\n', 'no name'],
    ['PUB $JS.API.STREAM.CREATE 0\r\n\r\n', 'not even a dot'],
    ['PUB $JS.API.STREAM.UPDATE.a r 0\r\n\r\n', 'another request'],
    ['PUB $memphis_producer_destructions.x 0\r\n\r\n', 'a longer subject'],
    ['PUB a $JS.API.STREAM.CREATE.a 0\r\n\r\n', 'a reply subject'],
    ['PUB a 28\r\nPUB $JS.API.STREAM.CREATE.a \r\n', 'a payload'],
  ])('%j stays as it is: %s', (request, _why) => {
    expect(through(Buffer.from(connectLine + request), [], asForeign)).toBe(connectLine + request);
  });

  test.each([
    { name: '', username: 'root' },
    { name: '-', username: 'a.b_c-d' },
    { name: 'ü * > . \n', username: '' },
  ])('%j comes back as it was, and is two tokens', (sender) => {
    const subject = `${foreignPrefix(sender)}x`;
    expect(subject.split('.')).toHaveLength(4);
    expect(subject).not.toMatch(/[\s*>]/);
    expect(foreignRequest(subject)).toEqual({ sender, subject: 'x' });
  });

  test('a name of any length leaves room for the subject', () => {
    expect(foreignPrefix({ name: 'n'.repeat(10_000), username: 'u' }).length).toBeLessThan(1_500);
  });
});

const word = fc.stringMatching(/^[a-z.$]{1,12}$/);
const value = fc.stringMatching(/^[ -9;-~]{0,30}$/);
const payload = fc.oneof(
  fc.string({ maxLength: 60, unit: 'binary-ascii' }),
  fc.constantFrom('HPUB a 5 5\r\n', 'msg-id: 1\r\n\r\n', '\r\n', 'CONNECT {}\r\n', 'x'.repeat(5_000)),
);
const headerLine = fc.oneof(
  fc.tuple(fc.constantFrom('msg-id', 'Msg-Id', 'Nats-Msg-Id', 'msg-id2', '$memphis_producedBy'), value),
  fc.tuple(word, value),
);
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('HPUB' as const),
      subject: word,
      lines: fc.array(headerLine, { maxLength: 4 }),
      payload,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('PUB' as const), subject: word, payload }) },
  fc.record({
    kind: fc.constant('LINE' as const),
    text: fc.constantFrom('PING', 'PONG', 'SUB a 1', 'UNSUB 1 2', 'CONNECT {"name":"a"}'),
  }),
);

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** What a client writes, and what the server has to get; written from the rule, not from the code. */
function wire(operations: readonly Operation[]): { sent: Buffer; expected: Buffer } {
  const sent: string[] = [];
  const expected: string[] = [];
  for (const each of operations) {
    if (each.kind === 'LINE') {
      sent.push(`${each.text}\r\n`);
      expected.push(`${each.text}\r\n`);
    } else if (each.kind === 'PUB') {
      const text = `PUB ${each.subject} ${each.payload.length}\r\n${each.payload}\r\n`;
      sent.push(text);
      expected.push(text);
    } else {
      const block = (lines: readonly (readonly [string, string])[]): string =>
        `NATS/1.0\r\n${lines.map(([key, text]) => `${key}: ${text}\r\n`).join('')}\r\n`;
      sent.push(hpub(each.subject, block(each.lines), each.payload));
      const id = each.lines.find(([key]) => key === 'msg-id')?.[1].replace(/^ +/, '') ?? '';
      const has = each.lines.some(([key]) => key === 'Nats-Msg-Id');
      const lines = id !== '' && !has ? ([['Nats-Msg-Id', id], ...each.lines] as const) : each.lines;
      expected.push(hpub(each.subject, block(lines), each.payload));
    }
  }
  return { sent: Buffer.from(sent.join(''), 'latin1'), expected: Buffer.from(expected.join(''), 'latin1') };
}

test('random streams come out right, wherever they are cut', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 12 }), randomCuts, (operations, cuts) => {
      const { sent, expected } = wire(operations);
      expect(through(sent, cutsWithin(sent.length, cuts))).toBe(expected.toString('latin1'));
    }),
    { numRuns: many(400) },
  );
});

test('one byte at a time is the same as all at once', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 6 }), (operations) => {
      const { sent, expected } = wire(operations);
      const everywhere = Array.from({ length: sent.length }, (_, index) => index);
      expect(through(sent, everywhere)).toBe(expected.toString('latin1'));
    }),
    { numRuns: many(60) },
  );
});

test('random bytes pass untouched and never throw', () => {
  const noise = fc.array(
    fc.constantFrom('HPUB ', 'PUB ', 'a ', '3 ', '5\r\n', '\r\n', 'msg-', 'x', '\t', '\n'),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(noise, (pieces) => {
      const input = Buffer.from(pieces.join(''), 'latin1');
      const stream = new ClientStream(letIn, sizeLimits(1_000));
      const out = Buffer.concat(stream.push(input)).toString('latin1');
      // What is kept back is an operation that is not complete; it comes with the bytes that complete or break it.
      expect(input.toString('latin1').startsWith(out)).toBe(true);
    }),
    { numRuns: many(300) },
  );
});

test('a payload passes as it comes, without waiting for its end', () => {
  const stream = new ClientStream(letIn, {
    forClients: 6_000_000,
    withAddedId: 7_000_000,
    ofServer: 8_000_000,
  });
  const header = withId('1');
  const total = header.length + 5_000_000;
  const first = stream.push(Buffer.from(`HPUB a ${header.length} ${total}\r\n${header}start`));
  expect(Buffer.concat(first).toString()).toContain('Nats-Msg-Id: 1\r\n');
  expect(Buffer.concat(first).toString().endsWith('start')).toBe(true);
  const piece = Buffer.alloc(65_536);
  expect(stream.push(piece)).toEqual([piece]);
});

test('nothing large is kept for a client that has not said who it is', () => {
  const announced = Buffer.from(`HPUB a 800000 800000\r\n${'x'.repeat(500_000)}`);
  const length = (pieces: readonly Buffer[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);
  const stream = new ClientStream(letIn, sizeLimits(1_048_576));
  expect(length(stream.push(announced))).toBe(announced.length);
  const known = new ClientStream(letIn, sizeLimits(1_048_576));
  expect(length(known.push(Buffer.from('CONNECT {}\r\n')))).toBeGreaterThan(0);
  expect(length(known.push(announced))).toBe(0);
});
