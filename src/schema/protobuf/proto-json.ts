/**
 * A copy of a message object in which values that JSON does not know are written as proto-JSON wants them: bytes as
 * base64, bigint as text, numbers that are not finite by their names. Members without a value are left out.
 */
export function asProtoJson(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isLong(value)) return value.toString();
  if (Array.isArray(value)) return value.map(asProtoJson);
  if (value instanceof Map) return asProtoJson(Object.fromEntries(value));
  if (hasOwnJson(value)) return asProtoJson(value.toJSON());
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    // Not an assignment: that would swallow a member of the name __proto__.
    Object.defineProperty(copy, key, { value: asProtoJson(member), enumerable: true, configurable: true });
  }
  return copy;
}

/** A 64-bit number as the package `long` makes it, which protobufjs uses. */
interface Long {
  readonly __isLong__: true;
  toString(): string;
}

function isLong(value: object): value is Long {
  return (value as Partial<Long>).__isLong__ === true;
}

function hasOwnJson(value: object): value is { toJSON(): unknown } {
  return typeof (value as { readonly toJSON?: unknown }).toJSON === 'function';
}
