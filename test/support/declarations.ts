import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Retention } from '../../src/model/retention';
import type { CanonicalStation, StationDeclaration } from '../../src/model/station';
import { canonicalStation } from '../../src/model/station';
import { Storage } from '../../src/model/storage';

const retention = fc.oneof(
  fc.record({
    retentionType: fc.constant(Retention.MAX_MESSAGE_AGE_SECONDS),
    retentionValue: fc.integer({ min: 200, max: 1_000_000 }),
    idempotencyWindowMs: fc.integer({ min: 100, max: 200_000 }),
  }),
  fc.record({
    retentionType: fc.constantFrom(Retention.MESSAGES, Retention.BYTES),
    retentionValue: fc.integer({ min: 1, max: 2_147_483_647 }),
    idempotencyWindowMs: fc.integer({ min: 100, max: 86_400_000 }),
  }),
  fc.record({
    retentionType: fc.constant(Retention.ACK_BASED),
    idempotencyWindowMs: fc.integer({ min: 100, max: 86_400_000 }),
  }),
  fc.record({}),
);

const others = fc.record(
  {
    storageType: fc.constantFrom(Storage.DISK, Storage.MEMORY),
    partitionsNumber: fc.integer({ min: 1, max: 3 }),
    sendPoisonMsgToDls: fc.boolean(),
    sendSchemaFailedMsgToDls: fc.boolean(),
    tieredStorageEnabled: fc.boolean(),
    tags: fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9 :=]{1,10}$/), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

/** Any station that a single broker can have; the name is `name` unless another is put in. */
export const legalStation: fc.Arbitrary<StationDeclaration> = fc
  .tuple(retention, others)
  .map(([limits, rest]) => ({ name: 'name', ...limits, ...rest }));

/** A station of which only the name matters. */
export function named(name: string): CanonicalStation {
  return canonicalStation({ name });
}

/** A name that nothing else on a shared broker has. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}
