import { BrokerRefusedError, NotFoundError, UnsafeRequestError } from '../../model/errors';
import { partitionStream } from '../../model/names';
import type { CanonicalStation } from '../../model/station';
import type { Admin } from '../admin';
import { refuseMissingDlsStation } from '../admin/unsafe-requests';
import { diffStation } from './diff';
import type { LiveStation } from './live';
import { observeStation, plural, stored } from './live';
import { lossOfUpdate, messageLossError } from './message-loss';
import { normaliseStation } from './normalise';
import type { Claim } from './ownership';
import { continueExisting, isAnother, recordOwner, recorded } from './ownership';
import type { Permissions } from './plan';
import { canDropMessages, reasonOf } from './plan';
import { replacedTooEarly } from './replacement';
import { sameConfig, streamConfigOf } from './stream-config';

/**
 * Makes a station and reads it back. One that is there already is gone on with when an earlier run of the same
 * declaration made it, or when it may be adopted; everything else that exists is left alone.
 * @throws AlreadyExistsError, UnsafeRequestError, MessageLossError
 */
export async function createStation(
  admin: Admin,
  station: CanonicalStation,
  claim: Claim,
  permissions: Pick<Permissions, 'allowMessageLoss'>,
): Promise<LiveStation> {
  const attempted = `create station "${station.name}"`;
  const object = { kind: 'station', name: station.name } as const;
  const rows = await admin.listStations();
  const live = rows.some((row) => row.name === station.name)
    ? await observeStation(admin, station.name)
    : undefined;
  if (live !== undefined && !isEmptyShell(live)) {
    const existing = { ...object, uid: String(live.row.id) };
    const continuation = await continueExisting(admin, existing, claim);
    const change = diffStation(normaliseStation(live, station), station);
    if (continuation === 'unfinished' && change.kind === 'replace') {
      throw replacedTooEarly(station.name, reasonOf(change));
    }
    const updated = await updateStation(admin, station, permissions);
    await recordOwner(admin, existing, claim);
    return updated;
  }
  // The row of a memory station whose streams went with a restart of the broker: it holds nothing and blocks the name.
  if (live !== undefined) await admin.removeStation(station.name);
  await refuseOrphans(admin, station, attempted);
  refuseMissingDlsStation(station, new Set(rows.map((row) => row.name)));
  return recorded(admin, object, claim.owner, {
    request: () => admin.createStation({ ...station, tags: station.tags ?? [] }),
    readBack: () => readBack(admin, station, attempted),
    uidOf: (made) => String(made.row.id),
  });
}

function isEmptyShell(live: LiveStation): boolean {
  return live.row.isNative && live.row.partitions.length > 0 && live.streams.length === 0;
}

/** The broker would silently adopt streams of equal settings, and trips over others. */
async function refuseOrphans(admin: Admin, station: CanonicalStation, attempted: string): Promise<void> {
  const names = Array.from({ length: Math.min(station.partitionsNumber, 64) }, (_, index) =>
    partitionStream(station.name, index + 1),
  );
  const found = await Promise.all(names.map((name) => admin.readStream(name)));
  const orphans = found.filter((stream) => stream !== undefined);
  if (orphans.length === 0) return;
  const held = stored({ streams: orphans });
  throw new UnsafeRequestError({
    attempted,
    found: `there is no station of that name, but its ${orphans.length === 1 ? 'stream' : 'streams'} ${orphans.map((stream) => `"${stream.config.name}"`).join(', ')} with ${plural(held.messages, 'stored message')} ${orphans.length === 1 ? 'exists' : 'exist'}`,
    next: 'They are left from a station that was removed half-way. Save what is in them, delete these streams, and deploy again',
  });
}

/**
 * Brings a station to what is declared, in place: the streams one by one, then the dead-letter settings and the tags.
 * Every step may be repeated, so an update that broke off is continued by the next one.
 * @param uid the broker's id of the station that is meant; one of that name with another id is somebody else's
 * @throws MessageLossError when stored messages would be dropped without permission; nothing is changed then.
 */
