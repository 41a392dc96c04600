import { Retention } from '../../../../src/model/retention';
import type { StationOptions } from '../../../../src/runtime/messaging';
import { assertStationOptions } from '../../../../src/runtime/messaging/station/station-options';
import { expectProblems } from '../../../support/problems-of';

const inRange = (least: number, most: number, unit: string): string =>
  `it must be a whole number from ${least} to ${most} (${unit})`;
const limit = inRange(
  1,
  2147483647,
  'seconds, messages per partition or bytes per partition, as retentionType says',
);

test.each<[why: string, options: unknown, problems: (string | RegExp)[]]>([
  ['no options at all', undefined, ['the options are undefined; give an object']],
  ['no name', {}, ['name is missing']],
  ['a number is no name', { name: 5 }, ['name is 5; it must be text']],
  [
    'a symbol cannot be written into a text',
    { name: Symbol('s') },
    ['name is of the type symbol; it must be text'],
  ],
  [
    'the broker would take 3600 seconds instead',
    { name: 's', retentionValue: 0 },
    [`retentionValue is 0; ${limit}`],
  ],
  ['the same', { name: 's', retentionValue: -1 }, [`retentionValue is -1; ${limit}`]],
  ['null would become 0 on the way', { name: 's', retentionValue: null }, [/^retentionValue is null;/]],
  [
    'an unknown retention',
    { name: 's', retentionType: 'age' },
    [/^retentionType is "age"; it must be one of Retention\.MAX_MESSAGE_AGE_SECONDS, Retention\.MESSAGES, /],
  ],
  [
    'the default for an age would be 3600 messages',
    { name: 's', retentionType: Retention.MESSAGES },
    ['retentionValue is missing; with retentionType MESSAGES it must be given (messages per partition)'],
  ],
  [
    'or 3600 bytes',
    { name: 's', retentionType: Retention.BYTES, retentionValue: undefined },
    ['retentionValue is missing; with retentionType BYTES it must be given (bytes per partition)'],
  ],
  [
    'an unknown storage',
    { name: 's', storageType: 5 },
    ['storageType is 5; it must be one of Storage.DISK, Storage.MEMORY'],
  ],
  [
    'no part of a copy',
    { name: 's', replicas: 1.5 },
    [`replicas is 1.5; ${inRange(0, 2147483647, 'copies')}`],
  ],
  [
    'fewer copies than none',
    { name: 's', replicas: -1 },
    [`replicas is -1; ${inRange(0, 2147483647, 'copies')}`],
  ],
  [
    'the broker would make it 100 without a word',
    { name: 's', idempotencyWindowMs: 99 },
    [`idempotencyWindowMs is 99; ${inRange(100, 86400000, 'milliseconds')}`],
  ],
  [
    'the broker refuses more than a day, in these words',
    { name: 's', idempotencyWindowMs: 86_400_001 },
    [
      `idempotencyWindowMs is 86400001; ${inRange(100, 86400000, 'milliseconds')}: idempotency window can not exceed 24 hours`,
    ],
  ],
  [
    'too many partitions',
    { name: 's', partitionsNumber: 10_001 },
    [`partitionsNumber is 10001; ${inRange(1, 10000, 'partitions')}`],
  ],
  ['a number is no station', { name: 's', dlsStation: 5 }, ['dlsStation is 5; it must be text']],
  ['nor is null', { name: 's', dlsStation: null }, ['dlsStation is null; it must be text']],
  ['no name of a station', { name: 's', dlsStation: 'a b' }, [/^dlsStation is "a b": Only alphanumeric/]],
  ['a number is no schema', { name: 's', schemaName: 5 }, ['schemaName is 5; it must be text']],
  [
    'a text is true, whatever it says',
    { name: 's', sendPoisonMsgToDls: 'false' },
    ['sendPoisonMsgToDls is "false"; it must be true or false'],
  ],
  ['retries without an end', { name: 's', timeoutRetries: Infinity }, [/^timeoutRetries is Infinity;/]],
  ['nothing could abort by it', { name: 's', signal: {} }, [/^signal is of the type object;/]],
  [
    'all at once, not the first alone',
    {
      name: '',
      retentionType: 'x',
      retentionValue: -1,
      storageType: 'x',
      replicas: 'x',
      idempotencyWindowMs: 1,
      partitionsNumber: 0,
    },
    [
      'Station name can not be empty',
      /^retentionType/,
      /^retentionValue/,
      /^storageType/,
      /^replicas/,
      /^idempotencyW/,
      /^partitionsN/,
    ],
  ],
])('refused: %s', (_why, options, problems) => {
  expectProblems(() => assertStationOptions(options as StationOptions), problems);
});

test.each<[why: string, options: Partial<StationOptions>]>([
  ['the name is enough', {}],
  ['the broker counts 0 copies as 1', { replicas: 0 }],
  ['and more than 5 as 5', { replicas: 9 }],
  ['no value counts with acknowledgements', { retentionType: Retention.ACK_BASED, retentionValue: 0 }],
  ['the shortest window', { idempotencyWindowMs: 100 }],
  ['the longest window', { idempotencyWindowMs: 86_400_000 }],
  ['an empty text is no dead-letter station', { dlsStation: '' }],
  ['undefined counts as left out', { retentionValue: undefined, dlsStation: undefined, replicas: undefined }],
])('legal: %s', (_why, options) => {
  expectProblems(() => assertStationOptions({ name: 's', ...options }), []);
});
