/**
 * Requests of clients that are none of Memphis (their name has no `::`), and that a Memphis broker treats otherwise than
 * those of its own clients. A stock server tells nobody who sent a request, so the proxy writes it in front of the subject.
 */

/** What such a request is published under, in front of its own subject. */
export interface ForeignSender {
  /** The whole name that the client connected under; empty when it gave none. */
  readonly name: string;
  readonly username: string;
}

const FIRST_TOKEN = '$memphis_foreign';

/** Every such request, for a subscription. */
export const FOREIGN_REQUESTS = `${FIRST_TOKEN}.*.*.>`;

/** Subjects that the sender is written in front of: whole ones, and beginnings with one more token. */
const wholeSubjects = ['$memphis_producer_destructions', '$memphis_consumer_destructions'] as const;
const beginnings = ['$JS.API.STREAM.CREATE.', '$JS.API.STREAM.DELETE.'] as const;

/** What users with lists may publish, too: what they may send without the sender in front. */
export const foreignManagementSubjects = wholeSubjects.map((subject) => `${FIRST_TOKEN}.*.*.${subject}`);

// A control line has room for 4096 bytes, and a connection of such a name has no members anyway.
const MAX_NAME_BYTES = 1024;
/** Stands for an empty text, which a subject has no room for. */
const NOTHING = '-';

/** The tokens that tell the sender, with the dot behind them. */
export function foreignPrefix({ name, username }: ForeignSender): string {
  const token = (text: string): string =>
    text === '' ? NOTHING : `b${Buffer.from(text).subarray(0, MAX_NAME_BYTES).toString('base64url')}`;
  return `${FIRST_TOKEN}.${token(name)}.${token(username)}.`;
}

/** Takes a subject apart; undefined when it is none that the proxy makes. */
export function foreignRequest(
  subject: string,
): { readonly sender: ForeignSender; readonly subject: string } | undefined {
  const match = /^\$memphis_foreign\.(-|b[\w-]+)\.(-|b[\w-]+)\.(.+)$/.exec(subject);
  if (match === null) return undefined;
  const [name = '', username = '', inner = ''] = match.slice(1);
  const text = (token: string): string =>
    token === NOTHING ? '' : Buffer.from(token.slice(1), 'base64url').toString('utf8');
  return { sender: { name: text(name), username: text(username) }, subject: inner };
}

const longestBeginning = Math.max(...[...wholeSubjects, ...beginnings].map((text) => text.length));

/** True for the subject that ends where the first blank after `from` is, when its sender matters. */
export function needsSender(bytes: Buffer, from: number, end: number): boolean {
  // Most subjects are those of stations.
  if (bytes[from] !== 36) return false;
  const start = bytes.toString('latin1', from, Math.min(from + longestBeginning + 1, end));
  if (
    wholeSubjects.some((subject) => start.startsWith(subject) && /^[ \t]/.test(start.slice(subject.length)))
  )
    return true;
  const beginning = beginnings.find((text) => start.startsWith(text));
  if (beginning === undefined) return false;
  // Names with dots are no names of streams; a server knows no such request.
  const rest = bytes.toString('latin1', from + beginning.length, end);
  return /^[^. \t]+[ \t]/.test(rest);
}
