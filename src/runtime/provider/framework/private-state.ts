import type { Private } from './resource';

/** Private state as the bytes that Terraform stores; an empty one is no bytes. */
export function encodePrivate(state: Private): Uint8Array {
  return Object.keys(state).length === 0 ? new Uint8Array(0) : Buffer.from(JSON.stringify(state));
}

/** Private state from stored bytes. Bytes of somebody else (a moved object) count as none. */
export function decodePrivate(bytes: Uint8Array): Private {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Private) : {};
  } catch {
    return {};
  }
}
