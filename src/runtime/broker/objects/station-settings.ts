import { lowerCase } from '../../../model/names';
import { Refusal } from './errors';

/** Checks and normalisation of station settings, shared by creation over NATS and over REST. */

export const DEFAULT_RETENTION = { type: 'message_age_sec', value: 3600 } as const;
const retentionTypes = ['message_age_sec', 'messages', 'bytes', 'ack_based'];
const storageTypes = ['file', 'memory'];

export const DEFAULT_IDEMPOTENCY_MS = 120_000;
const LEAST_IDEMPOTENCY_MS = 100;
const GREATEST_IDEMPOTENCY_MS = 86_400_000;

export function normaliseRetention(
  type: string,
  value: number,
): { readonly type: string; readonly value: number } {
  if (type === '') return DEFAULT_RETENTION;
  const lower = lowerCase(type);
  if (!retentionTypes.includes(lower)) {
    throw new Refusal(`retention type can be one of the following ${retentionTypes.join('/')}`);
  }
  return value <= 0 && lower !== 'ack_based' ? DEFAULT_RETENTION : { type: lower, value };
}

export function normaliseStorage(storage: string): string {
  if (storage === '') return 'file';
  const lower = lowerCase(storage);
  if (!storageTypes.includes(lower)) {
    throw new Refusal(`storage type can be one of the following ${storageTypes.join('/')}`);
  }
  return lower;
}

export function normaliseReplicas(replicas: number): number {
  if (replicas <= 1) return 1;
  return replicas <= 4 ? 3 : 5;
}

export function normaliseIdempotency(windowMs: number): number {
  if (windowMs <= 0) return DEFAULT_IDEMPOTENCY_MS;
  return Math.max(windowMs, LEAST_IDEMPOTENCY_MS);
}

export function checkIdempotency(windowMs: number, retentionType: string, retentionValue: number): void {
  if (windowMs > GREATEST_IDEMPOTENCY_MS) throw new Refusal('idempotency window can not exceed 24 hours');
  if (retentionType === 'message_age_sec' && windowMs > retentionValue * 1000) {
    throw new Refusal('idempotency window cannot be greater than the station retention');
  }
}
