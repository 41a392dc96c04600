import { randomInt } from 'node:crypto';

import { partitionSubject } from '../../../model/names';
import { bool, int, string, stringMap, struct } from '../go/struct-decoder';
import { placesOf, streamOf } from '../jetstream/stream-names';
import { Refusal } from '../objects/errors';
import { bindBody } from './binding';
import type { Reply } from './reply';
import { ok } from './reply';
import type { Call, Route } from './route';
import { reads } from './route';
import { existingStation } from './station-routes';

/** One short message, as a user interface would send it to try a station. */
export const produceRoutes: readonly Route[] = [reads('/stations/produce', produce, 'POST')];

const MAX_CHARACTERS = 100;
const PRODUCER = 'UI';

const produceRequest = struct('models.ProduceSchema', {
  station_name: string,
  partition_number: int,
  message_payload: string,
  amount: int,
  message_headers: stringMap,
  bypass_schema: bool,
  data_format: string,
});

/** Nobody checks the schema, and nobody waits until the message is stored, as on a real broker. */
function produce({ context, body }: Call): Reply {
  const request = bindBody(
    produceRequest,
    { station_name: { required: true }, message_payload: { required: true }, amount: { required: true } },
    body,
  );
  const station = existingStation(context, request.station_name);
  if (request.amount !== 1) {
    throw new Refusal('amount of messages to produce has to be positive and not larger than 1');
  }
  if (Array.from(request.message_payload).length > MAX_CHARACTERS) {
    throw new Refusal(`max message payload length is ${MAX_CHARACTERS} characters`);
  }
  if (request.partition_number > 0) throw new Refusal("you can't produce to a specific partition");
  const sent = Object.entries(request.message_headers ?? {});
  for (const [name, value] of sent) checkHeader(name, value);
  const places = placesOf(station);
  const partition = places[randomInt(places.length)] ?? 1;
  const headers = new Map([...sent, ['$memphis_producedBy', PRODUCER], ['$memphis_connectionId', PRODUCER]]);
  const subject = partitionSubject(streamOf(station, partition));
  context.publish(subject, Buffer.from(request.message_payload), headers);
  return ok({});
}

/** @throws Refusal for what cannot go over the wire as a header; the words are ours. */
function checkHeader(name: string, value: string): void {
  if (!/^[!-9;-~]+$/.test(name)) {
    throw new Refusal(
      `header name ${JSON.stringify(name)} must be printable ASCII without blanks and colons`,
    );
  }
  if (/[\r\n]/.test(value)) throw new Refusal(`header ${name} must not contain line ends`);
}
