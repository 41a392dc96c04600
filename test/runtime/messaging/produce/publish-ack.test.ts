import fc from 'fast-check';
import { BrokerRefusedError, ProtocolError } from '../../../../src/model/errors';
import { readPublishAck } from '../../../../src/runtime/messaging/produce/publish-ack';

const read = (text: string): unknown => readPublishAck(Buffer.from(text), 'produce');

test('the usual form is read as JSON would read it, whatever stream and number', () => {
  const acks = fc.record({ stream: fc.string(), seq: fc.maxSafeNat(), blank: fc.constantFrom('', ' ') });
  fc.assert(
    fc.property(acks, ({ stream, seq, blank }) => {
      const text = `{"stream":${JSON.stringify(stream)},${blank}"seq":${seq}}`;
      expect(read(text)).toEqual({ sequence: (JSON.parse(text) as { seq: number }).seq, duplicate: false });
    }),
  );
});

test.each([
  ['{"stream":"s", "seq":7}', 7, false, 'as a stock server writes it'],
  ['{"stream":"s","seq":7}', 7, false, 'without a blank'],
  ['{"stream":"s","seq":7,"duplicate": true}', 7, true, 'stored before'],
  ['{"stream":"s","domain":"d","seq":7}', 7, false, 'a server with a domain'],
  ['{"seq":7,"stream":"s"}', 7, false, 'another order'],
  ['{"stream":"s,\\"seq\\":8","seq":7}', 7, false, 'a name that looks like the rest'],
  ['{"duplicate":true,"stream":"s", "seq":7}', 7, true, 'the end alone looks usual'],
  ['{"stream":"s","duplicate":true,"seq":7}', 7, true, 'begin and end alone look usual'],
])('%s: %p, duplicate %p (%s)', (text, sequence, duplicate) => {
  expect(read(text)).toEqual({ sequence, duplicate });
});

test.each<[text: string, kind: typeof ProtocolError | typeof BrokerRefusedError, why: string]>([
  ['', ProtocolError, 'nothing'],
  ['{"stream":"s","seq":}', ProtocolError, 'no number'],
  ['"seq":7}', ProtocolError, 'only the end'],
  ['{"stream":"s""seq":7}', ProtocolError, 'no comma'],
  ['{"stream":"s","seq":-7', ProtocolError, 'cut off'],
  ['{"stream":7,"seq":7}', ProtocolError, 'the stream is not a string'],
  ['{"error":{"description":"full","err_code":10077}}', BrokerRefusedError, 'the broker refuses'],
  ['{"stream":"s","error":{"description":"full"},"seq":7}', BrokerRefusedError, 'refused, with the rest'],
])('%s is an error (%p: %s)', (text, kind) => {
  expect(read(text)).toBeInstanceOf(kind);
});

test.each([
  ['{"error":{"description":"insufficient resources","code":503,"err_code":10023}}', 'free disk space'],
  ['{"error":{"description":"write 1.blk: no space left on device","err_code":10077}}', 'free disk space'],
  [
    '{"error":{"description":"JetStream not enabled for account","err_code":10039}}',
    'start the broker again',
  ],
  ['{"error":{"description":"wrong last sequence: 3","err_code":10071}}', undefined],
])('%s: the advice is %p', (text, advice) => {
  const { message } = read(text) as BrokerRefusedError;
  expect(message).toContain('could not');
  if (advice === undefined) expect(message).not.toContain('disk');
  else expect(message).toContain(advice);
});
