import fc from 'fast-check';
import { ProtocolError } from '../../../src/model/errors';
import type { Shape } from '../../../src/runtime/connection/shape';
import {
  anything,
  checked,
  count,
  flag,
  listOf,
  nonEmptyListOf,
  nonEmptyText,
  nullable,
  object,
  oneOf,
  optional,
  parsed,
  recordOf,
  text,
  wholeNumber,
} from '../../../src/runtime/connection/shape';
import { many } from '../../support/random';

const origin = { attempted: 'list the stations', from: 'the reply to GET /api/stations' };
const station = object({
  id: count,
  name: nonEmptyText,
  kind: oneOf('file', 'memory'),
  partitions: nullable(listOf(count)),
  versions: optional(nonEmptyListOf(object({ active: flag }))),
  labels: optional(recordOf(text)),
  limit: optional(wholeNumber),
  more: anything,
});
const fits = { id: 0, name: 'a', kind: 'file', partitions: [1] };

function problemOf(value: unknown, shape: Shape<unknown> = station): string | undefined {
  try {
    checked(value, shape, origin);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).found;
  }
}

test.each<[string, unknown]>([
  ['all keys', { ...fits, versions: [{ active: false }], labels: { a: '' }, limit: -1, more: [] }],
  ['null where it may be', { ...fits, partitions: null }],
  ['keys that the shape does not name', { ...fits, further: 1 }],
  ['numbers of 64 bits', { ...fits, id: 2 ** 63, limit: -(2 ** 63) }],
])('a value with %s fits, and is used as it is', (_why, value) => {
  expect(checked(value, station, origin)).toBe(value);
});

test.each<[string, unknown, string]>([
  [
    'a missing key',
    [fits, { ...fits, name: undefined }],
    '[1].name in the reply to GET /api/stations is missing',
  ],
  [
    'an empty name',
    [{ ...fits, name: '' }],
    '[0].name in the reply to GET /api/stations is an empty string, not a non-empty string',
  ],
  [
    'a negative count',
    [{ ...fits, id: -1 }],
    '[0].id in the reply to GET /api/stations is a negative number, not a whole number of 0 or more',
  ],
  [
    'a fraction',
    [{ ...fits, limit: 0.5 }],
    '[0].limit in the reply to GET /api/stations is a fraction, not a whole number',
  ],
  [
    'a word that is none of them',
    [{ ...fits, kind: 'tape' }],
    '[0].kind in the reply to GET /api/stations is not one of file, memory',
  ],
  [
    'null for an optional key',
    [{ ...fits, limit: null }],
    '[0].limit in the reply to GET /api/stations is null, not a whole number',
  ],
  [
    'an inner list',
    [{ ...fits, partitions: [1, '2'] }],
    '[0].partitions[1] in the reply to GET /api/stations is a string, not a whole number of 0 or more',
  ],
  [
    'an empty list',
    [{ ...fits, versions: [] }],
    '[0].versions in the reply to GET /api/stations is an empty list',
  ],
  [
    'a value of a record',
    [{ ...fits, labels: { 'a.b': 1 } }],
    '[0].labels.a.b in the reply to GET /api/stations is a number, not a string',
  ],
  ['a list for an object', [[]], '[0] in the reply to GET /api/stations is a list, not an object'],
  ['an object for a list', {}, 'the reply to GET /api/stations is an object, not a list'],
])('%s is a problem with its place', (_why, value, problem) => {
  expect(problemOf(value, listOf(station))).toBe(problem);
});

test('a problem never shows the value, which may be a secret', () => {
  for (const wrong of ['s3cret', ['s3cret'], { a: 's3cret' }]) {
    expect(problemOf({ ...fits, id: wrong })).not.toContain('s3cret');
  }
  const whole = '{"jwt":"s3cret"}';
  for (let length = 0; length < whole.length; length += 1) {
    const read = (): unknown => parsed(whole.slice(0, length), object({ jwt: text }), origin);
    expect(read).toThrow(ProtocolError);
    expect(read).not.toThrow('s3c');
  }
});

test('any JSON gives a value that fits or an error with a place', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const problem = problemOf(value, listOf(station));
      if (problem === undefined) expect(Array.isArray(value)).toBe(true);
      else expect(problem).toContain('the reply to GET /api/stations');
    }),
    { numRuns: many(300) },
  );
});

test('text that is empty or no JSON is an error that says so', () => {
  expect(() => parsed('', station, origin)).toThrow(
    'could not list the stations: the reply to GET /api/stations is empty.',
  );
  expect(() => parsed('{"id":', station, origin)).toThrow('is not JSON, or was cut off (6 bytes)');
});
