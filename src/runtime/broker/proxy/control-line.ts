/** How the lines of the NATS protocol that are no payload are read, from bytes and without making text of them. */

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const ZERO = 48;
const NINE = 57;

/** What stands between a payload and the next line. */
export const CRLF_LENGTH = 2;

/** A whole number in a line, and where it starts; its value is -1 when it is none. */
export interface LineNumber {
  readonly value: number;
  readonly start: number;
}

/** Where the line ends that begins at `from`; -1 when its end has not come yet. */
export function lineEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] === LF) return at;
  return -1;
}

/** Whether a line begins with that name and a blank. Letter case does not matter to a server. */
export function beginsWith(bytes: Buffer, at: number, end: number, name: string): boolean {
  if (at + name.length >= end) return false;
  for (let index = 0; index < name.length; index++) {
    if (upper(bytes[at + index]) !== name.charCodeAt(index)) return false;
  }
  return isBlank(bytes[at + name.length]);
}

export function upper(byte: number | undefined): number {
  return byte === undefined ? 0 : byte >= 97 && byte <= 122 ? byte - 32 : byte;
}

/** The last word before `end` as a number. */
export function lastNumber(bytes: Buffer, from: number, end: number): LineNumber {
  let at = end;
  while (at > from && (isBlank(bytes[at - 1]) || bytes[at - 1] === CR)) at--;
  let value = 0;
  let factor = 1;
  const last = at;
  for (; at > from && !isBlank(bytes[at - 1]); at--) {
    const digit = bytes[at - 1] ?? 0;
    if (digit < ZERO || digit > NINE || last - at > 10) return { value: -1, start: at };
    value += (digit - ZERO) * factor;
    factor *= 10;
  }
  return { value: at === last ? -1 : value, start: at };
}

export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}
