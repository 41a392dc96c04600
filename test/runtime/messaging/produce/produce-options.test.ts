import fc from 'fast-check';
import type { ProduceOptions } from '../../../../src/runtime/messaging';
import { Headers } from '../../../../src/runtime/messaging';
import {
  assertProduceOptions,
  completeFlush,
  produceProblems,
} from '../../../../src/runtime/messaging/produce/produce-options';
import { expectProblems, problemsOf } from '../../../support/problems-of';

const bothWishes = 'Can not use both partition number and partition key';
const noTime = 'it must be more than 0 seconds, at most 2147483';
const check = (options: unknown) => (): void => assertProduceOptions(options as ProduceOptions, 'produce');

test.each<[why: string, options: unknown, problems: (string | RegExp)[]]>([
  ['no options at all', undefined, ['the options are undefined; give an object']],
  ['null is no object', null, ['the options are null; give an object']],
  ['the message alone', 'message', ['the options are "message"; give an object']],
  ['no time', { ackWaitSec: 0 }, [`ackWaitSec is 0; ${noTime}`]],
  ['less than no time', { ackWaitSec: -1 }, [`ackWaitSec is -1; ${noTime}`]],
  ['a timer would fire at once', { ackWaitSec: 2_147_484 }, [`ackWaitSec is 2147484; ${noTime}`]],
  ['for ever', { ackWaitSec: Infinity }, [`ackWaitSec is Infinity; ${noTime}`]],
  ['no number', { ackWaitSec: NaN }, [`ackWaitSec is NaN; ${noTime}`]],
  ['null is no default', { ackWaitSec: null }, [`ackWaitSec is null; ${noTime}`]],
  [
    'null has no headers',
    { headers: null },
    ['headers is null; it must be a plain object of strings, or a Headers of this package'],
  ],
  ['a list has numbers for names', { headers: ['a'] }, [/^headers is of the type array;/]],
  ['a map would be read as no headers', { headers: new Map([['a', 'b']]) }, [/^headers is of the type Map;/]],
  [
    'and so would the headers of fetch',
    { headers: new globalThis.Headers({ a: 'b' }) },
    [/^headers is of the type Headers; .* of this package$/],
  ],
  ['a number is no id', { msgId: 5 }, ['msgId is 5; it must be text']],
  ['a number is no key', { producerPartitionKey: 5 }, ['producerPartitionKey is 5; it must be text']],
  [
    'a text is no number',
    { producerPartitionNumber: '1' },
    ['producerPartitionNumber is "1"; it must be a whole number'],
  ],
  [
    'both, which no station can fulfil',
    { producerPartitionKey: 'k', producerPartitionNumber: 1 },
    [bothWishes],
  ],
  [
    'a text is true, whatever it says',
    { nonblocking: 'no' },
    ['nonblocking is "no"; it must be true or false'],
  ],
  ['the old name, too', { asyncProduce: 1 }, ['asyncProduce is 1; it must be true or false']],
  [
    'nothing may be outstanding',
    { concurrentTaskLimit: 0 },
    ['concurrentTaskLimit is 0; it must be a whole number of 1 or more'],
  ],
  [
    'only what does not wait is limited',
    { limitConcurrentTasks: 5, nonblocking: false },
    [/^limitConcurrentTasks is given without nonblocking: true, /],
  ],
  [
    'two names of one limit',
    { concurrentTaskLimit: 5, limitConcurrentTasks: 6, nonblocking: true },
    [/^concurrentTaskLimit and limitConcurrentTasks, .* both given/],
  ],
  [
    'two names of one choice that differ',
    { nonblocking: true, asyncProduce: false },
    [/^nonblocking and asyncProduce, .* differ/],
  ],
  ['the other name is told by its own', { limitConcurrentTasks: 1.5 }, [/^limitConcurrentTasks is 1.5;/]],
  ['nothing could abort by it', { signal: {} }, ['signal is of the type object; it must be an AbortSignal']],
  [
    'all at once, with what the headers hold',
    {
      ackWaitSec: 0,
      headers: { 'a b': 'x', $memphis_x: 'y' },
      msgId: 'a\nb',
      concurrentTaskLimit: 'x',
      producerPartitionKey: 5,
      signal: 1,
    },
    [
      /^ackWaitSec/,
      /^"a b" is not a valid key/,
      /\$memphis$/,
      'msgId holds a line break',
      /^concurrentTaskLimit/,
      /^producerPartitionKey/,
      /^signal/,
    ],
  ],
])('refused: %s', (_why, options, problems) => {
  expectProblems(check(options), problems);
});

test.each<[why: string, options: Partial<ProduceOptions>]>([
  ['none of them is needed', {}],
  ['a part of a second', { ackWaitSec: 0.001 }],
  ['the longest time', { ackWaitSec: 2_147_483 }],
  ['a key without a wish for a number', { producerPartitionKey: '', producerPartitionNumber: -1 }],
  ['the class of headers', { headers: new Headers().add('a', 'b') }],
  [
    'undefined counts as left out',
    {
      ackWaitSec: undefined,
      headers: undefined,
      msgId: undefined,
      nonblocking: undefined,
      signal: undefined,
    },
  ],
])('legal: %s', (_why, options) => {
  expectProblems(check({ message: 'm', ...options }), []);
});

test('the quick look at options and the list of problems never differ', () => {
  const wrong = fc.constantFrom<unknown>(
    undefined,
    null,
    0,
    1,
    -1,
    1.5,
    NaN,
    Infinity,
    '',
    'x',
    true,
    {},
    [],
    5n,
  );
  const names = [
    'ackWaitSec',
    'headers',
    'msgId',
    'nonblocking',
    'asyncProduce',
    'concurrentTaskLimit',
    'limitConcurrentTasks',
    'producerPartitionKey',
    'producerPartitionNumber',
    'signal',
  ];
  const options = fc.record(Object.fromEntries(names.map((name) => [name, wrong])), { requiredKeys: [] });
  fc.assert(
    fc.property(options, (given) => {
      const all = produceProblems(given as unknown as ProduceOptions).filter(
        (problem) => problem !== undefined,
      );
      expect(problemsOf(check(given))).toEqual([...new Set(all)]);
    }),
  );
});

test.each<[why: string, options: unknown, problem: RegExp]>([
  [
    'a timer would fire at once and tell a time-out',
    { timeoutMs: Infinity },
    /^timeoutMs is Infinity; .* at most 2147483647/,
  ],
  ['the first that a timer cannot wait for', { timeoutMs: 2 ** 31 }, /^timeoutMs is 2147483648; /],
  ['the same as a number', 2 ** 31, /^timeoutMs is 2147483648; /],
  ['no number', NaN, /^timeoutMs is NaN; /],
  ['null is no default', { timeoutMs: null }, /^timeoutMs is null; /],
  ['null is no object', null, /^the options are null/],
  ['nothing could abort by it', { signal: {} }, /^signal is of the type object/],
])('no flush: %s', (_why, options, problem) => {
  expectProblems(() => completeFlush(options as number, 'flush'), [problem]);
});

test('a flush waits 15 s, or as long as it is told', () => {
  expect(completeFlush({}, 'flush').timeoutMs).toBe(15_000);
  expect(completeFlush({ timeoutMs: undefined }, 'flush').timeoutMs).toBe(15_000);
  expect(completeFlush(0, 'flush').timeoutMs).toBe(0);
  expect(completeFlush({ timeoutMs: 2 ** 31 - 1 }, 'flush').timeoutMs).toBe(2 ** 31 - 1);
});
