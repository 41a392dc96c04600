import fc from 'fast-check';
import { Retention } from '../../src/model/retention';
import type { StationDeclaration } from '../../src/model/station';
import { canonicalStation, stationFields, stationRules } from '../../src/model/station';
import { problemsOf } from '../../src/model/validation';
import { legalStation } from '../support/declarations';
import { many } from '../support/random';

const problems = (declaration: object): string[] =>
  problemsOf(declaration as StationDeclaration, { fields: stationFields, rules: stationRules });

describe('problems of a station', () => {
  it.each([
    ['name only', { name: 'orders' }, []],
    ['no name', {}, ['name is missing; it must be a station name']],
    ['an illegal name', { name: 'or ders' }, ['name is "or ders"; it must be a station name']],
    [
      'retention of nothing',
      { name: 'a', retentionValue: 0 },
      ['retentionValue is 0; it must be a whole number from 1 to 2147483647'],
    ],
    [
      'retention that the metadata cannot hold',
      { name: 'a', retentionType: 'bytes', retentionValue: 2_147_483_648 },
      ['retentionValue is 2147483648'],
    ],
    [
      'half a message',
      { name: 'a', retentionType: 'messages', retentionValue: 1.5 },
      ['retentionValue is 1.5'],
    ],
    [
      'a retention type of another broker',
      { name: 'a', retentionType: 'compact' },
      ['retentionType is "compact"; it must be one of message_age_sec, messages, bytes, ack_based'],
    ],
    [
      'the word for storage that the broker only prints',
      { name: 'a', storageType: 'disk' },
      ['storageType is "disk"; it must be one of file, memory'],
    ],
    [
      'messages to be carried that every group has acknowledged',
      { name: 'a', onReplace: 'carryMessages', retentionType: 'ack_based' },
      ['onReplace is carryMessages, which retentionType ACK_BASED excludes'],
    ],
    [
      'a former name, and messages that do not come along',
      { name: 'a', moveFrom: 'b' },
      ['moveFrom is "b", which needs onReplace carryMessages'],
    ],
    [
      'its own name as the former one',
      { name: 'a', moveFrom: 'A', onReplace: 'carryMessages' },
      ['moveFrom is "A", the name of the station itself'],
    ],
    ['a former name', { name: 'a', moveFrom: 'b', onReplace: 'carryMessages' }, []],
    ['six replicas', { name: 'a', replicas: 6 }, ['replicas is 6; it must be a whole number from 1 to 5']],
    ['no partitions', { name: 'a', partitionsNumber: 0 }, ['partitionsNumber is 0']],
    ['a window below the least', { name: 'a', idempotencyWindowMs: 99 }, ['idempotencyWindowMs is 99']],
    [
      'a window over a day',
      { name: 'a', idempotencyWindowMs: 86_400_001 },
      ['idempotencyWindowMs is 86400001'],
    ],
    [
      'a window over a short retention',
      { name: 'a', retentionValue: 60, idempotencyWindowMs: 120_000 },
      ['idempotencyWindowMs is 120000, longer than the retention of 60000 ms; set it to 60000 or less'],
    ],
    ['a short retention alone, which shortens the default window', { name: 'a', retentionValue: 60 }, []],
    [
      'a short retention with a short window',
      { name: 'a', retentionValue: 60, idempotencyWindowMs: 60_000 },
      [],
    ],
    [
      'a value with ACK_BASED',
      { name: 'a', retentionType: 'ack_based', retentionValue: 5 },
      ['retentionValue is 5, but it has no meaning'],
    ],
    [
      'a retention by number without its limit',
      { name: 'a', retentionType: 'messages' },
      ['retentionValue is missing; with retentionType MESSAGES it must be given (messages per partition)'],
    ],
    [
      'a retention by size without its limit',
      { name: 'a', retentionType: 'bytes' },
      ['retentionValue is missing; with retentionType BYTES it must be given (bytes per partition)'],
    ],
    ['a retention by age without its limit', { name: 'a', retentionType: 'message_age_sec' }, []],
    [
      'its own dead-letter station',
      { name: 'Orders', dlsStation: 'orders' },
      ['dlsStation is the station itself'],
    ],
    ['an empty tag', { name: 'a', tags: ['x', ''] }, ['tags has ""']],
    [
      'a flag in text',
      { name: 'a', tieredStorageEnabled: 'yes' },
      ['tieredStorageEnabled is "yes"; it must be true or false'],
    ],
    [
      'everything at once',
      { name: '-', retentionValue: -1, replicas: 9 },
      ['name is "-"', 'retentionValue is -1', 'replicas is 9'],
    ],
  ])('%s', (_, declaration, expected) => {
    const found = problems(declaration);
    expect(found).toHaveLength(expected.length);
    expected.forEach((text, index) => expect(found[index]).toContain(text));
  });

  it.each([
    [
      'typescript' as const,
      'it must be one of Retention.MAX_MESSAGE_AGE_SECONDS, Retention.MESSAGES, Retention.BYTES, Retention.ACK_BASED',
      'it must be one of Storage.DISK, Storage.MEMORY',
    ],
    [
      'terraform' as const,
      'it must be one of message_age_sec, messages, bytes, ack_based',
      'it must be one of file, memory',
    ],
  ])('lists the values of enumerations in the words of %s, each time', (words, retention, storage) => {
    const given = { name: 'a', retentionType: 'compact', storageType: 'disk' } as never;
    const checks = { fields: stationFields, rules: stationRules, words };
    for (let again = 0; again < 2; again++) {
      expect(problemsOf<StationDeclaration>(given, checks)).toEqual([
        `retentionType is "compact"; ${retention}`,
        `storageType is "disk"; ${storage}`,
      ]);
    }
  });

  it('skips values that are not known yet, and the rules that need them', () => {
    const unknown = {};
    const found = problemsOf(
      { name: 'a', retentionValue: unknown, dlsStation: unknown } as unknown as StationDeclaration,
      {
        fields: stationFields,
        rules: stationRules,
        isUnknown: (value) => value === unknown,
      },
    );
    expect(found).toEqual([]);
  });

  it('finds none in legal declarations', () => {
    fc.assert(
      fc.property(legalStation, (declaration) => expect(problems(declaration)).toEqual([])),
      { numRuns: many(300) },
    );
  });
});

