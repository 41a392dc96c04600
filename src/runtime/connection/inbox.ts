import { randomBytes } from 'node:crypto';

/** The begin of subjects that nobody else knows, and so nobody else answers to. What is added to it tells replies apart. */
export function newInbox(): string {
  return `_INBOX.${randomBytes(9).toString('base64url')}.`;
}
