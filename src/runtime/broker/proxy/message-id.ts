const LF = 10;
const CR = 13;
const SPACE = 32;
const LETTER_M = 109;
const LETTER_N = 78;

const memphisName = Buffer.from('msg-id:');
const stockName = Buffer.from('Nats-Msg-Id:');

/** A piece of bytes to put into a header block, and where. */
export interface Insertion {
  /** Offset in the block. */
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * What makes a stock server drop duplicates of a message that carries the header of Memphis: `Nats-Msg-Id` with the same
 * value. It comes first in the block, because the server takes the first place where it finds the name.
 * @param from offset of the block (`NATS/1.0…` to the empty line) in `bytes`.
 * @returns undefined when there is nothing to add.
 */
export function messageIdInsertion(bytes: Buffer, from: number, to: number): Insertion | undefined {
  let firstLineEnd = -1;
  let idFrom = -1;
  let idTo = -1;
  for (let at = from; at < to; at++) {
    if (bytes[at] !== LF || bytes[at - 1] !== CR) continue;
    const line = at + 1;
    if (firstLineEnd < 0) firstLineEnd = line;
    else if (idFrom >= 0 && idTo < 0) idTo = at - 1;
    const first = bytes[line];
    if (first === LETTER_N && startsWith(bytes, line, to, stockName)) return undefined;
    if (idFrom < 0 && first === LETTER_M && startsWith(bytes, line, to, memphisName)) {
      idFrom = line + memphisName.length;
    }
  }
  if (idTo < 0) return undefined;
  while (bytes[idFrom] === SPACE) idFrom++;
  // An empty id is none.
  if (idFrom >= idTo) return undefined;
  const added = Buffer.concat([
    stockName,
    Buffer.from(' '),
    bytes.subarray(idFrom, idTo),
    Buffer.from('\r\n'),
  ]);
  return { at: firstLineEnd - from, bytes: added };
}

function startsWith(bytes: Buffer, at: number, end: number, start: Buffer): boolean {
  if (at + start.length > end) return false;
  for (let index = 0; index < start.length; index++) if (bytes[at + index] !== start[index]) return false;
  return true;
}
