import { BrokerRefusedError, NotFoundError, UnsafeRequestError } from '../../../model/errors';
import { clauses } from '../../../model/error-text';
import { partitionStream, partitionSubject } from '../../../model/names';
import type { CanonicalStation } from '../../../model/station';
import { brokerStationFields } from '../../../model/station';
import type { CallWriter } from '../../../model/station-field';
import type { ConsumerInfo } from '../../../model/stream';
import type { Admin, StationDetails, StreamInfo } from '../../admin';
import { refuseMissingDlsStation } from '../../admin/unsafe-requests';
import type { Permissions } from '../kind';
import { isAnother } from '../ownership';
import type { Run } from '../run';
import type { LiveStation } from './live';
import { liveStation, observeStation } from './live';
import { lossOfUpdate, messageLossError } from './message-loss';
import { normaliseStation } from './normalise';
import { canDropMessages, diffStation } from './plan';
import { refuseFinalSettings } from './repair';
import { sameConfig, streamConfigOf } from './stream-config';

/**
 * Brings a station to what is declared, in place: the streams one by one, then what REST writes. Every step may be
 * repeated, so the next run continues an interrupted update.
 *
 * Requests: 2 + 1 for each partition, + 1 for each partition and each call that has something to change, + 1 after calls.
 * @param uid the broker's id of the station that is meant; one of that name with another id is managed elsewhere
 * @throws MessageLossError when stored messages would be dropped without permission; nothing is changed then.
 */
export async function updateStation(
  run: Run,
  station: CanonicalStation,
  permissions: Pick<Permissions, 'allowMessageLoss'>,
  uid?: string,
): Promise<LiveStation> {
  const { admin } = run;
  const attempted = `update station "${station.name}"`;
  const live = await stationOrNotFound(admin, station, attempted);
  if (isAnother(uid, live.row.id)) throw missingStation(attempted);
  const change = diffStation(normaliseStation(live, station), station);
  const replaced = change.fields.find((field) => field.change.how === 'replace');
  if (replaced !== undefined) {
    throw new UnsafeRequestError({
      attempted,
      found: `${replaced.field} is ${String(replaced.before)} on the broker now and cannot become ${String(replaced.after)} in place`,
      next: 'The station changed since the plan was made; deploy again to make a new plan',
    });
  }
  refuseFinalSettings(station.name, live.streams);
  const loss = canDropMessages(change) ? await lossOfUpdate(admin, live, station) : undefined;
  if (loss !== undefined && !permissions.allowMessageLoss) throw messageLossError(station.name, loss);
  if (station.dlsStation !== live.row.dlsStation) await refuseMissingDlsStation(admin, station);
  return verified(await writeDifferences(run, live, station), station, attempted);
}

/** Writes whatever differs, and only that. @returns the station as it is afterwards */
export async function writeDifferences(
  run: Run,
  live: LiveStation,
  station: CanonicalStation,
): Promise<LiveStation> {
  const streams = await updateStreams(run.admin, live, station);
  const hasChangedRow = await updateRow(run, live.row, station);
  const row = hasChangedRow ? await run.admin.readStation(station.name) : live.row;
  if (row === undefined) throw missingStation(`update station "${station.name}"`);
  return liveStation(row, streams);
}

/** @returns the streams as the server says that they are now */
async function updateStreams(
  admin: Admin,
  live: LiveStation,
  station: CanonicalStation,
): Promise<StreamInfo[]> {
  const streams: StreamInfo[] = [];
  for (const stream of live.streams) {
    const wanted = streamConfigOf(stream.config, station, admin.facts);
    streams.push(sameConfig(stream.config, wanted) ? stream : await admin.updateStream(wanted));
  }
  // A partition whose stream is gone refuses its share of the messages; it comes back empty, like its siblings otherwise.
  const sibling = live.streams[0];
  if (sibling === undefined || live.missingPartitions.length === 0) return streams;
  const groups = await admin.listConsumers(sibling.config.name);
  for (const partition of live.missingPartitions) {
    const name = partitionStream(station.name, partition);
    streams.push(await admin.createStream(streamConfigOf({ ...sibling.config, name }, station, admin.facts)));
    for (const group of groups) await recreateGroup(admin, sibling.config.name, group, name);
  }
  return streams;
}

