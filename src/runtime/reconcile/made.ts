import { createHash } from 'node:crypto';
import type { Creation, LedgerRecord } from '../admin';

/** What an object that is there shows of its creation. */
export interface Made extends Creation {
  /** A digest of the settings it was created with. */
  readonly settings: string;
}

/** The digest of the settings of a creation, in a form that requests and objects have in common. */
export function digestOf(settings: object): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('base64url');
}

/** How far apart the clocks of the servers of a cluster may be. */
const CLOCK_DIFFERENCE_MS = 5_000;

/** How long after the request a broker may still create: one with 10,000 partitions takes minutes. */
const LONGEST_CREATION_MS = 5 * 60_000;

function msAfter(storedAt: string | undefined, at: string | undefined): number {
  return Date.parse(at ?? '') - Date.parse(storedAt ?? '');
}

/** True when something was created in the time of the request that a pending record is about. */
export function isOfRun({ storedAt }: LedgerRecord, at: string | undefined): boolean {
  const after = msAfter(storedAt, at);
  return after >= -CLOCK_DIFFERENCE_MS && after <= LONGEST_CREATION_MS;
}

/**
 * True when the creation that a pending record is about must have ended by that time, in milliseconds since 1970, whatever
 * the clocks say.
 */
export function isOverBy({ storedAt }: LedgerRecord, time: number): boolean {
  return Date.parse(storedAt ?? '') < time - CLOCK_DIFFERENCE_MS - LONGEST_CREATION_MS;
}

/**
 * Says why an object cannot be what a pending record asked for: another user made it, or at another time, or with other
 * settings.
 * @returns undefined when everything fits, which is all the proof that a broker gives.
 */
export function whyNotMadeBy(
  { request, storedAt }: LedgerRecord,
  made: Made | undefined,
): string | undefined {
  const after = msAfter(storedAt, made?.at);
  if (request === undefined || made === undefined || Number.isNaN(after))
    return 'the broker does not tell how it was created';
  // The name of a user that was removed meanwhile.
  if (![request.by, `${request.by}(deleted)`].includes(made.by))
    return `user "${made.by}" created it, not "${request.by}"`;
  if (after < -CLOCK_DIFFERENCE_MS) return `it was created before that run, at ${made.at}`;
  if (after > LONGEST_CREATION_MS) return `it was created long after that run, at ${made.at}`;
  return request.settings === made.settings ? undefined : 'it was created with other settings';
}
