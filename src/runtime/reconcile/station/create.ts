import { lookUntil } from '../look-until';
import { AlreadyExistsError, BrokerRefusedError } from '../../../model/errors';
import type { CanonicalStation } from '../../../model/station';
import type { Admin, LedgerRecord, StationDetails } from '../../admin';
import { LedgerConflictError } from '../../admin/ledger-conflict';
import { refuseMissingDlsStation } from '../../admin/unsafe-requests';
import { created } from '../creation';
import { reasonOf } from '../diff';
import type { DeclaredOwner, Permissions } from '../kind';
import type { Made } from '../made';
import { notOneBroker } from '../../admin/one-broker';
import type { Existing } from '../ownership';
import { continueExisting, isAnother, recordOwner, replacedTooEarly } from '../ownership';
import type { Run } from '../run';
import { appears, resumeStreams, streamsNamedAs } from './leftover-streams';
import type { LiveStation } from './live';
import { liveStation, observeStation, readPartitions } from './live';
import { stationMade, marked, requestDigest } from './made';
import { normaliseStation } from './normalise';
import { diffStation } from './plan';
import { putBackAttachments } from './replacement';
import { missingStation, updateStation, verified, writeDifferences } from './update';

/** What a creation works with. */
interface Creation {
  readonly run: Run;
  readonly station: CanonicalStation;
  readonly claim: DeclaredOwner;
  readonly permissions: Pick<Permissions, 'allowMessageLoss'>;
}

/**
 * Creates a station and reads it back. An existing one is resumed when an interrupted run of the same declaration
 * created it, or adopted where that is allowed; everything else that exists is left alone.
 *
 * Requests: 6 + 2 for each partition; 2 + 2 for each partition without an owner. 1 more with a dead-letter station, and
 * for each list of tags.
 * @throws AlreadyExistsError, UnsafeRequestError, MessageLossError
 */
export async function createStation(
  run: Run,
  station: CanonicalStation,
  claim: DeclaredOwner,
  permissions: Pick<Permissions, 'allowMessageLoss'>,
): Promise<LiveStation> {
  const { admin } = run;
  const creation: Creation = { run, station, claim, permissions };
  const [record, streams] = await Promise.all([
    claim.owner === '' ? undefined : admin.ledger.read('station', station.name),
    streamsNamedAs(admin, station),
    refuseMissingDlsStation(admin, station),
  ]);
  // Without a record and without streams there is nothing to continue. What another run does from now on, the broker or
  // the ledger refuses: the record that is written next replaces only what was read here.
  if (record !== undefined || streams.length > 0) return createFromRemains(creation, record);
  let uid: string;
  try {
    uid = await request(creation);
  } catch (error) {
    // The broker has such a station: one without streams, or another run's.
    const { name } = station;
    if (!isRefusal(error) || (await admin.readStation(name)) === undefined) throw error;
    return createFromRemains(creation, undefined);
  }
  return finish(creation, uid);
}

/**
 * Creates a station around streams of its partitions that are there, with their messages and consumer groups: the broker
 * adopts streams whose configuration is the one that it would create.
 */
export async function createAroundStreams(
  run: Run,
  station: CanonicalStation,
  claim: DeclaredOwner,
): Promise<LiveStation> {
  const creation: Creation = { run, station, claim, permissions: { allowMessageLoss: false } };
  if (claim.owner !== '') await run.admin.ledger.read('station', station.name);
  return finish(creation, await request(creation));
}

function isRefusal(error: unknown): boolean {
  if (error instanceof LedgerConflictError) return false;
  return error instanceof BrokerRefusedError || error instanceof AlreadyExistsError;
}

/**
 * Creates a station of which there may be something already.
 * @param record what the ledger says of the name. It was read before the station is, so that a record which another run
 *   writes from now on is not overwritten.
 */
async function createFromRemains(creation: Creation, record: LedgerRecord | undefined): Promise<LiveStation> {
  const { run, station, claim, permissions } = creation;
  const { admin } = run;
  const [live, streams] = await Promise.all([
    observeStation(admin, station.name),
    streamsNamedAs(admin, station),
  ]);
  if (live !== undefined && !isEmptyShell(live)) return continued(creation, live);
  // The row of a memory station whose streams went with a restart of the broker: it holds nothing and blocks the name.
  if (live !== undefined) {
    await continueShell(admin, live.row, claim);
    await admin.removeStation(station.name);
    run.links.removed(station.name);
  }
  if (streams.length > 0 && live === undefined) {
    // A creation makes the streams first and then the row: another run's may be under way.
    if (await appears(admin, station.name)) return createStation(run, station, claim, permissions);
    await resumeStreams(admin, station, streams, claim, record, permissions.allowMessageLoss);
  }
  return finish(creation, await request(creation));
}

