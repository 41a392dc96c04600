import { encodeIndentedJson, encodeJson } from '../go/json-encode';

/** An HTTP reply, complete. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The browser must not show it to the page that asked. */
  readonly isRefused?: true;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** What every successful call answers. */
export function ok(body: object): Reply {
  return { status: 200, contentType: JSON_TYPE, body: encodeIndentedJson(body) };
}

/** What every other call answers: compact, with the reason under `message`. */
export function failure(status: number, message: string | readonly object[]): Reply {
  return { status, contentType: JSON_TYPE, body: encodeJson({ message }) };
}

export const unauthorized = failure(401, 'Unauthorized');
export const serverError = failure(500, 'Server error');

/** A recovered panic of a real broker. */
export const panicked: Reply = { status: 500, contentType: '', body: '' };

/** Thrown to end a call with that reply. */
export class ReplyError extends Error {
  constructor(readonly reply: Reply) {
    super(reply.body);
  }
}
