import type { ConsumerOptions, FetchMessagesOptions, FetchOptions } from '../../../../src/runtime/messaging';
import {
  assertConsumerOptions,
  completeConsumerOptions,
} from '../../../../src/runtime/messaging/consume/consumer-options';
import {
  assertFetchMessagesOptions,
  assertReadingOptions,
  completeBatch,
} from '../../../../src/runtime/messaging/consume/fetch-options';
import { stationPartitions } from '../../../../src/runtime/messaging/station/partition';
import { expectProblems } from '../../../support/problems-of';

const named = { stationName: 's', consumerName: 'c' };
const batchSize = 'Batch size can not be greater than 5000 or less than 1';
const tooLong = 'at most 2147483647 (milliseconds)';
const bothWishes = 'Can not use both partition number and partition key';

test.each<[why: string, options: unknown, problems: (string | RegExp)[]]>([
  ['no options at all', undefined, ['the options are undefined; give an object']],
  ['no names', {}, ['stationName is missing', 'consumerName is missing']],
  [
    'no texts',
    { stationName: 5, consumerName: null },
    ['stationName is 5; it must be text', 'consumerName is null; it must be text'],
  ],
  [
    'a random suffix does not make a name of nothing',
    { stationName: 's', generateRandomSuffix: true },
    ['consumerName is missing'],
  ],
  ['null is no group', { ...named, consumerGroup: null }, ['consumerGroup is null; it must be text']],
  [
    'a timer would fire at once: no pause at all',
    { ...named, pullIntervalMs: 1e10 },
    [`pullIntervalMs is 10000000000; it must be a whole number of 0 or more, ${tooLong}`],
  ],
  [
    'the first that a timer cannot wait for',
    { ...named, batchMaxTimeToWaitMs: 2 ** 31 },
    [`batchMaxTimeToWaitMs is 2147483648; it must be a whole number of 100 or more, ${tooLong}`],
  ],
  ['for ever', { ...named, pullIntervalMs: Infinity }, [/^pullIntervalMs is Infinity;/]],
  ['no number at all', { ...named, pullIntervalMs: NaN }, [/^pullIntervalMs is NaN;/]],
  ['null is no default', { ...named, pullIntervalMs: null }, [/^pullIntervalMs is null;/]],
  ['the metadata cannot hold it', { ...named, maxAckTimeMs: 2 ** 31 }, [/^maxAckTimeMs is 2147483648;/]],
  [
    'the broker would make it 10 without a word',
    { ...named, maxMsgDeliveries: 50 },
    ['maxMsgDeliveries is 50; it must be a whole number from 1 to 10'],
  ],
  [
    'the metadata cannot hold it',
    { ...named, startConsumeFromSequence: 2 ** 31 },
    [/^startConsumeFromSequence is 2147483648; .* from 1 to 2147483647$/],
  ],
  [
    'a part of a message',
    { ...named, startConsumeFromSequence: 1.5 },
    [/^startConsumeFromSequence is 1.5; /],
  ],
  [
    'the metadata cannot hold it',
    { ...named, lastMessages: 2 ** 31 },
    [/^lastMessages is 2147483648; .* from -1 to 2147483647$/],
  ],
  ['a text is no number', { ...named, lastMessages: '5' }, [/^lastMessages is "5"; /]],
  [
    'a text is true, whatever it says',
    { ...named, generateRandomSuffix: 'no' },
    [/^generateRandomSuffix is "no";/],
  ],
  [
    'all at once',
    { stationName: '', consumerName: 5, batchSize: 0, pullIntervalMs: -1, timeoutRetries: 0.5, signal: 'x' },
    [
      'Station name can not be empty',
      /^consumerName/,
      batchSize,
      /^pullIntervalMs/,
      /^timeoutRetries/,
      /^signal is "x"/,
    ],
  ],
])('no consumer: %s', (_why, options, problems) => {
  expectProblems(() => assertConsumerOptions(options as ConsumerOptions), problems);
});

test('the longest times and the last of all numbers are legal', () => {
  const most = 2 ** 31 - 1;
  const times = { pullIntervalMs: most, batchMaxTimeToWaitMs: most, maxAckTimeMs: most };
  expectProblems(() => assertConsumerOptions({ ...named, ...times, startConsumeFromSequence: most }), []);
  expectProblems(() => assertConsumerOptions({ ...named, lastMessages: most, maxMsgDeliveries: 10 }), []);
});

test.each<[why: string, options: unknown, problems: (string | RegExp)[]]>([
  ['null is no object', null, ['the options are null; give an object']],
  ['a timer would fire at once', { batchMaxTimeToWaitMs: 2 ** 31 }, [/^batchMaxTimeToWaitMs is 2147483648;/]],
  ['a number is no key', { consumerPartitionKey: 5 }, ['consumerPartitionKey is 5; it must be text']],
  [
    'a text is no number',
    { consumerPartitionNumber: '1' },
    ['consumerPartitionNumber is "1"; it must be a whole number'],
  ],
  [
    'a part of a partition',
    { consumerPartitionNumber: 1.5 },
    ['Partition number is out of range: 1.5 is not a whole number (consumerPartitionNumber)'],
  ],
  ['nothing could abort by it', { signal: {} }, [/^signal is of the type object/]],
  ['a text is true, whatever it says', { prefetch: 'no' }, ['prefetch is "no"; it must be true or false']],
  [
    'the partition is in the list, too',
    { batchSize: 0, batchMaxTimeToWaitMs: 1, consumerPartitionNumber: 4, consumerPartitionKey: 'k' },
    [
      batchSize,
      /^batchMaxTimeToWaitMs is 1;/,
      'Partition number is out of range: 4 is none of 1, 2',
      bothWishes,
    ],
  ],
])('no batch: %s', (_why, options, problems) => {
  const consumer = completeConsumerOptions(named, 'c');
  const partitions = stationPartitions('s', [1, 2]);
  expectProblems(() => completeBatch(options as FetchOptions, consumer, 'fetch', partitions), problems);
});

test.each<[why: string, options: unknown, problems: (string | RegExp)[]]>([
  ['no options at all', undefined, ['the options are undefined; give an object']],
  ['no names', {}, ['stationName is missing', 'consumerName is missing']],
  [
    'of the consumer and of the batch at once',
    {
      ...named,
      consumerGroup: 5,
      batchSize: 0,
      prefetch: 1,
      consumerPartitionKey: 'k',
      consumerPartitionNumber: 1,
    },
    ['consumerGroup is 5; it must be text', batchSize, /^prefetch is 1;/, bothWishes],
  ],
])('no fetchMessages: %s', (_why, options, problems) => {
  expectProblems(() => assertFetchMessagesOptions(options as FetchMessagesOptions), problems);
});

test('what leaves the partition open passes, and what is undefined counts as left out', () => {
  for (const consumerPartitionNumber of [undefined, 0, -1]) {
    const options = { consumerPartitionKey: 'k', consumerPartitionNumber, signal: undefined };
    expectProblems(() => assertReadingOptions(options, 'consume', stationPartitions('s', [1])), []);
  }
  expectProblems(
    () => assertReadingOptions({ consumerPartitionNumber: NaN }, 'consume'),
    [/^Partition number is out/],
  );
});
