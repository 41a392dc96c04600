import { BrokerRefusedError, ConnectionError, ProtocolError } from '../../../model/errors';
import { explainRequestError, isTimeout } from '../../connection/request-error';
import { anything, parsed, recordOf } from '../../connection/shape';
import type { ClientConnection } from './client-connection';
import { refusalAdvice } from './refusal-advice';
import type { RequestOptions } from './request-options';

/** The time for one try of a request that creates or reads, as in the Memphis SDKs. */
export const CREATION_TIMEOUT_MS = 20_000;
/** The time for one try of a request that destroys. */
export const DESTRUCTION_TIMEOUT_MS = 5_000;

export interface ManagementRequest extends RequestOptions {
  readonly subject: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What is being done, for errors: `create station "orders"`. */
  readonly attempted: string;
  readonly timeoutMs: number;
}

export interface ManagementReply {
  readonly text: string;
  /** More than one means that the broker may have done the work more than once. */
  readonly tries: number;
}

/**
 * Sends a request of the management protocol and gives the text of the reply. Requests must not carry headers.
 * @throws the reason of the signal when that is aborted; nothing is sent from then on.
 */
async function send(
  connection: ClientConnection,
  { subject, body, attempted, timeoutMs, timeoutRetries = 5, signal }: ManagementRequest,
): Promise<ManagementReply> {
  const payload = JSON.stringify(body);
  for (let tries = 1; ; tries += 1) {
    await connection.ready(attempted, timeoutMs, signal);
    try {
      const reply = await connection.request(subject, payload, timeoutMs, signal);
      return { text: reply.string(), tries };
    } catch (error) {
      signal?.throwIfAborted();
      const mayNotHaveBeenHeard = isTimeout(error) || error instanceof ConnectionError;
      if (mayNotHaveBeenHeard && tries <= timeoutRetries && !connection.isClosed) continue;
      throw explainRequestError(error, attempted, `${tries} × ${timeoutMs} ms`);
    }
  }
}

/**
 * Sends a request whose reply is empty text on success and the broker's error text otherwise.
 * @param alsoSuccess texts that mean that the wanted state is there already.
 */
export async function sendForText(
  connection: ClientConnection,
  request: ManagementRequest,
  alsoSuccess?: RegExp,
): Promise<ManagementReply> {
  const reply = await send(connection, request);
  if (reply.text === '' || alsoSuccess?.test(reply.text) === true) return reply;
  throw refusal(request.attempted, reply.text);
}

/** Sends a request whose reply is a JSON object with a key `error`; some failures are plain text all the same. */
export async function sendForJson(
  connection: ClientConnection,
  request: ManagementRequest,
  alsoSuccess?: RegExp,
): Promise<ManagementReply & { readonly json: Readonly<Record<string, unknown>> }> {
  const reply = await send(connection, request);
  const json = jsonObject(reply.text, request);
  const { error } = json;
  if (error !== undefined && typeof error !== 'string') {
    throw new ProtocolError({
      attempted: request.attempted,
      found: 'the reply has an "error" that is not a string',
      next: 'Check that the address is a Memphis broker',
    });
  }
  if (error !== undefined && error !== '' && alsoSuccess?.test(error) !== true) {
    throw refusal(request.attempted, error);
  }
  return { ...reply, json };
}

/** @throws BrokerRefusedError for plain text, which is a failure; ProtocolError for JSON that was cut off. */
function jsonObject(
  reply: string,
  { attempted, subject }: ManagementRequest,
): Readonly<Record<string, unknown>> {
  if (reply === '') return {};
  if (!/^\s*[[{]/.test(reply)) throw refusal(attempted, reply);
  return parsed(reply, recordOf(anything), { attempted, from: `the reply to ${subject}` });
}

function refusal(attempted: string, text: string): BrokerRefusedError {
  return new BrokerRefusedError({ attempted, found: text, ...refusalAdvice(text) });
}
