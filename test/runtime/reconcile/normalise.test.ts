import fc from 'fast-check';
import { Retention } from '../../../src/model/retention';
import type { CanonicalStation } from '../../../src/model/station';
import { canonicalStation, effectiveReplicas } from '../../../src/model/station';
import { Storage } from '../../../src/model/storage';
import type { BrokerFacts, StreamConfig } from '../../../src/runtime/admin';
import type { LiveStation } from '../../../src/runtime/reconcile/station/live';
import { diffStation } from '../../../src/runtime/reconcile/station/plan';
import { normaliseStation } from '../../../src/runtime/reconcile/station/normalise';
import { sameConfig, streamConfigOf } from '../../../src/runtime/reconcile/station/stream-config';
import { legalStation } from '../../support/declarations';
import { many } from '../../support/random';

const facts = (stock: boolean): BrokerFacts => ({
  address: 'here:6666',
  restAddress: 'http://here:9000',
  username: 'root',
  usesToken: false,
  restUsername: 'root',
  serverVersion: '2.10.26',
  stock,
  clustered: false,
});

const bareConfig = (name: string, storage: 'file' | 'memory'): StreamConfig => ({
  name,
  subjects: [`${name}.>`],
  retention: 'limits',
  max_age: 0,
  max_msgs: -1,
  max_bytes: -1,
  storage,
  num_replicas: 1,
  duplicate_window: 120_000_000_000,
});

/** The station as a broker would hold it after the engine had applied the declaration to bare streams. */
function applied(station: CanonicalStation, stock: boolean): LiveStation {
  const storage = station.storageType === Storage.MEMORY ? 'memory' : 'file';
  const partitions = Array.from({ length: station.partitionsNumber }, (_, index) => index + 1);
  return {
    row: {
      id: 1,
      name: station.name,
      partitions,
      isNative: true,
      partitionsNumber: partitions.length,
      sendPoisonMsgToDls: station.sendPoisonMsgToDls,
      sendSchemaFailedMsgToDls: station.sendSchemaFailedMsgToDls,
      dlsStation: station.dlsStation,
      tags: station.tags ?? ['default'],
    },
    streams: partitions.map((partition) => ({
      config: streamConfigOf(bareConfig(`${station.name}$${partition}`, storage), station, facts(stock)),
      state: {
        messages: 0,
        bytes: 0,
        first_seq: 0,
        first_ts: '0001-01-01T00:00:00Z',
        last_seq: 0,
        consumer_count: 0,
      },
    })),
    missingPartitions: [],
    frozenPartitions: [],
  };
}

describe('normalise', () => {
  it('reads back what was applied: no phantom difference for any legal station, on stock and Memphis servers', () => {
    fc.assert(
      fc.property(legalStation, fc.boolean(), (declaration, stock) => {
        const station = canonicalStation(declaration);
        const live = applied(station, stock);
        expect(diffStation(normaliseStation(live, station), station)).toEqual({ kind: 'noop', fields: [] });
        for (const { config } of live.streams)
          expect(sameConfig(streamConfigOf(config, station, facts(stock)), config)).toBe(true);
      }),
      { numRuns: many(500) },
    );
  });

  const declared = canonicalStation({ name: 'orders', partitionsNumber: 3 });

  /** Changes one partition only, as a hand would. */
  const withPartition2 = (change: Partial<StreamConfig>): LiveStation => {
    const live = applied(declared, true);
    return {
      ...live,
      streams: live.streams.map((stream, index) =>
        index === 1 ? { ...stream, config: { ...stream.config, ...change } } : stream,
      ),
    };
  };

  it.each([
    ['a shorter retention', { max_age: 60_000_000_000 }, { retentionValue: 60 }],
    [
      'a second limit beside the declared one',
      { max_msgs: 10 },
      { retentionType: Retention.MESSAGES, retentionValue: 10 },
    ],
    [
      'a limit by size beside the declared one',
      { max_bytes: 99 },
      { retentionType: Retention.BYTES, retentionValue: 99 },
    ],
    ['no limit at all', { max_age: 0 }, { retentionValue: 0 }],
    [
      'retention by acknowledgement',
      { retention: 'interest' as const },
      { retentionType: Retention.ACK_BASED, retentionValue: 0 },
    ],
    ['part of a second of retention', { max_age: 1_500_000_000 }, { retentionValue: 1.5 }],
    ['another window', { duplicate_window: 1_000_000_000 }, { idempotencyWindowMs: 1000 }],
    [
      'the tiered-storage flag of a stock server',
      { metadata: { 'memphis.tiered': 'true' } },
      { tieredStorageEnabled: true },
    ],
    [
      'the tiered-storage flag of a Memphis server',
      { tiered_storage_enabled: true },
      { tieredStorageEnabled: true },
    ],
  ])('sees %s on one partition of three', (_, change, expected) => {
    const found = normaliseStation(withPartition2(change), declared);
    expect(found).toEqual({ ...declared, tags: ['default'], ...expected });
  });

  it('keeps metadata that others put on a stream', () => {
    const config = { ...bareConfig('orders$1', 'file'), metadata: { owner: 'somebody' } };
    const tiered = streamConfigOf(config, { ...declared, tieredStorageEnabled: true }, facts(true));
    expect(tiered.metadata).toEqual({ owner: 'somebody', 'memphis.tiered': 'true' });
    expect(streamConfigOf(tiered, declared, facts(true)).metadata).toEqual({ owner: 'somebody' });
  });
});

describe('diff', () => {
  const before = canonicalStation({ name: 'orders', tags: ['a'] });

  it.each([
    ['retention value', { retentionValue: 60, idempotencyWindowMs: 1000 }, 'update'],
    ['retention type', { retentionType: Retention.MESSAGES }, 'update'],
    ['dead-letter flag', { sendPoisonMsgToDls: false }, 'update'],
    ['dead-letter station', { dlsStation: 'dead' }, 'update'],
    ['tags', { tags: ['b'] }, 'update'],
    ['storage', { storageType: 'memory' }, 'replace'],
    ['partitions', { partitionsNumber: 2 }, 'replace'],
    ['name', { name: 'other' }, 'replace'],
    ['nothing', {}, 'noop'],
    ['tags left to the broker', { tags: undefined }, 'noop'],
  ])('a changed %s: %j is %s', (_, change, kind) => {
    expect(diffStation(before, { ...before, ...change } as CanonicalStation).kind).toBe(kind);
  });

  it('tells creation from deletion', () => {
    expect(diffStation(undefined, before).kind).toBe('create');
    expect(diffStation(before, undefined).kind).toBe('delete');
    expect(diffStation(undefined, undefined).kind).toBe('noop');
  });

  it('is empty exactly when two stations are the same', () => {
    fc.assert(
      fc.property(legalStation, legalStation, (a, b) => {
        const [x, y] = [canonicalStation({ tags: [], ...a }), canonicalStation({ tags: [], ...b })];
        expect(diffStation(x, y).kind === 'noop').toBe(
          JSON.stringify(sorted(x)) === JSON.stringify(sorted(y)),
        );
      }),
      { numRuns: many(300) },
    );
  });
});

function sorted(station: CanonicalStation): unknown {
  return Object.entries(station).sort(([a], [b]) => (a < b ? -1 : 1));
}

it('replicas are compared as the broker keeps them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), (replicas) => {
      const asked = canonicalStation({ name: 'a', replicas });
      const kept = canonicalStation({ name: 'a', replicas: effectiveReplicas(replicas) });
      expect(diffStation(kept, asked).kind).toBe('noop');
    }),
  );
});