export async function updateStation(
  admin: Admin,
  station: CanonicalStation,
  permissions: Pick<Permissions, 'allowMessageLoss'>,
  uid?: string,
): Promise<LiveStation> {
  const attempted = `update station "${station.name}"`;
  const live = await observeStation(admin, station.name);
  if (live === undefined || isAnother(uid, live.row.id)) throw gone(attempted);
  const change = diffStation(normaliseStation(live, station), station);
  const replaced = change.fields.find((field) => field.change.how === 'replace');
  if (replaced !== undefined) {
    throw new UnsafeRequestError({
      attempted,
      found: `${replaced.field} is ${String(replaced.before)} on the broker now and cannot become ${String(replaced.after)} in place`,
      next: 'Somebody changed the station since the plan was made; deploy again to plan anew',
    });
  }
  const loss = canDropMessages(change) ? await lossOfUpdate(admin, live, station) : undefined;
  if (loss !== undefined && !permissions.allowMessageLoss) throw messageLossError(station.name, loss);
  if (station.dlsStation !== live.row.dlsStation && station.dlsStation !== '') {
    refuseMissingDlsStation(station, new Set((await admin.listStations()).map((row) => row.name)));
  }
  await updateStreams(admin, live, station);
  await updateDlsSettings(admin, live, station);
  await updateTags(admin, live, station);
  return readBack(admin, station, attempted);
}

async function updateStreams(admin: Admin, live: LiveStation, station: CanonicalStation): Promise<void> {
  for (const stream of live.streams) {
    const wanted = streamConfigOf(stream.config, station, admin.facts);
    if (!sameConfig(stream.config, wanted)) await admin.updateStream(wanted);
  }
  // A partition whose stream is gone refuses its share of the messages; it comes back empty, like its siblings otherwise.
  const sibling = live.streams[0];
  if (sibling === undefined) return;
  for (const partition of live.missingPartitions) {
    const name = partitionStream(station.name, partition);
    await admin.createStream(streamConfigOf({ ...sibling.config, name }, station, admin.facts));
  }
}

async function updateDlsSettings(admin: Admin, live: LiveStation, station: CanonicalStation): Promise<void> {
  const { row } = live;
  if (
    row.sendPoisonMsgToDls !== station.sendPoisonMsgToDls ||
    row.sendSchemaFailedMsgToDls !== station.sendSchemaFailedMsgToDls
  ) {
    await admin.setDlsConfiguration(station.name, station);
  }
  if (row.dlsStation === station.dlsStation) return;
  if (station.dlsStation === '') await admin.detachDlsStation(station.name, row.dlsStation);
  else await admin.attachDlsStation(station.name, station.dlsStation);
}

async function updateTags(admin: Admin, live: LiveStation, station: CanonicalStation): Promise<void> {
  const wanted = station.tags;
  if (wanted === undefined) return;
  const has = live.row.tags;
  const missing = wanted.filter((tag) => !has.includes(tag));
  if (missing.length > 0) await admin.addStationTags(station.name, missing);
  for (const tag of has.filter((candidate) => !wanted.includes(candidate))) {
    await admin.removeStationTag(station.name, tag);
  }
}

/** What the broker says is believed, not what was sent: some of its successes are none. */
async function readBack(admin: Admin, station: CanonicalStation, attempted: string): Promise<LiveStation> {
  const live = await observeStation(admin, station.name);
  if (live === undefined) throw gone(attempted);
  const difference = diffStation(normaliseStation(live, station), station);
  const wrong = difference.fields.map(
    (field) => `${field.field} is ${shown(field.before)} instead of ${shown(field.after)}`,
  );
  if (live.missingPartitions.length > 0)
    wrong.push(`partition ${live.missingPartitions.join(', ')} has no stream`);
  if (wrong.length === 0) return live;
  throw new BrokerRefusedError({
    attempted,
    found: `the broker reported success, but afterwards ${wrong.join('; ')}`,
    next: 'Deploy again; if it stays so, look at the log of the broker',
  });
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

function gone(attempted: string): NotFoundError {
  return new NotFoundError({
    attempted,
    found: 'the broker has no such station (any more)',
    next: 'Deploy again; the next plan makes it anew',
  });
}
