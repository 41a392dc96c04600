import { randomBytes } from 'node:crypto';
import { ValidationError } from '../../model/errors';

/** Servers end a connection whose commands are longer than 4096 bytes, all in all. */
const MOST_BYTES = 2_000;

/**
 * A subject, as it may go over the wire: the NATS client does not look, and what comes after a blank or a line end would be
 * a command of its own.
 * @throws ValidationError
 */
export function checkedSubject(subject: string, attempted: string): string {
  const isOne = /^[!-~\x80-\u{10ffff}]+$/u.test(subject) && Buffer.byteLength(subject) <= MOST_BYTES;
  if (isOne) return subject;
  throw new ValidationError(attempted, [
    `${JSON.stringify(subject.slice(0, 80))} is not a valid subject; it must be a string without blanks of 1 to ${MOST_BYTES} bytes`,
  ]);
}

/**
 * Returns the start of subjects that nobody else knows, and so nobody else answers to. What the caller appends tells replies
 * apart.
 */
export function newInbox(): string {
  return `_INBOX.${randomBytes(9).toString('base64url')}.`;
}
