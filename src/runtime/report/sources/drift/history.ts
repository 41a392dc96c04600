import type { BrokerField } from '../../../../model/field';
import { brokerFields } from '../../../../model/field';
import { internalName } from '../../../../model/names';
import type { StationCreation, StationHistoryLine } from '../../../admin';
import type { DeclaredKind } from '../../../synthesised/declared-stack';
import type { Difference, HistoryEntry, ReportedObject } from '../../report';
import type { BrokerView } from './compare';
import { inParallel } from '../../../admin/batch';
import { driftKinds } from './kinds';

/** Of how many drifted objects the history is read: the broker answers each with the traffic of the station. */
const MOST_HISTORIES = 300;
const IN_FLIGHT = 8;

const notAsked: HistoryEntry = {
  what: `The broker was not asked who changed it, because more than ${MOST_HISTORIES} objects differ. Compare fewer (--stack, --ignore).`,
};

/** What the broker records of the traffic of a station; nobody changes anything by it. */
const traffic = /^(?:Producer|Consumer) /;
/** What it records of the schema that a station enforces. */
const attachment = /^Schema /;
const anything = /^/;

/** Adds who changed the drifted objects and when, as far as the broker recorded it. */
export async function withHistory(
  objects: readonly ReportedObject[],
  view: BrokerView,
): Promise<ReportedObject[]> {
  const drifted = objects.filter(
    ({ kind, status }) => status === 'changed' && ['station', 'enforcement'].includes(kind),
  );
  const read = new Map<ReportedObject, readonly HistoryEntry[]>();
  const first = drifted.slice(0, MOST_HISTORIES);
  await inParallel(
    first,
    async (object) => {
      read.set(object, await historyOf(object, view));
    },
    IN_FLIGHT,
  );
  for (const object of drifted.slice(MOST_HISTORIES)) read.set(object, [notAsked]);
  return objects.map((object) => {
    const history = read.get(object);
    return history === undefined ? object : { ...object, history: [...object.history, ...history] };
  });
}

async function historyOf(object: ReportedObject, { run, snapshot }: BrokerView): Promise<HistoryEntry[]> {
  const row = snapshot.stations.get(internalName(object.name))?.row;
  if (row === undefined) return [];
  const fields = new Map(brokerFields(driftKinds[object.kind as DeclaredKind].fields));
  const fromStreams = object.differences.filter(({ field }) => fields.get(field)?.read.from === 'stream');
  const [lines, details] = await Promise.all([
    run.admin.readStationHistory(row.name, row.partitions[0] ?? 1),
    fromStreams.length === 0 ? undefined : run.admin.readStation(row.name),
  ]);
  const concerned = object.kind === 'enforcement' ? attachment : anything;
  return [
    ...fromStreams.map((difference) => behindMemphis(difference, details?.creation)),
    ...object.differences.flatMap(({ field }) => unrecorded(field, fields.get(field))),
    ...lines.filter(({ what }) => !traffic.test(what) && concerned.test(what)).map(recorded),
  ];
}

/** Memphis records no change of the dead-letter settings. */
function unrecorded(field: string, definition: BrokerField | undefined): HistoryEntry[] {
  const by = definition !== undefined && 'update' in definition ? definition.update.by : '';
  const isUnrecorded = by === 'dlsConfiguration' || by === 'dlsStation';
  return isUnrecorded ? [{ what: `The broker does not record who changes ${field}.` }] : [];
}

/**
 * What is known of a value of the streams: nobody is recorded for changes of streams, but the broker keeps what the
 * station was created with.
 */
function behindMemphis({ field, live }: Difference, creation: StationCreation | undefined): HistoryEntry {
  const created = (creation as Readonly<Record<string, unknown>> | undefined)?.[field];
  if (created === live) {
    return { what: `${field} is still the value with which the station was created.` };
  }
  const was =
    created === undefined || created === '' ? '' : `, which was created with ${JSON.stringify(created)}`;
  return {
    what: `${field} was changed on the streams of the station${was}, behind Memphis's back. The broker does not record by whom.`,
  };
}

function recorded({ what, by, at }: StationHistoryLine): HistoryEntry {
  const entry = { what: what.endsWith('.') ? what : `${what}.` };
  return { ...entry, ...(at === '' ? {} : { at }), ...(by === '' ? {} : { by }) };
}
