import { MAX_MESSAGE_BYTES } from '../../../model/message-size';

/** How large a message may be where: bytes of headers and payload together. */
export interface SizeLimits {
  /** What clients may send. */
  readonly forClients: number;
  /** What a message may grow to by the header that the proxy adds. */
  readonly withAddedId: number;
  /** What the server takes at all. */
  readonly ofServer: number;
}

/**
 * What a server is set to take. It is more than clients may send, because a message of theirs still grows: by the header
 * that drops duplicates, and as a dead letter that is sent again or copied.
 */
export const SERVER_MAX_PAYLOAD = MAX_MESSAGE_BYTES + 64 * 1024;

/** What a dead letter gets: a handful of headers with names of stations and groups. */
const KEPT_FOR_DEAD_LETTERS = 4 * 1024;

/** @param ofServer what the server says of itself. */
export function sizeLimits(ofServer: number): SizeLimits {
  return {
    forClients: Math.min(MAX_MESSAGE_BYTES, ofServer),
    withAddedId: ofServer > MAX_MESSAGE_BYTES ? ofServer - KEPT_FOR_DEAD_LETTERS : ofServer,
    ofServer,
  };
}
