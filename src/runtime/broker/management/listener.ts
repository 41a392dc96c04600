import type { Msg, NatsConnection } from 'nats';

import { MANAGEMENT_SUBJECTS } from './subjects';
import type { BrokerContext } from '../objects/context';
import { FOREIGN_REQUESTS, foreignRequest } from '../proxy';
import * as consumerRequests from './consumer-requests';
import { answerForeignStream } from './foreign-streams';
import * as producerRequests from './producer-requests';
import { errorReplyText } from './reply-text';
import type { Sender } from './sender';
import { hasOwnHeaders, serverUserOf } from './sender';
import * as schemaRequests from './schema-requests';
import * as stationRequests from './station-requests';

/** Answers one kind of request: one text, or several in this order. */
type Handler = (
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
) => Promise<string | readonly string[]>;

const handlers: Readonly<Record<(typeof MANAGEMENT_SUBJECTS)[number], Handler>> = {
  $memphis_station_creations: stationRequests.onStationCreation,
  $memphis_station_destructions: stationRequests.onStationDestruction,
  $memphis_producer_creations: producerRequests.onProducerCreation,
  $memphis_producer_destructions: producerRequests.onProducerDestruction,
  $memphis_consumer_creations: consumerRequests.onConsumerCreation,
  $memphis_consumer_destructions: consumerRequests.onConsumerDestruction,
  $memphis_schema_creations: schemaRequests.onSchemaCreation,
  $memphis_schema_attachments: schemaRequests.onSchemaAttachment,
  $memphis_schema_detachments: schemaRequests.onSchemaDetachment,
};

/** Requests that may touch one object alone, with what tells which one that is. */
const onlyObject: Readonly<Record<string, ((payload: Uint8Array) => string | undefined) | undefined>> = {
  $memphis_station_creations: stationRequests.stationInPayload,
};

/**
 * Serves the management protocol that Memphis clients speak over NATS.
 * @param connection to the account that the server brings these requests to.
 */
export function serveManagement(connection: NatsConnection, context: BrokerContext): void {
  for (const subject of MANAGEMENT_SUBJECTS) {
    connection.subscribe(subject, {
      queue: `${subject.slice(1)}_listeners_group`,
      callback: (error, message) => {
        if (error === null)
          void answerRequest(context, subject, handlers[subject], message, senderIn(context, message));
      },
    });
  }
  connection.subscribe(FOREIGN_REQUESTS, {
    callback: (error, message) => {
      if (error === null) void answerForeign(context, message);
    },
  });
}

function senderIn({ mode, metadata, serverUsers }: BrokerContext, message: Msg): Sender {
  const username = serverUsers.usernameOf(serverUserOf(message));
  const mayActForAll = mode.connectionToken !== '' || metadata.users.find(username)?.type === 'root';
  return { connection: undefined, username: mayActForAll ? undefined : username };
}

/** A request of a client that is none of Memphis, with the sender in front of its subject. */
async function answerForeign(context: BrokerContext, message: Msg): Promise<void> {
  const request = foreignRequest(message.subject);
  if (request === undefined) return;
  const { username } = senderIn(context, message);
  // On the direct port a client may write anybody in front.
  const sender = { ...request.sender, ...(username === undefined ? {} : { username }) };
  const handler = isManagement(request.subject) ? handlers[request.subject] : undefined;
  if (handler === undefined) return answerForeignStream(context, sender, request.subject, message);
  return answerRequest(context, request.subject, handler, message, { connection: sender.name, username });
}

function isManagement(subject: string): subject is keyof typeof handlers {
  return Object.hasOwn(handlers, subject);
}

async function answerRequest(
  context: BrokerContext,
  subject: string,
  handler: Handler,
  message: Msg,
  sender: Sender,
): Promise<void> {
  const payload = payloadOf(message);
  const change = async (): Promise<string | readonly string[]> => handler(context, payload, sender);
  const replies = await context.changes
    .runFor(onlyObject[subject]?.(payload), change)
    .catch((error: unknown) => errorReplyText(context, error));
  // A connection that closes meanwhile takes the answer with it; the client asks again.
  for (const reply of typeof replies === 'string' ? [replies] : replies) message.respond(reply);
}

// A broker decodes headers and payload as one text, so a request with headers always fails at its first letter.
const headerBlock = Buffer.from('NATS/1.0');

function payloadOf(message: Msg): Uint8Array {
  return hasOwnHeaders(message) ? headerBlock : message.data;
}