/**
 * Makes a consumer group on a recreated partition: the broker makes it on none that a group of that name has reached
 * before. It reads the partition from the beginning, wherever it began on the others.
 */
async function recreateGroup(
  admin: Admin,
  sibling: string,
  { config }: ConsumerInfo,
  stream: string,
): Promise<void> {
  if (config?.durable_name === undefined || config.durable_name.startsWith('$memphis')) return;
  const { opt_start_seq, opt_start_time, ...kept } = config;
  const isOfPartition = config.filter_subject === partitionSubject(sibling);
  const filter = isOfPartition ? { filter_subject: partitionSubject(stream) } : {};
  await admin.createConsumer(stream, { ...kept, ...filter, deliver_policy: 'all' });
}

/** Each call that writes fields of the table; it gets the row as it is and the station as it should be. */
const rowCalls: Readonly<
  Record<CallWriter['by'], (run: Run, row: StationDetails, station: CanonicalStation) => Promise<void>>
> = {
  dlsConfiguration: ({ admin }, { name }, station) => admin.setDlsConfiguration(name, station),
  dlsStation: async ({ admin, links }, { name, dlsStation: before }, { dlsStation }) => {
    if (dlsStation === '') await admin.detachDlsStation(name, before);
    else await admin.attachDlsStation(name, dlsStation);
    links.dlsStationSet(name, dlsStation);
  },
  tags: async ({ admin }, { name, tags: has }, { tags: wanted = [] }) => {
    const missing = wanted.filter((tag) => !has.includes(tag));
    if (missing.length > 0) await admin.addStationTags(name, missing);
    for (const tag of has.filter((candidate) => !wanted.includes(candidate))) {
      await admin.removeStationTag(name, tag);
    }
  },
};

async function updateRow(run: Run, row: StationDetails, station: CanonicalStation): Promise<boolean> {
  const { fields } = diffStation({ ...station, ...row }, station);
  const changed = new Set(fields.map(({ field }) => field));
  const needed = brokerStationFields.flatMap(([name, field]) =>
    changed.has(name) && 'update' in field && field.update.by !== 'stream' ? [field.update.by] : [],
  );
  for (const call of new Set(needed)) await rowCalls[call](run, row, station);
  return needed.length > 0;
}

async function stationOrNotFound(
  admin: Admin,
  { name, partitionsNumber }: CanonicalStation,
  attempted: string,
): Promise<LiveStation> {
  const live = await observeStation(admin, name, partitionsNumber);
  if (live === undefined) throw missingStation(attempted);
  return live;
}

/** What the broker says is believed, not what was sent: some of its successes changed nothing. */
export function verified(live: LiveStation, station: CanonicalStation, attempted: string): LiveStation {
  const difference = diffStation(normaliseStation(live, station), station);
  const wrong = difference.fields.map(
    (field) => `${field.field} is ${shown(field.before)} instead of ${shown(field.after)}`,
  );
  if (live.missingPartitions.length > 0)
    wrong.push(`partition ${live.missingPartitions.join(', ')} has no stream`);
  if (wrong.length === 0) return live;
  throw new BrokerRefusedError({
    attempted,
    found: `the broker reported success, but afterwards ${clauses(wrong)}`,
    next: "Deploy again; if the problem persists, check the broker's log",
  });
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

export function missingStation(attempted: string): NotFoundError {
  return new NotFoundError({
    attempted,
    found: 'the broker has no such station (any more)',
    next: 'Deploy again; the next plan recreates it',
  });
}