describe('canonical form', () => {
  it('fills in the defaults of the SDK', () => {
    expect(canonicalStation({ name: 'Orders.EU' })).toEqual({
      name: 'orders.eu',
      streamSettings: [],
      retentionType: Retention.MAX_MESSAGE_AGE_SECONDS,
      retentionValue: 3600,
      storageType: 'file',
      replicas: 1,
      partitionsNumber: 1,
      idempotencyWindowMs: 120_000,
      sendPoisonMsgToDls: true,
      sendSchemaFailedMsgToDls: true,
      dlsStation: '',
      tieredStorageEnabled: false,
      tags: undefined,
    });
  });

  it.each([
    [1, 1],
    [2, 3],
    [3, 3],
    [4, 3],
    [5, 5],
  ])('%d replicas are %d on the broker', (given, kept) => {
    expect(canonicalStation({ name: 'a', replicas: given }).replicas).toBe(kept);
  });

  it("sorts tags, in lower case and once each; none at all is the broker's own tag", () => {
    expect(canonicalStation({ name: 'a', tags: ['B', 'a', 'b'] }).tags).toEqual(['a', 'b']);
    expect(canonicalStation({ name: 'a', tags: [] }).tags).toEqual(['default']);
  });
});

test.each([
  ['a shorter age', { retentionValue: 60 }, 60_000],
  ['a longer age', { retentionValue: 600 }, 120_000],
  ['the default age', {}, 120_000],
  [
    'a number of messages, which is no age',
    { retentionType: Retention.MESSAGES, retentionValue: 60 },
    120_000,
  ],
  ['a window of its own', { retentionValue: 60, idempotencyWindowMs: 5_000 }, 5_000],
] as const)('the idempotency window with %s', (_why, values, expected) => {
  expect(canonicalStation({ name: 'a', ...values }).idempotencyWindowMs).toBe(expected);
});
