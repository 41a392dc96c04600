import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  partitionList,
  permanentSettings,
  restorableSettings,
  unusualSettings,
  withUsualSettings,
} from '../../src/model/stream-settings';
import type { StreamConfig } from '../../src/model/stream';

interface Recorded {
  readonly stations: readonly { readonly configs?: Readonly<Record<string, StreamConfig>> }[];
}

const recordings = readFileSync(path.join(__dirname, '../conformance/golden/streams.json'), 'utf8');
const { stations } = JSON.parse(recordings) as Recorded;
const recorded = stations.flatMap(({ configs }) => Object.values(configs ?? {}));

test('no stream that a real broker made for a station has an unusual setting', () => {
  expect(recorded.length).toBeGreaterThan(30);
  for (const config of recorded) {
    expect(unusualSettings(config)).toEqual([]);
    expect(withUsualSettings(config)).toEqual(config);
  }
});

const named = (partition: number, change: object): StreamConfig => {
  const [usual] = recorded;
  if (usual === undefined) throw new Error('there is no recording');
  const name = `orders$${partition}`;
  return { ...usual, name, subjects: [`${name}.>`], ...change };
};

test('a setting is named with the partitions that have it, unless all have it', () => {
  const configs = [1, 2, 3, 4].map((partition) =>
    named(partition, { no_ack: true, ...(partition === 2 ? {} : { max_msg_size: 9 }) }),
  );
  expect(restorableSettings(configs)).toEqual(['max_msg_size = 9 (partitions 1, 3-4)', 'no_ack = true']);
});

test('what the server does not take back is kept in the configuration, and everything else is set back', () => {
  const config = named(1, { deny_purge: true, no_ack: true, discard: 'new', description: 'mine' });
  expect(permanentSettings([config])).toEqual(['deny_purge = true']);
  expect(withUsualSettings(config)).toEqual(named(1, { deny_purge: true }));
});

test('what newer servers show of settings that are off counts as usual, and so does what is not known', () => {
  const newer = { allow_msg_ttl: false, persist_mode: 'default', republish: null, sources: [], flux: 9 };
  const config = named(1, { ...newer, metadata: { '_nats.req.level': '0', team: 'a' } });
  expect(unusualSettings(config)).toEqual([]);
  expect(withUsualSettings(config)).toEqual(config);
});

test('a long value is shown with its beginning', () => {
  const [setting] = restorableSettings([named(1, { description: 'x'.repeat(4000) })]);
  expect(setting).toMatch(/^description = "x{119}…$/);
});

test('partitions are listed in ranges', () => {
  expect(partitionList([3])).toBe('partition 3');
  expect(partitionList([5, 1, 2, 3])).toBe('partitions 1-3, 5');
});