/** Resumes or adopts the station that is there. */
async function continued(
  { run, station, claim, permissions }: Creation,
  live: LiveStation,
): Promise<LiveStation> {
  const { admin } = run;
  const existing = existingOf(admin, live.row);
  const continuation = await continueExisting(admin, existing, claim);
  const change = diffStation(normaliseStation(live, station), station);
  if (continuation === 'unfinished' && change.kind === 'replace') {
    throw replacedTooEarly('station', `station "${station.name}"`, reasonOf(change));
  }
  // The update takes the mark away by which the station is known as that of the pending record.
  if (continuation === 'unfinished') await recordOwner(admin, existing, claim);
  const updated = await updateStation(run, station, permissions);
  if (continuation === 'adopted') await recordOwner(admin, existing, claim);
  return putBack(run, station, claim, updated);
}

/** True when the owner of the station is recorded, so that its creation carries a mark until then. */
function isMarked({ claim }: Creation): boolean {
  return claim.owner !== '';
}

/** Asks for the station. @returns the broker's own id of it */
async function request(creation: Creation): Promise<string> {
  const { run, station, claim } = creation;
  const { admin } = run;
  const { name } = station;
  const asked = isMarked(creation) ? marked(station) : station;
  const { id } = await created<{ readonly id: number; readonly made?: Made | undefined }>(
    admin,
    {
      kind: 'station',
      name,
      settings: requestDigest(asked),
      request: async () => ({ id: await admin.createStation(asked) }),
      read: async () => {
        const row = await admin.readStation(name);
        return row === undefined ? undefined : { id: row.id, made: stationMade(row) };
      },
    },
    claim,
  );
  return String(id);
}

/** How long the streams of a new station may take to be seen at the client port. */
const APPEARS_WITHIN_MS = 5_000;

/** Writes what the creation left open, reads the new station, and checks that it is what is declared. */
async function finish(creation: Creation, uid: string): Promise<LiveStation> {
  const { run, station, claim } = creation;
  const { admin } = run;
  const { name, partitionsNumber, tags = [] } = station;
  const attempted = `create station "${name}"`;
  const written = async (): Promise<StationDetails | undefined> => {
    if (isMarked(creation)) await admin.setDlsConfiguration(name, station);
    // Not with the creation: a broker fails to create several stations at once with a tag that is new to it.
    if (tags.length > 0) await admin.addStationTags(name, tags);
    return admin.readStation(name);
  };
  // The other servers of a cluster know a new stream a moment later than the one that made it.
  const appeared = lookUntil(
    () => readPartitions(admin, name, 1, partitionsNumber),
    (seen) => seen.length === partitionsNumber,
    { withinMs: APPEARS_WITHIN_MS, pauseMs: 100 },
  );
  const [streams, row] = await Promise.all([appeared, written()]);
  if (streams.length === 0) throw await createdElsewhere(creation);
  if (row === undefined || isAnother(uid, row.id)) throw missingStation(attempted);
  run.links.dlsStationSet(name, row.dlsStation);
  const finished = await writeDifferences(run, liveStation(row, streams), station);
  return putBack(run, station, claim, verified(finished, station, attempted));
}

/** Takes the station away that the REST API of another broker has made. */
async function createdElsewhere({ run: { admin }, station: { name }, claim }: Creation): Promise<Error> {
  await admin.removeStation(name);
  await admin.ledger.remove('station', name, claim.owner);
  return notOneBroker(
    admin,
    `create station "${name}"`,
    `the station that the REST API created is not at ${admin.facts.address}`,
  );
}

/** A station that is there, for the question whose it is. */
export function existingOf(admin: Admin, row: StationDetails): Existing {
  const made = async (): Promise<Made | undefined> => {
    const read = row.creation === undefined ? await admin.readStation(row.name) : row;
    return read?.id === row.id ? stationMade(read) : undefined;
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

/** Restores what an interrupted or a running replacement of the station took away. */
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
