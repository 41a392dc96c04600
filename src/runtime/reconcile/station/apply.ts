import { setTimeout as delay } from 'node:timers/promises';
import { BrokerRefusedError, NotFoundError, UnsafeRequestError } from '../../../model/errors';
import { clauses, plural, quotedNames } from '../../../model/error-text';
import { partitionStream } from '../../../model/names';
import type { CallWriter, CanonicalStation } from '../../../model/station';
import { brokerStationFields } from '../../../model/station';
import type { Admin, LedgerRecord, StationDetails, StreamInfo } from '../../admin';
import { refuseMissingDlsStation } from '../../admin/unsafe-requests';
import { reasonOf } from '../diff';
import type { DeclaredOwner, Permissions } from '../kind';
import { created } from '../creation';
import type { Made } from '../made';
import { isOfRun } from '../made';
import { notOneBroker } from '../one-broker';
import type { Existing } from '../ownership';
import { continueExisting, isAnother, recordOwner, replacedTooEarly } from '../ownership';
import type { Run } from '../run';
import type { LiveStation } from './live';
import { liveStation, observeStation, stored } from './live';
import { madeOf, marked, requestDigest } from './made';
import { lossOfUpdate, messageLossError } from './message-loss';
import { normaliseStation } from './normalise';
import { canDropMessages, diffStation } from './plan';
import { putBackAttachments } from './replacement';
import { sameConfig, streamConfigOf } from './stream-config';

/**
 * Creates a station and reads it back. An existing one is resumed when an interrupted run of the same declaration
 * created it, or adopted where that is allowed; everything else that exists is left alone.
 *
 * Requests: 8 + 2 for each partition, + 1 with a dead-letter station, + 1 for each tag or list of tags to change.
 * @throws AlreadyExistsError, UnsafeRequestError, MessageLossError
 */
export async function createStation(
  run: Run,
  station: CanonicalStation,
  claim: DeclaredOwner,
  permissions: Pick<Permissions, 'allowMessageLoss'>,
): Promise<LiveStation> {
  const { admin } = run;
  const attempted = `create station "${station.name}"`;
  const object = { kind: 'station', name: station.name } as const;
  // Before the station: a record that another run writes from now on is not overwritten.
  const record = claim.owner === '' ? undefined : await admin.ledger.read('station', station.name);
  const [live, streams] = await Promise.all([
    observeStation(admin, station.name),
    streamsOf(admin, station),
    refuseMissingDlsStation(admin, station),
  ]);
  if (live !== undefined && !isEmptyShell(live)) {
    const existing = existingOf(admin, live.row);
    const continuation = await continueExisting(admin, existing, claim);
    const change = diffStation(normaliseStation(live, station), station);
    if (continuation === 'unfinished' && change.kind === 'replace') {
      throw replacedTooEarly('station', `station "${station.name}"`, reasonOf(change));
    }
    const updated = await updateStation(run, station, permissions);
    await recordOwner(admin, existing, claim);
    return putBack(run, station, claim, updated);
  }
  // The row of a memory station whose streams went with a restart of the broker: it holds nothing and blocks the name.
  if (live !== undefined) {
    await continueShell(admin, live.row, claim);
    await admin.removeStation(station.name);
    run.links.removed(station.name);
  }
  if (streams.length > 0 && live === undefined) {
    // A creation makes the streams first and then the row: another run's may be under way.
    if (await appears(admin, station.name)) return createStation(run, station, claim, permissions);
    await resumeStreams(admin, station, streams, claim, record);
  }
  const request = marked(station);
  const made = await created(
    admin,
    {
      ...object,
      settings: requestDigest(request),
      request: () => admin.createStation(request),
      read: () => observeStation(admin, station.name, station.partitionsNumber),
      uidOf: ({ row }) => String(row.id),
      madeOf: ({ row }) => madeOf(row),
    },
    claim,
  );
  if (made.streams.length === 0) {
    await admin.removeStation(station.name);
    await admin.ledger.remove('station', station.name, claim.owner);
    throw notOneBroker(
      admin,
      attempted,
      `the station that the REST API created is not at ${admin.facts.address}`,
    );
  }
  run.links.dlsStationSet(station.name, made.row.dlsStation);
  const finished = verified(await writeDifferences(run, made, station), station, attempted);
  return putBack(run, station, claim, finished);
}

/** A station that is there, for the question whose it is. */
export function existingOf(admin: Admin, row: StationDetails): Existing {
  const made = async (): Promise<Made | undefined> => {
    const read = row.creation === undefined ? await admin.readStation(row.name) : row;
    return read?.id === row.id ? madeOf(read) : undefined;
  };
  return { kind: 'station', name: row.name, uid: String(row.id), made };
}

/**
 * Decides whether a station that has lost its streams may be recreated: as with any other, its owner decides. A
 * declaration without an owner cannot know, and recreates what nobody is recorded to own.
 * @throws AlreadyExistsError
 */
export async function continueShell(admin: Admin, row: StationDetails, claim: DeclaredOwner): Promise<void> {
  const adoptExisting = claim.adoptExisting || claim.owner === '';
  await continueExisting(admin, existingOf(admin, row), { ...claim, adoptExisting });
}

