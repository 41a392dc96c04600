import { resend, resendAll } from '../dead-letters/resend';
import { findDeadLetter, removeDeadLetters } from '../dead-letters/rows';
import { int, slice, string, struct } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import { ServerFailure } from '../objects/errors';
import type { DeadLetterRow, StationRow } from '../store/rows';
import { bindBody, bindQuery } from './binding';
import { deadLetterDetails } from './dead-letter-views';
import type { Reply } from './reply';
import { ok, panicked } from './reply';
import type { Call, Route } from './route';
import { changes, reads } from './route';
import { existingStation } from './station-routes';

/** Messages that nobody could process. They are listed in the overview of their station. */
export const deadLetterRoutes: readonly Route[] = [
  reads('/stations/getPoisonMessageJourney', getPoisonMessageJourney),
  reads('/asyncTasks/getAsyncTasks', getAsyncTasks),
  changes('POST', '/stations/resendPoisonMessages', resendPoisonMessages),
  changes('POST', '/stations/dropDlsMessages', dropDlsMessages),
];

/** A dead letter and its station; undefined when either is gone. */
export function deadLetterAndStation(
  context: BrokerContext,
  id: number,
): { readonly row: DeadLetterRow; readonly station: StationRow } | undefined {
  const row = findDeadLetter(context, id);
  const station = row && context.metadata.stations.get(row.stationId);
  return row === undefined || station === undefined ? undefined : { row, station };
}

async function getPoisonMessageJourney({ context, query }: Call): Promise<Reply> {
  const { message_id: id } = bindQuery({ message_id: 'number' }, { message_id: { required: true } }, query);
  const found = deadLetterAndStation(context, id);
  if (found === undefined) throw new ServerFailure(`there is no dead letter ${id}`);
  return ok(await deadLetterDetails(context, found.station, found.row));
}

/** A real broker recovers from a panic once all dead letters of a station have been sent again; there are no other tasks. */
function getAsyncTasks({ context }: Call): Reply {
  return context.resending.isKnown ? panicked : ok({ async_tasks: [] });
}

const resendRequest = struct('models.ResendPoisonMessagesSchema', {
  poison_message_ids: slice(int),
  station_name: string,
});

/** No ids at all mean all messages, which are then sent in the background. */
async function resendPoisonMessages({ context, body }: Call): Promise<Reply> {
  const request = bindBody(resendRequest, { poison_message_ids: { required: true } }, body);
  const station = existingStation(context, request.station_name);
  const ids = request.poison_message_ids ?? [];
  if (ids.length === 0) resendAll(context, station);
  for (const id of ids) {
    const row = findDeadLetter(context, id);
    if (row !== undefined) await resend(context, station, row);
  }
  return ok({});
}

const dropRequest = struct('models.DropDlsMessagesSchema', {
  dls_type: string,
  dls_message_ids: slice(int),
  station_name: string,
});

/** Only the ids count, as on a real broker. */
async function dropDlsMessages({ context, body }: Call): Promise<Reply> {
  const request = bindBody(
    dropRequest,
    { dls_type: { required: true }, dls_message_ids: { required: true }, station_name: { required: true } },
    body,
  );
  const rows = (request.dls_message_ids ?? []).flatMap((id) => findDeadLetter(context, id) ?? []);
  await removeDeadLetters(context, rows);
  return ok({});
}
