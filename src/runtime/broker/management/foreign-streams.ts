import type { Msg } from 'nats';

import { errorText } from '../../../model/errors';
import { lowerCase } from '../../../model/names';
import type { BrokerContext } from '../objects/context';
import { Refusal } from '../objects/errors';
import type { StreamRequest } from '../objects/foreign-stations';
import { checkForeignStream, foreignStreamCreated, foreignStreamDeleted } from '../objects/foreign-stations';
import type { ForeignSender } from '../proxy';
import { asSent } from './sender';

/** What JetStream calls its replies. */
const replyTypes = {
  CREATE: 'io.nats.jetstream.api.v1.stream_create_response',
  DELETE: 'io.nats.jetstream.api.v1.stream_delete_response',
} as const;

/** The code that a Memphis broker gives its own refusals of streams. */
const REFUSED = 10049;

/**
 * `STREAM.CREATE` and `STREAM.DELETE` of the JetStream API from a client that is none of Memphis. The server does it; with
 * the stream a station comes or goes.
 */
export async function answerForeignStream(
  context: BrokerContext,
  sender: ForeignSender,
  subject: string,
  message: Msg,
): Promise<void> {
  const match = /^\$JS\.API\.(STREAM\.(CREATE|DELETE)\.([^.]+))$/.exec(subject);
  const [operation, verb, stream] = match?.slice(1) ?? [];
  if (operation === undefined || stream === undefined) return;
  const pass = (): Promise<Uint8Array> => context.jetstream.forward(operation, asSent(message));
  const change =
    verb === 'CREATE'
      ? () => createForeignStream(context, sender, message, pass)
      : () => removeForeignStream(context, sender, stream, pass);
  try {
    message.respond(await context.changes.runFor(lowerCase(stream), change));
  } catch (error) {
    // Without an answer the client runs into its own time-out, which is what happens when a server does not answer.
    context.log(`${operation} of a client that is none of Memphis failed: ${errorText(error)}`);
  }
}

async function createForeignStream(
  context: BrokerContext,
  sender: ForeignSender,
  message: Msg,
  pass: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const request = objectIn(message.data) as StreamRequest | undefined;
  // What is no request at all is for the server to refuse.
  if (request === undefined) return pass();
  try {
    checkForeignStream(request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const reply = {
      type: replyTypes.CREATE,
      error: { code: 500, err_code: REFUSED, description: error.message },
    };
    return Buffer.from(JSON.stringify(reply));
  }
  const reply = await pass();
  if (succeeded(reply, replyTypes.CREATE)) await foreignStreamCreated(context, sender, request);
  return reply;
}

async function removeForeignStream(
  context: BrokerContext,
  sender: ForeignSender,
  stream: string,
  pass: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const reply = await pass();
  if (succeeded(reply, replyTypes.DELETE)) await foreignStreamDeleted(context, sender, stream);
  return reply;
}

function succeeded(reply: Uint8Array, type: string): boolean {
  const body = objectIn(reply);
  return body?.type === type && body.error === undefined;
}

function objectIn(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
