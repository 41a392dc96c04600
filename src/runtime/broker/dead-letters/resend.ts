import { errorText } from '../../../model/errors';
import { internalName } from '../../../model/names';
import type { BrokerContext } from '../objects/context';
import type { DeadLetterRow, StationRow } from '../store/rows';
import { deadLettersOf, findDeadLetter } from './rows';

/** Sends a dead letter again to every group that gave up on it. Who does not listen does not get it; the row stays. */
export async function resend(context: BrokerContext, station: StationRow, row: DeadLetterRow): Promise<void> {
  const content = row.groups.length === 0 ? undefined : await context.deadLetterContents.get(row.contentKey);
  if (content === undefined) return;
  for (const group of row.groups) {
    const headers = new Map([
      ...(content.headers ?? []),
      ['$memphis_pm_id', String(row.id)],
      ['$memphis_pm_cg_name', group],
      ['$memphis_producedBy', '$memphis_dls'],
    ]);
    headers.delete('producedBy');
    // Newer clients listen to the first, older ones to the second.
    for (const separator of ['.', '_']) {
      const subject = `$memphis_dls_${internalName(station.name)}${separator}${internalName(group)}`;
      try {
        context.publish(subject, content.data, headers);
      } catch (error) {
        context.log(`dead letter ${row.id} of ${station.name} was not sent again: ${errorText(error)}`);
      }
    }
  }
}

/** Sends all poison messages of a station again, oldest first, in the background. */
export function resendAll(context: BrokerContext, station: StationRow): void {
  const { resending, log } = context;
  const ids = deadLettersOf(context, station).flatMap((row) => (row.type === 'poison' ? [row.id] : []));
  const run = async (): Promise<void> => {
    for (const id of ids) {
      // Acknowledged or dropped meanwhile.
      const row = findDeadLetter(context, id);
      if (row !== undefined) await resend(context, station, row);
    }
  };
  resending.begin(station.id);
  void run()
    .catch((error: unknown) =>
      log(`sending all dead letters of ${station.name} again failed: ${errorText(error)}`),
    )
    .finally(() => resending.end(station.id));
}
