import { ValidationError } from '../../../../src/model/errors';
import type { ProduceOptions, ProducerOptions } from '../../../../src/runtime/messaging';
import { assertFirstMessage } from '../../../../src/runtime/messaging/produce/producers';
import { assertProducerOptions } from '../../../../src/runtime/messaging/produce/producer-options';
import { expectProblems } from '../../../support/problems-of';

const named = { stationName: 's', producerName: 'p' };

test.each<[why: string, options: unknown, problems: (string | RegExp)[]]>([
  ['no options at all', undefined, ['the options are undefined; give an object']],
  ['no names', {}, ['stationName is missing', 'producerName is missing']],
  [
    'no texts',
    { stationName: 5, producerName: null },
    ['stationName is 5; it must be text', 'producerName is null; it must be text'],
  ],
  ['no station', { ...named, stationName: [] }, ['stationName is an empty list']],
  [
    'one of several is none',
    { ...named, stationName: ['a', 5, '_'] },
    ['stationName[1] is 5; it must be text', /can not start or end/],
  ],
  [
    'a random suffix does not make a name of nothing',
    { stationName: 's', generateRandomSuffix: true },
    ['producerName is missing'],
  ],
  [
    'all at once',
    { stationName: '', producerName: '', timeoutRetries: -1, signal: 5 },
    [/^Station name/, /^Producer name/, /^timeoutRetries/, /^signal/],
  ],
])('no producer: %s', (_why, options, problems) => {
  expectProblems(() => assertProducerOptions(options as ProducerOptions), problems);
});

/** What comes of a first message, and how often the broker was asked for the station. */
async function outcome(message: unknown, exists: boolean, options: Partial<ProduceOptions> = {}) {
  let asked = 0;
  const stationExists = async () => {
    asked += 1;
    return Promise.resolve(exists);
  };
  try {
    await assertFirstMessage(named, { message, ...options }, stationExists);
    return { asked, problems: [] };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return { asked, problems: error.problems };
  }
}

const circle: Record<string, unknown> = {};
circle.self = circle;

test.each<[why: string, message: unknown]>([
  ['nothing', undefined],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a map', new Map()],
  ['a blob', new Blob(['x'])],
])('%s is taken by no station, so that none is asked for', async (_what, message) => {
  for (const exists of [true, false]) {
    const { asked, problems } = await outcome(message, exists);
    expect(asked).toBe(0);
    expect(problems).toEqual([expect.stringContaining('Unsupported message type')]);
  }
});

test.each<[why: string, message: unknown, problem: string]>([
  ['a number', 5, 'Unsupported message type: number'],
  ['null', null, 'Unsupported message type: null'],
  ['a list', [1], 'Unsupported message type: array'],
  ['a long of Avro', { a: 5n }, 'cannot be written as JSON'],
  ['a circle', circle, 'cannot be written as JSON: Converting circular structure to JSON'],
])(
  '%s needs a schema, which a station that is made for it would not have',
  async (_what, message, problem) => {
    expect(await outcome(message, true)).toEqual({ asked: 1, problems: [] });
    expect(await outcome(message, false)).toEqual({ asked: 1, problems: [expect.stringContaining(problem)] });
  },
);

test.each<[why: string, message: unknown]>([
  ['text', 'x'],
  ['bytes', Buffer.from('x')],
  ['an object', { a: 1 }],
])('%s is what any station may take', async (_what, message) => {
  expect(await outcome(message, false)).toEqual({ asked: 0, problems: [] });
});

test('wrong options are told with the wrong message, before the station is asked for', async () => {
  const { asked, problems } = await outcome(undefined, false, { ackWaitSec: -1, headers: { 'a:': 'b' } });
  expect(asked).toBe(0);
  expect(problems).toHaveLength(3);
});
