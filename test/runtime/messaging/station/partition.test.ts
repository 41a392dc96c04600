import fc from 'fast-check';
import { ValidationError } from '../../../../src/model/errors';
import { keyHash } from '../../../../src/model/partition-key';
import { PartitionSelector, stationPartitions } from '../../../../src/runtime/messaging/station/partition';

const selector = (...list: number[]): PartitionSelector =>
  new PartitionSelector('s', stationPartitions('s', list));
const upTo = (count: number): number[] => Array.from({ length: count }, (_value, index) => index + 1);

// The hash and the choice that clients in all languages agree on.
test.each([
  ['', 1257683291, [2, 3, 2, 2]],
  ['a', 3387765255, [2, 1, 1, 6]],
  ['ab', 1334718146, [1, 3, 2, 7]],
  ['abc', 339830091, [2, 1, 2, 2]],
  ['abcd', 1404501894, [1, 1, 5, 5]],
  ['key', 2580712894, [1, 2, 5, 5]],
  ['2nd_partition', 1368045492, [1, 1, 3, 3]],
  ['somePartition', 2867600170, [1, 2, 1, 1]],
  ['user-42', 660284634, [1, 1, 5, 5]],
  ['order:123', 606776790, [1, 1, 1, 1]],
  ['héllo', 1286496956, [1, 3, 2, 7]],
  ['日本語', 787912674, [1, 1, 5, 5]],
  ['😀', 3858440902, [1, 2, 3, 3]],
  ['a much longer partition key that spans several blocks!', 1428838189, [2, 2, 5, 10]],
])('the key %p leads to the same partition in every language', (key, hash, partitions) => {
  expect(keyHash(key)).toBe(hash);
  expect(
    [2, 3, 5, 10].map((count) => selector(...upTo(count)).select({ key, number: undefined }).number),
  ).toEqual(partitions);
});

test('a key leads to an element of the list, not to an index (SDK defect: it published to partition 0)', () => {
  expect(selector(2, 5, 9).select({ key: 'key', number: undefined }).number).toBe(5);
});

test('without a wish the partitions take turns, each selector on its own', () => {
  const [one, other] = [selector(1, 2, 3), selector(1, 2, 3)];
  const next = (which: PartitionSelector): number =>
    which.select({ key: undefined, number: undefined }).number;
  expect([next(one), next(one), next(other), next(one), next(one)]).toEqual([1, 2, 1, 3, 1]);
});

test('a wish takes no turn', () => {
  const one = selector(1, 2, 3);
  one.select({ key: 'x', number: undefined });
  one.select({ key: undefined, number: 3 });
  expect(one.select({ key: undefined, number: undefined }).number).toBe(1);
});

test.each<[why: string, list: number[], key: string | undefined, number: number, problem: string]>([
  ['both wishes', [1, 2], 'a', 1, 'Can not use both partition number and partition key'],
  [
    'both on one partition too (the SDKs do not look there)',
    [1],
    'a',
    1,
    'Can not use both partition number and partition key',
  ],
  [
    'a number that is too high',
    [1, 2, 3],
    undefined,
    4,
    'Partition number is out of range: 4 is none of 1, 2, 3',
  ],
  ['on one partition too', [1], undefined, 2, 'Partition number is out of range: 2 is none of 1'],
  ['no whole number', [1, 2], undefined, 1.5, 'Partition number is out of range: 1.5 is none of 1, 2'],
  ['no number at all', [1, 2], undefined, NaN, 'Partition number is out of range: NaN is none of 1, 2'],
])('refused: %s', (_why, list, key, number, problem) => {
  let thrown: unknown;
  try {
    selector(...list).select({ key, number });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ValidationError);
  expect((thrown as ValidationError).problems).toEqual([problem]);
});

test.each([-1, 0])('%p means that no number is wanted', (number) => {
  expect(selector(4, 7).select({ key: undefined, number }).number).toBe(4);
});

test('a station without partitions has one stream, called after the station', () => {
  expect(stationPartitions('Old.One', [])).toEqual([
    { number: 0, stream: 'old#one', subject: 'old#one.final' },
  ]);
  expect(stationPartitions('Old.One', [1])).toEqual([
    { number: 1, stream: 'old#one$1', subject: 'old#one$1.final' },
  ]);
});

test('turns are even and every key leads to a partition of the list', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      fc.string(),
      (count, rounds, key) => {
        const one = selector(...upTo(count));
        const seen = Array.from(
          { length: count * rounds },
          () => one.select({ key: undefined, number: undefined }).number,
        );
        for (const partition of upTo(count)) {
          expect(seen.filter((number) => number === partition)).toHaveLength(rounds);
        }
        expect(upTo(count)).toContain(one.select({ key, number: undefined }).number);
      },
    ),
  );
});
