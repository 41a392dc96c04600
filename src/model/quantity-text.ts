/** Sizes and times as people read them. */

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `512 B`, `1.5 MiB` */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit] ?? ''}`;
}

const TIME_UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const;

/** Seconds in the largest unit that they fill without a rest: `7 d`, `90 min`, `61 s`. */
export function secondsText(seconds: number): string {
  const unit = TIME_UNITS.find(([size]) => seconds >= size && seconds % size === 0);
  return unit === undefined ? `${seconds} s` : `${seconds / unit[0]} ${unit[1]}`;
}

/** Milliseconds in the same way: `2 min`, `1500 ms`. */
function millisecondsText(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? secondsText(milliseconds / 1000) : `${milliseconds} ms`;
}

/**
 * A value in the words of people: `3600` in seconds is `1 h`. Undefined where they would say no more than the number.
 * @param unit as the tables of the model name it
 */
export function quantityText(value: unknown, unit: string | undefined): string | undefined {
  if (typeof value !== 'number' || value === 0) return undefined;
  if (unit === 'seconds') return secondsText(value);
  if (unit === 'milliseconds') return millisecondsText(value);
  if (unit?.startsWith('bytes')) return bytesText(value);
  return unit?.startsWith('messages') === true
    ? `${countText(value)} message${value === 1 ? '' : 's'}`
    : undefined;
}

const numbers = new Intl.NumberFormat('en-US');

/** `1,204` */
export function countText(count: number): string {
  return numbers.format(count);
}
