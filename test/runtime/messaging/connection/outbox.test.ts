import fc from 'fast-check';
import type { NatsConnection } from 'nats';
import { Outbox } from '../../../../src/runtime/messaging/connection/outbox';
import { many } from '../../../support/random';

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
    protocol: { sendCommand: (bytes: Uint8Array) => sent.push(bytes) },
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
  ),
});
const answer = fc.record({ subject, text: fc.constantFrom('+ACK', '-NAK {"delay":1000}', '') });
const step = fc.record({ sent: fc.oneof(message, answer), flushed: fc.boolean() });

test('what is sent is the protocol of NATS, whatever the sizes, and is never changed afterwards', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { nats, sent: taken } = receiver();
      const outbox = new Outbox(nats);
      const expected: (string | Uint8Array)[] = [];
      for (const { sent, flushed } of steps) {
        if ('text' in sent) {
          outbox.answer(sent.subject, sent.text);
          expected.push(`PUB ${sent.subject} ${sent.text.length}\r\n${sent.text}\r\n`);
        } else {
          const { headers, payload } = sent;
          const given = Uint8Array.from(payload);
          outbox.message(sent.subject, sent.reply, { bytes: headers, bytesForStockServer: 0 }, given);
          // The caller may change it at once.
          given.fill(0);
          const total = headers.length + payload.length;
          expected.push(`HPUB ${sent.subject} ${sent.reply} ${headers.length} ${total}\r\n`);
          expected.push(headers, payload, '\r\n');
        }
        if (flushed) outbox.flush();
      }
      outbox.flush();
      return Buffer.concat(taken).equals(Buffer.concat(expected.map((part) => Buffer.from(part))));
    }),
    { numRuns: many(60) },
  );
});

test('what is added in one turn of the event loop goes out in one piece, in the next', async () => {
  const { nats, sent } = receiver();
  const outbox = new Outbox(nats);
  for (let count = 0; count < 100; count += 1) outbox.answer('s', 'x');
  expect(sent).toHaveLength(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toHaveLength(1);
});

test('what waits in memory is bounded, also when a program never lets go of the event loop', () => {
  const { nats, sent } = receiver();
  const outbox = new Outbox(nats);
  for (let count = 0; count < 1_000; count += 1)
    outbox.message('s', 'r', { bytes: new Uint8Array(9), bytesForStockServer: 0 }, Buffer.alloc(1_000));
  expect(Buffer.concat(sent).length).toBeGreaterThan(900_000);
});

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
