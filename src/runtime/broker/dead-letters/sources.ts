import { fromInternalName, parsePartitionStream } from '../../../model/names';
import { decodeStruct, int, int64, isDecodeError, string, stringMap, struct } from '../go/struct-decoder';
import type { Decoded, GoStruct, GoType } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import type { StationMessage } from '../objects/messages';
import { findMessage } from '../objects/messages';
import type { StationRow } from '../store/rows';
import { copyToDlsStation } from './copies';
import { acknowledge, addPoison, addRefused, hasBeenTold, setTold } from './rows';

/** What tells the broker of dead letters. Where a real one ends or hangs, a line in the log says so and nothing is kept. */

interface Advisory {
  readonly stream: string;
  readonly consumer: string;
  readonly stream_seq: number;
  readonly deliveries: number;
}

/** A group has got a message as often as it may. The server tells it when the group asks for more. */
export async function handleExhausted(context: BrokerContext, payload: Uint8Array): Promise<void> {
  const advisory = JSON.parse(Buffer.from(payload).toString('utf8')) as Advisory;
  const place = parsePartitionStream(advisory.stream);
  const station = place && context.metadata.stations.find(fromInternalName(place.internal));
  if (station?.dlsPoison !== true) return;
  const message = await findMessage(context, station, place?.partition ?? 0, advisory.stream_seq);
  if (message === undefined) return;
  const group = fromInternalName(advisory.consumer);
  if (!hasBeenTold(context, station, message, group)) {
    await poisoned(context, station, message, group, '');
    await setTold(context, station, message, group);
  }
  // So that the group need not think of it any more. On an ack_based station this would remove the message.
  if (station.retentionType !== 'ack_based') terminate(context, advisory);
}

function terminate(
  context: BrokerContext,
  { stream, consumer, stream_seq: seq, deliveries }: Advisory,
): void {
  context.publish(`$JS.ACK.${stream}.${consumer}.${deliveries}.${seq}.0.0.0`, Buffer.from('+TERM'));
}

const nacked = struct('models.NackedDlsMessage', {
  station_name: string,
  error: string,
  cg_name: string,
  seq: int,
  partition: int,
});

/** `$memphis_nacked_dls`: a consumer gave up on a message itself. The station comes by its internal name. */
export async function handleNacked(context: BrokerContext, payload: Uint8Array): Promise<void> {
  const request = decoded(context, nacked, payload, '$memphis_nacked_dls');
  if (request === undefined) return;
  const { station_name: name, partition, seq } = request;
  if (name.includes('.')) {
    ignored(context, `$memphis_nacked_dls names ${name} instead of its internal name`, 'stalls for 40 s');
    return;
  }
  if (partition === 0) {
    ignored(context, `$memphis_nacked_dls for ${name} without a partition`, 'ends');
    return;
  }
  const station = context.metadata.stations.find(fromInternalName(name));
  if (station?.dlsPoison !== true) return;
  const message = await findMessage(context, station, partition, seq);
  if (message === undefined) return;
  await poisoned(context, station, message, request.cg_name, request.error);
}

async function poisoned(
  context: BrokerContext,
  station: StationRow,
  message: StationMessage,
  group: string,
  reason: string,
): Promise<void> {
  if (message.headers?.get('$memphis_producedBy') === '$memphis_dls') return;
  // A group that the broker never heard of has no rows, but its copies are made. Any station may have the group.
  const isKnown = context.metadata.consumers
    .all()
    .some((row) => row.group === group && row.type === 'application');
  if (isKnown) await addPoison(context, station, message, group, reason);
  await copyToDlsStation(context, station, message, 'unacked');
}

const refusedMessage = struct('models.SchemaVerseDlsMessageSdk', {
  station_name: string,
  producer: struct('models.ProducerDetails', { name: string, connection_id: string }),
  message: struct('models.MessagePayload', { data: string, headers: stringMap }),
  validation_error: string,
  partition_number: int,
});

/** `$memphis_schemaverse_dls`: a producer refused a message that breaks the schema. */
export async function handleRefused(
  context: BrokerContext,
  payload: Uint8Array,
  number: number,
): Promise<void> {
  const request = decoded(context, refusedMessage, payload, '$memphis_schemaverse_dls');
  const station = request && context.metadata.stations.find(fromInternalName(request.station_name));
  if (request === undefined || station === undefined) return;
  const { data, headers } = request.message;
  if (!/^([0-9a-fA-F]{2})*$/.test(data)) {
    ignored(
      context,
      `$memphis_schemaverse_dls for ${station.name} with data that is not hex`,
      'keeps it 10 times',
    );
    return;
  }
  const message = {
    partition: request.partition_number,
    producer: request.producer.name,
    data: Buffer.from(data, 'hex'),
    headers: headers === undefined ? undefined : new Map(Object.entries(headers)),
    validationError: request.validation_error,
  };
  await addRefused(context, station, message, number);
  await copyToDlsStation(context, station, message, 'failed_schema');
}

const acknowledgement = struct('models.PmAckMsg', { id: int64, cg_name: string });

/** `$memphis_pm_acks`: a group has processed a message that was sent again. */
export async function handleAcknowledgement(context: BrokerContext, payload: Uint8Array): Promise<void> {
  const request = decoded(context, acknowledgement, payload, '$memphis_pm_acks');
  if (request !== undefined) await acknowledge(context, request.id, request.cg_name);
}

/** Nobody waits for an answer, so what cannot be read is only reported. */
function decoded<Fields extends Record<string, GoType>>(
  { log }: BrokerContext,
  type: GoStruct<Fields>,
  payload: Uint8Array,
  subject: string,
): Decoded<GoStruct<Fields>> | undefined {
  try {
    return decodeStruct(type, payload);
  } catch (error) {
    if (!isDecodeError(error)) throw error;
    log(`${subject}: a message is ignored: ${error.message}`);
    return undefined;
  }
}

function ignored({ log }: BrokerContext, what: string, realBroker: string): void {
  log(`${what} is ignored; a real broker ${realBroker}`);
}