/** What an interrupted or a running replacement of the station took away comes back. */
async function putBack(
  run: Run,
  station: CanonicalStation,
  { owner }: DeclaredOwner,
  live: LiveStation,
): Promise<LiveStation> {
  const hasPutBack = await putBackAttachments(run, station.name, owner, station.tags !== undefined);
  return hasPutBack ? ((await observeStation(run.admin, station.name)) ?? live) : live;
}

function isEmptyShell(live: LiveStation): boolean {
  return live.row.isNative && live.row.partitions.length > 0 && live.streams.length === 0;
}

/** The streams under the names of a station's first partitions, whether or not there is such a station. */
async function streamsOf(admin: Admin, station: CanonicalStation): Promise<StreamInfo[]> {
  const names = Array.from({ length: Math.min(station.partitionsNumber, 64) }, (_, index) =>
    partitionStream(station.name, index + 1),
  );
  const found = await Promise.all(names.map((name) => admin.readStream(name)));
  return found.filter((stream) => stream !== undefined);
}

/** How often, and after how many milliseconds each time, a station that is being created is looked for. */
const LOOKS = 8;
const LOOK_PAUSE_MS = 250;

async function appears(admin: Admin, name: string): Promise<boolean> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    if ((await admin.readStation(name)) !== undefined) return true;
    await delay(LOOK_PAUSE_MS);
  }
  return false;
}

/**
 * Makes the streams of an interrupted creation of the same declaration fit, so that the broker adopts them.
 * @param record what the ledger says of the name
 * @throws UnsafeRequestError for streams of anybody else: the broker would silently adopt those of equal settings, and
 *   trips over others.
 */
async function resumeStreams(
  admin: Admin,
  station: CanonicalStation,
  streams: readonly StreamInfo[],
  { owner }: DeclaredOwner,
  record: LedgerRecord | undefined,
): Promise<void> {
  const attempted = `create station "${station.name}"`;
  const isOwn = (stream: StreamInfo): boolean =>
    record?.owner === owner && isOfRun(record, stream.created) && stream.state.messages === 0;
  if (!streams.every(isOwn)) {
    if (record?.uid !== undefined)
      throw notOneBroker(
        admin,
        attempted,
        `the REST API does not know the station whose streams are at ${admin.facts.address}`,
      );
    throw orphansError(streams, attempted);
  }
  for (const { config } of streams) {
    const wanted = streamConfigOf(config, station, admin.facts);
    if (!sameConfig(config, wanted)) await admin.updateStream(wanted);
  }
}

function orphansError(orphans: readonly StreamInfo[], attempted: string): UnsafeRequestError {
  const held = stored({ streams: orphans });
  return new UnsafeRequestError({
    attempted,
    found: `there is no station of that name, but its ${orphans.length === 1 ? 'stream' : 'streams'} ${quotedNames(orphans.map(({ config }) => config.name))} with ${plural(held.messages, 'stored message')} ${orphans.length === 1 ? 'exists' : 'exist'}`,
    next: 'They are left from a station that was removed half-way. Save what is in them, delete these streams, and deploy again',
  });
}

/**
 * Brings a station to what is declared, in place: the streams one by one, then what REST writes. Every step may be
 * repeated, so the next run continues an interrupted update.
 *
 * Requests: 2 + 1 for each partition, + 1 for each partition and each call that has something to change, + 1 after calls.
 * @param uid the broker's id of the station that is meant; one of that name with another id belongs to somebody else
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
  if (isAnother(uid, live.row.id)) throw gone(attempted);
  const change = diffStation(normaliseStation(live, station), station);
  const replaced = change.fields.find((field) => field.change.how === 'replace');
  if (replaced !== undefined) {
    throw new UnsafeRequestError({
      attempted,
      found: `${replaced.field} is ${String(replaced.before)} on the broker now and cannot become ${String(replaced.after)} in place`,
      next: 'The station changed since the plan was made; deploy again to make a new plan',
    });
  }
  const loss = canDropMessages(change) ? await lossOfUpdate(admin, live, station) : undefined;
  if (loss !== undefined && !permissions.allowMessageLoss) throw messageLossError(station.name, loss);
  if (station.dlsStation !== live.row.dlsStation) await refuseMissingDlsStation(admin, station);
  return verified(await writeDifferences(run, live, station), station, attempted);
}

/** Writes whatever differs, and only that. @returns the station as it is afterwards */
async function writeDifferences(
  run: Run,
  live: LiveStation,
  station: CanonicalStation,
): Promise<LiveStation> {
  const streams = await updateStreams(run.admin, live, station);
  const hasChangedRow = await updateRow(run, live.row, station);
  const row = hasChangedRow ? await run.admin.readStation(station.name) : live.row;
  if (row === undefined) throw gone(`update station "${station.name}"`);
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
  if (sibling === undefined) return streams;
  for (const partition of live.missingPartitions) {
    const name = partitionStream(station.name, partition);
    streams.push(await admin.createStream(streamConfigOf({ ...sibling.config, name }, station, admin.facts)));
  }
  return streams;
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
  if (live === undefined) throw gone(attempted);
  return live;
}

/** What the broker says is believed, not what was sent: some of its successes changed nothing. */
function verified(live: LiveStation, station: CanonicalStation, attempted: string): LiveStation {
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

function gone(attempted: string): NotFoundError {
  return new NotFoundError({
    attempted,
    found: 'the broker has no such station (any more)',
    next: 'Deploy again; the next plan recreates it',
  });
}
