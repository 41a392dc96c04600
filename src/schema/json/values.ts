/** Comparisons of JSON values. */

/** Text that two JSON values have in common when they are equal, and only then. */
export function identityOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value === 0 ? 0 : value);
  if (Array.isArray(value)) return `[${value.map(identityOf).join()}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${identityOf(member)}`).join()}}`;
}

/** The first two places of an array with equal items, the later one first. */
export function duplicateItems(items: readonly unknown[]): readonly [number, number] | undefined {
  const places = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const identity = identityOf(item);
    const earlier = places.get(identity);
    if (earlier !== undefined) return [index, earlier];
    places.set(identity, index);
  }
  return undefined;
}

/** Whether a number is a multiple of another, as decimal numbers: 19.99 is one of 0.01. */
export function isMultiple(value: number, of: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(of)) return value % of === 0;
  // A number too large for JavaScript reads as infinite.
  if (!Number.isFinite(value) || !Number.isFinite(of)) return value === 0;
  const [digits, power] = decimal(value);
  const [ofDigits, ofPower] = decimal(of);
  if (ofDigits === 0n) return digits === 0n;
  const shift = power - ofPower;
  return shift >= 0
    ? (digits * 10n ** BigInt(shift)) % ofDigits === 0n
    : digits % (ofDigits * 10n ** BigInt(-shift)) === 0n;
}

/** A number as digits and a power of ten. */
function decimal(value: number): readonly [digits: bigint, power: number] {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return [BigInt(whole + fraction), Number(exponent) - fraction.length];
}

/** Number of characters, not of UTF-16 units. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(at + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}
