import fc from 'fast-check';
import { ValidationError } from '../../../../src/model/errors';
import { Headers } from '../../../../src/runtime/messaging';
import { HeaderEncoder, senderHeaders } from '../../../../src/runtime/messaging/connection/headers';

const encoder = new HeaderEncoder('p', 'id', false);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const reserved = '$memphis_producedBy: p\r\n$memphis_connectionId: id\r\n';

test.each<
  [why: string, headers: Headers | Record<string, string> | undefined, id: string | undefined, lines: string]
>([
  [
    'the reserved headers are always there: without them a dead letter can end a broker',
    undefined,
    undefined,
    reserved,
  ],
  ['an empty object is fine', {}, undefined, reserved],
  ['a plain object is taken as well as the class', { a: '1' }, undefined, `a: 1\r\n${reserved}`],
  ['the class', new Headers().add('a', '1'), undefined, `a: 1\r\n${reserved}`],
  [
    'the last value of a key counts',
    new Headers().add('a', '1').add('a', '2'),
    undefined,
    `a: 2\r\n${reserved}`,
  ],
  ['letter case and UTF-8 are kept', { TraceId: 'grüß 日' }, undefined, `TraceId: grüß 日\r\n${reserved}`],
  ['the id is the header of Memphis, not that of NATS', undefined, '42', `${reserved}msg-id: 42\r\n`],
  ['an empty id is none', undefined, '', reserved],
])('%s', (_why, headers, id, lines) => {
  expect(text(encoder.encode(headers, id).bytes)).toBe(`NATS/1.0\r\n${lines}\r\n`);
});

test('a stock nats-server needs its own header for de-duplication, and gets both', () => {
  const { bytes } = new HeaderEncoder('p', 'id', true).encode(undefined, '42');
  expect(text(bytes)).toContain('\r\nmsg-id: 42\r\nNats-Msg-Id: 42\r\n\r\n');
});

test.each<[why: string, headers: Record<string, unknown>, problem: string]>([
  ['the prefix belongs to the broker', { $memphis_x: '1' }, 'Keys in headers should not start with $memphis'],
  ['in any letter case', { $MEMPHIS_x: '1' }, 'Keys in headers should not start with $memphis'],
  [
    'a second msg-id would make the broker drop a message',
    { 'msg-id': '1' },
    'the header msg-id is set by the option msgId',
  ],
  [
    'a stock server would drop a message (the id would be hidden from consumers, too)',
    { 'Nats-Msg-Id': '1' },
    'the header "Nats-Msg-Id" is an instruction to the server; the option msgId sets the id for de-duplication',
  ],
  [
    'a server would remove the other messages of the partition, or refuse this one, in any letter case',
    { 'nats-rollup': 'all' },
    'the header "nats-rollup" is an instruction to the server; the option msgId sets the id for de-duplication',
  ],
  [
    'a line break would start another header (SDK defect: header injection)',
    { a: '1\r\nb: 2' },
    'the value of "a" holds a line break',
  ],
  [
    'a colon ends the key',
    { 'a:b': '1' },
    '"a:b" is not a valid key: use printable ASCII without blank and colon',
  ],
  ['a number is not turned into text in silence', { a: 1 }, 'the value of "a" must be a string, not number'],
])('refused: %s', (_why, headers, problem) => {
  let thrown: unknown;
  try {
    encoder.encode(headers as Record<string, string>, undefined);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ValidationError);
  expect((thrown as ValidationError).problems).toEqual([problem]);
});

test('Headers.add refuses at once', () => {
  expect(() => new Headers().add('$memphis_a', '1')).toThrow(
    'Keys in headers should not start with $memphis',
  );
});

test('a message id with a line break is refused', () => {
  expect(() => encoder.encode(undefined, 'a\nb')).toThrow(ValidationError);
});

test("the caller's headers are never changed (SDK defect: a stale msg-id was sent with the next message)", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z ]{0,8}$/)),
      (given) => {
        const plain = { ...given };
        const object = new Headers();
        for (const [key, value] of Object.entries(given)) object.add(key, value);
        const before = [...object.entries()];
        encoder.encode(plain, 'first');
        encoder.encode(object, 'first');
        expect(plain).toEqual({ ...given });
        expect([...object.entries()]).toEqual(before);
        expect(text(encoder.encode(object, undefined).bytes)).not.toContain('msg-id');
      },
    ),
  );
});

test.each<[why: string, received: [string, string[]][], shown: Record<string, string>]>([
  [
    'those of broker and client are left out',
    [
      ['$memphis_producedBy', ['p']],
      ['msg-id', ['1']],
      ['a', ['b']],
    ],
    { a: 'b' },
  ],
  [
    'the id for stock servers too',
    [
      ['msg-id', ['1']],
      ['Nats-Msg-Id', ['1']],
    ],
    {},
  ],
  [
    'but not that of another client, which Memphis does not act on',
    [['Nats-Msg-Id', ['1']]],
    { 'Nats-Msg-Id': '1' },
  ],
  [
    'names that every object has are kept',
    [
      ['__proto__', ['x']],
      ['constructor', ['y']],
    ],
    JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>,
  ],
  ['the first of several values counts', [['a', ['1', '2']]], { a: '1' }],
])('shown to who reads a message: %s', (_why, received, shown) => {
  expect(Object.entries(senderHeaders(received))).toEqual(Object.entries(shown));
});
