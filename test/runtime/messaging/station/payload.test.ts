import { parse } from 'graphql';
import {
  messageProblem,
  payloadProblem,
  payloadWithoutSchema,
} from '../../../../src/runtime/messaging/station/payload';
import { problemsOf } from '../../../support/problems-of';

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

const circle: Record<string, unknown> = {};
circle.self = circle;

const thrower = {
  toBinary() {
    throw new Error('field id is required\nand more');
  },
};

test.each<[why: string, message: unknown, problem: string]>([
  ['a number has no obvious bytes', 5, 'Unsupported message type: number'],
  ['nor has null', null, 'Unsupported message type: null'],
  ['nor undefined', undefined, 'Unsupported message type: undefined'],
  ['nor a list', [1], 'Unsupported message type: array'],
  ['nor a bigint', 5n, 'Unsupported message type: bigint'],
  ['JSON would make a text of a date', new Date(), 'Unsupported message type: Date'],
  ['and a number of a boxed one', Object(5), 'Unsupported message type: Number'],
  ['JSON would lose the entries of a map', new Map([[1, 2]]), 'Unsupported message type: Map'],
  ['and of a weak one', new WeakMap(), 'Unsupported message type: WeakMap'],
  ['and the value of a promise', Promise.resolve({ a: 1 }), 'Unsupported message type: Promise'],
  ['and the bytes of a blob', new Blob(['x']), 'Unsupported message type: Blob'],
  ['and the parameters', new URLSearchParams('a=1'), 'Unsupported message type: URLSearchParams'],
  ['and the bytes of shared memory', new SharedArrayBuffer(2), 'Unsupported message type: SharedArrayBuffer'],
  ['and the fields of a form', new FormData(), 'Unsupported message type: FormData'],
  ['a circle has no end', circle, 'message cannot be written as JSON: Converting circular structure to JSON'],
  [
    'JSON has no bigint',
    { a: 5n },
    'message cannot be written as JSON: Do not know how to serialize a BigInt',
  ],
  [
    'a toJSON that gives nothing',
    { toJSON: () => undefined },
    'its toJSON gives nothing that JSON can write',
  ],
  [
    'what serializes itself to no bytes',
    { toBinary: () => 'x' },
    'it serializes itself to string, not to bytes',
  ],
  ['what cannot serialize itself', thrower, 'message cannot be written as JSON: field id is required'],
])('refused: %s', (_why, message, problem) => {
  const problems = problemsOf(() => payloadWithoutSchema(message));
  expect(problems).toEqual([expect.stringContaining(problem)]);
  // One line, and it names the option.
  expect(problems[0]).toMatch(/^message cannot .*$/);
  expect(payloadProblem(message)).toBe(problems[0]);
});

test('what no schema could allow is only what no codec takes', () => {
  for (const message of [5, null, [1], true, 5n, circle, { a: 5n }, 'x', {}, new Date()]) {
    expect(messageProblem(message)).toBeUndefined();
  }
  for (const message of [undefined, () => 1, Symbol('s'), new Map(), new Blob([])]) {
    expect(messageProblem(message)).toContain('Unsupported message type');
  }
});
