import { partitionSubject } from '../../../model/names';
import { streamOf } from '../jetstream/stream-names';
import type { BrokerContext } from '../objects/context';
import { Refusal } from '../objects/errors';
import { findMessage, ownHeaders } from '../objects/messages';
import { bindQuery } from './binding';
import { deadLetterAndStation } from './dead-letter-routes';
import { deadLetterDetails } from './dead-letter-views';
import type { Reply } from './reply';
import { ok } from './reply';
import type { Call, Route } from './route';
import { reads } from './route';
import { existingStation } from './station-routes';

/** Single messages. */
export const messageRoutes: readonly Route[] = [reads('/stations/getMessageDetails', getMessageDetails)];

/** What Go reads as true in a query. */
const goTrue: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

async function getMessageDetails({ context, query }: Call): Promise<Reply> {
  const request = bindQuery(
    {
      station_name: 'text',
      partition_number: 'number',
      message_seq: 'number',
      is_dls: 'text',
      message_id: 'number',
    },
    { station_name: { required: true }, partition_number: { required: true } },
    query,
  );
  if (goTrue.has(request.is_dls)) return deadLetter(context, request.message_id);
  const station = existingStation(context, request.station_name);
  const message = await findMessage(context, station, request.partition_number, request.message_seq);
  if (message === undefined) throw messageNotFound();
  const producer = message.headers?.get('$memphis_producedBy') ?? 'unknown';
  const isActive = context.metadata.producers
    .all()
    .some((row) => row.stationId === station.id && row.name === producer && row.isActive);
  // Here the broker counts the subject as part of the message, elsewhere it does not.
  const subject = partitionSubject(streamOf(station, message.partition));
  return ok({
    message_seq: message.seq,
    producer: { name: producer, is_active: isActive },
    poisoned_cgs: [],
    message: {
      time_sent: message.time,
      size: message.size + subject.length,
      data: message.data.toString('hex'),
      headers: message.headers === undefined ? null : ownHeaders(message.headers),
    },
  });
}

async function deadLetter(context: BrokerContext, id: number): Promise<Reply> {
  const found = deadLetterAndStation(context, id);
  if (found === undefined) throw messageNotFound();
  const details = await deadLetterDetails(context, found.station, found.row);
  return ok({ ...details, function_name: '' });
}

function messageNotFound(): Refusal {
  return new Refusal('The message was not found since it had probably already been deleted');
}
