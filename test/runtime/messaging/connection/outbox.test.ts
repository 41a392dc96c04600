import fc from 'fast-check';
import type { NatsConnection } from 'nats';
import { Outbox } from '../../../../src/runtime/messaging/connection/outbox';
import { anyCharacter, many } from '../../../support/random';

/** Takes what goes out, as the NATS client would; the bytes are not copied, so that a later change of them shows. */
function receiver(): {
  readonly nats: NatsConnection;
  readonly sent: Uint8Array[];
  readonly end: () => void;
} {
  const sent: Uint8Array[] = [];
  let ended = false;
  const nats = {
    isClosed: () => ended,
    isDraining: () => false,
    protocol: {
      sendCommand: (commands: Uint8Array | string) =>
        sent.push(typeof commands === 'string' ? Buffer.from(commands) : commands),
    },
  };
  return {
    nats: nats as unknown as NatsConnection,
    sent,
    end: () => {
      ended = true;
    },
  };
}

const subject = fc.stringMatching(/^[a-z0-9#$äß€😀_-]{1,30}(\.[a-z0-9€]{1,10}){0,2}$/u);
const message = fc.record({
  subject,
  reply: subject,
  headers: fc.uint8Array({ maxLength: 60 }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(400_000).map((size) => new Uint8Array(size).fill(size)),
    fc.string({ unit: anyCharacter, maxLength: 300 }),
    fc.constantFrom('half of a pair: \ud83d', 'ü'.repeat(200_000)),
  ),
});
const answer = fc.record({ subject, text: fc.constantFrom('+ACK', '-NAK {"delay":1000}', '') });
const step = fc.record({ sent: fc.oneof(message, answer), flushed: fc.boolean() });

/** The commands in what was sent: messages and answers, each in their order. */
function commands(sent: Uint8Array[]): { readonly messages: Buffer[]; readonly answers: Buffer[] } {
  let rest = Buffer.concat(sent);
  const messages: Buffer[] = [];
  const answers: Buffer[] = [];
  while (rest.length > 0) {
    const line = rest.subarray(0, rest.indexOf('\r\n')).toString();
    const length = rest.indexOf('\r\n') + 2 + Number(line.split(' ').at(-1)) + 2;
    (line.startsWith('HPUB ') ? messages : answers).push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return { messages, answers };
}

function isSame(left: Buffer[], right: Buffer[]): boolean {
  return left.length === right.length && Buffer.concat(left).equals(Buffer.concat(right));
}

test('what is sent is the protocol of NATS, whatever the sizes, and is never changed afterwards', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { nats, sent: taken } = receiver();
      const outbox = new Outbox(nats);
      const messages: Buffer[] = [];
      const answers: Buffer[] = [];
      for (const { sent, flushed } of steps) {
        if ('text' in sent) {
          outbox.answer(sent.subject, sent.text);
          answers.push(Buffer.from(`PUB ${sent.subject} ${sent.text.length}\r\n${sent.text}\r\n`));
        } else {
          const { headers } = sent;
          const payload = Buffer.from(sent.payload);
          const given = typeof sent.payload === 'string' ? sent.payload : Uint8Array.from(payload);
          const encoded = { bytes: headers, bytesForStockServer: 0 };
          outbox.message(sent.subject, sent.reply, encoded, given, payload.length);
          // The caller may change it at once.
          if (typeof given !== 'string') given.fill(0);
          const total = headers.length + payload.length;
          const line = Buffer.from(`HPUB ${sent.subject} ${sent.reply} ${headers.length} ${total}\r\n`);
          messages.push(Buffer.concat([line, headers, payload, Buffer.from('\r\n')]));
        }
        if (flushed) outbox.flush();
      }
      outbox.flush();
      const found = commands(taken);
      // Not by Jest, which compares large buffers byte by byte.
      return isSame(found.messages, messages) && isSame(found.answers, answers);
    }),
    { numRuns: many(60) },
  );
});

test('what came of a message goes out before its acknowledgement, whichever was said first', () => {
  const { nats, sent } = receiver();
  const outbox = new Outbox(nats);
  outbox.answer('ack', '+ACK');
  outbox.message('out', 'r', { bytes: new Uint8Array(0), bytesForStockServer: 0 }, 'x', 1);
  outbox.flush();
  expect(Buffer.concat(sent).toString()).toBe('HPUB out r 0 1\r\nx\r\nPUB ack 4\r\n+ACK\r\n');
});

test('a thousand acknowledgements wait for the pull of the next batch, which the server is to hear first', () => {
  const { nats, sent } = receiver();
  const outbox = new Outbox(nats);
  for (let count = 0; count < 1_000; count += 1) outbox.answer('$JS.ACK.stream.group.1.1.1.1.1', '+ACK');
  expect(sent).toHaveLength(0);
});

test('what is added in one turn of the event loop goes out in one piece, in the next', async () => {
  const { nats, sent } = receiver();
  const outbox = new Outbox(nats);
  for (let count = 0; count < 100; count += 1) outbox.answer('s', 'x');
  expect(sent).toHaveLength(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toHaveLength(1);
});

test.each<[what: string, add: (outbox: Outbox) => void]>([
  [
    'messages',
    (outbox) =>
      outbox.message('s', 'r', { bytes: new Uint8Array(9), bytesForStockServer: 0 }, Buffer.alloc(90), 90),
  ],
  ['answers', (outbox) => outbox.answer('s'.repeat(90), '+ACK')],
])(
  'what waits in memory is bounded, also when a program never lets go of the event loop: %s',
  (_what, add) => {
    const { nats, sent } = receiver();
    const outbox = new Outbox(nats);
    for (let count = 0; count < 100_000; count += 1) add(outbox);
    expect(Buffer.concat(sent).length).toBeGreaterThan(9_000_000);
  },
);

test('what waits when the connection is lost is forgotten, and nothing goes out once it is closed', () => {
  const { nats, sent, end } = receiver();
  const outbox = new Outbox(nats);
  outbox.answer('lost', 'x');
  outbox.clear();
  outbox.answer('kept', 'x');
  outbox.flush();
  end();
  outbox.answer('late', 'x');
  expect(() => outbox.flush()).not.toThrow();
  expect(Buffer.concat(sent).toString()).toBe('PUB kept 1\r\nx\r\n');
});
