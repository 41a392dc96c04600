import { BrokerRefusedError, NotFoundError, ProtocolError } from '../../../model/errors';
import { apiRefusal, refusalText } from '../../connection/jetstream-requests';
import { refusalAdvice } from '../connection/refusal-advice';
import { count, flag, nullable, object, optional, parsed, text } from '../../connection/shape';

/** The broker's word that it has stored a message. */
export interface PublishAck {
  /** Sequence in the partition. */
  readonly sequence: number;
  /** True when the message had been stored before, under the same message id; `sequence` is that of the first. */
  readonly duplicate: boolean;
}

const BEGIN = Buffer.from('{"stream":"');
const SEQUENCE = Buffer.from('"seq":');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BLANK = 0x20;
const COMMA = 0x2c;
const END = 0x7d;
/** A number of so many digits is exact. */
const MOST_DIGITS = 15;

/** Reads the reply to a published message: where it was stored, or why not. */
export function readPublishAck(bytes: Uint8Array, attempted: string): PublishAck | Error {
  const sequence = usualSequence(bytes);
  if (sequence !== undefined) return { sequence, duplicate: false };
  return readJson(Buffer.from(bytes).toString(), attempted);
}

/**
 * The sequence in an ack as the server writes nearly all of them, `{"stream":"<name>", "seq":<number>}`, read from its
 * end without making a text of it; undefined for everything else.
 */
function usualSequence(bytes: Uint8Array): number | undefined {
  let at = bytes.length - 1;
  if (bytes[at] !== END) return undefined;
  let sequence = 0;
  let unit = 1;
  const least = at - MOST_DIGITS;
  for (at -= 1; at >= least; at -= 1) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    sequence += digit * unit;
    unit *= 10;
  }
  if (unit === 1) return undefined;
  at -= SEQUENCE.length - 1;
  if (!holds(bytes, at, SEQUENCE) || !holds(bytes, 0, BEGIN)) return undefined;
  if (bytes[at - 1] === BLANK) at -= 1;
  if (bytes[at - 1] !== COMMA || bytes[at - 2] !== QUOTE) return undefined;
  for (let place = BEGIN.length; place < at - 2; place += 1) {
    if (bytes[place] === QUOTE || bytes[place] === BACKSLASH) return undefined;
  }
  return sequence;
}

function holds(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    if (bytes[from + index] !== wanted[index]) return false;
  }
  return true;
}

/** The acknowledgement of a stored message, or the refusal. */
const acknowledgement = object({
  stream: optional(text),
  seq: optional(count),
  duplicate: optional(flag),
  error: optional(nullable(apiRefusal)),
});

function readJson(json: string, attempted: string): PublishAck | Error {
  const origin = { attempted, from: 'the acknowledgement' };
  try {
    const { error, stream, seq, duplicate } = parsed(json, acknowledgement, origin);
    if (error !== undefined && error !== null) {
      const found = refusalText(error);
      return new BrokerRefusedError({ attempted, found, ...refusalAdvice(found) });
    }
    if (stream !== undefined && isExact(seq)) return { sequence: seq, duplicate: duplicate === true };
    return new ProtocolError({
      attempted,
      found: 'the acknowledgement names no stream and sequence',
      next: 'Check that the address is a Memphis broker',
    });
  } catch (error) {
    return error as Error;
  }
}

function isExact(value: number | undefined): value is number {
  return Number.isSafeInteger(value);
}

/** Nobody takes messages of this subject: the station is gone. */
export function stationGone(attempted: string): NotFoundError {
  return new NotFoundError({
    attempted,
    found: 'Produce operation has failed, please check whether Station/Producer still exist',
    next: 'Nothing takes messages of this partition (503); create the station again, then the producer',
  });
}
