import { UnsafeRequestError } from '../../../model/errors';
import { plural, quotedNames } from '../../../model/error-text';
import { internalName, parsePartitionStream } from '../../../model/names';
import type { CanonicalStation } from '../../../model/station';
import { Storage } from '../../../model/storage';
import type { Admin, LedgerRecord, StreamInfo } from '../../admin';
import { allStations } from '../../admin/all-stations';
import type { DeclaredOwner, Refusal } from '../kind';
import { lookUntil } from '../look-until';
import { isOfRun } from '../made';
import { notOneBroker } from '../../admin/one-broker';
import type { Run } from '../run';
import { readPartitions, stored } from './live';
import { lossOfUpdate, messageLossError } from './message-loss';
import { refuseFinalSettings } from './repair';
import { sameConfig, streamConfigOf } from './stream-config';

/** How many partitions a station has to have for some of its streams not to be looked for. */
const MOST_LOOKED_FOR = 64;

/** The streams under the names of a station's first partitions, whether or not there is such a station. */
export function streamsNamedAs(
  admin: Admin,
  { name, partitionsNumber }: CanonicalStation,
): Promise<StreamInfo[]> {
  return readPartitions(admin, name, 1, Math.min(partitionsNumber, MOST_LOOKED_FOR));
}

/** How long, and how often, a station that is being created is looked for. */
const patience = { withinMs: 2_000, pauseMs: 250 };

/** True as soon as the broker has a station of that name; false when it has none after two seconds. */
export async function appears(admin: Admin, name: string): Promise<boolean> {
  const look = () => admin.readStation(name);
  return (await lookUntil(look, (station) => station !== undefined, patience)) !== undefined;
}

/**
 * Refuses to plan a station over streams that another one left: the broker would silently adopt those of equal settings.
 * Streams of the same declaration are resumed.
 */
export async function refuseLeftovers(
  run: Run,
  station: CanonicalStation,
  { owner }: DeclaredOwner,
): Promise<Refusal | undefined> {
  const internal = internalName(station.name);
  const left = (await run.snapshot()).orphans.filter(({ config }) => {
    const place = parsePartitionStream(config.name);
    return place?.internal === internal && place.partition <= station.partitionsNumber;
  });
  if (left.length === 0) return undefined;
  const record = owner === '' ? undefined : await run.admin.ledger.read('station', station.name);
  if (record?.owner === owner && owner !== '') return undefined;
  return { error: orphansError(left, `create station "${station.name}"`), field: 'name' };
}

/**
 * True when the streams are those of a deployed station that the broker has dropped from its list: it does so 15 minutes
 * after its start with a station that has lost a partition. That the REST API knows other deployed stations proves that
 * both sides are one broker.
 */
async function isRowLost(admin: Admin, { name }: CanonicalStation, record: LedgerRecord): Promise<boolean> {
  if (record.state !== 'complete' || record.uid === undefined) return false;
  const [rows, records] = await Promise.all([allStations(admin), admin.ledger.list('station')]);
  if (rows.some((row) => row.name === name)) return false;
  return rows.some((row) => records.get(row.name)?.uid === String(row.id));
}

/** Gives streams that hold messages the declared settings, so that the new station takes them over as they are. */
async function prepareRemains(
  admin: Admin,
  station: CanonicalStation,
  streams: readonly StreamInfo[],
  allowMessageLoss: boolean,
): Promise<void> {
  refuseFinalSettings(station.name, streams);
  const other = streams.find(
    ({ config }) => (config.storage === 'memory') !== (station.storageType === Storage.MEMORY),
  );
  if (other !== undefined) throw orphansError(streams, `create station "${station.name}"`);
  const loss = await lossOfUpdate(admin, { streams }, station);
  if (loss !== undefined && !allowMessageLoss) throw messageLossError(station.name, loss);
  await setAsDeclared(admin, station, streams);
}

async function setAsDeclared(
  admin: Admin,
  station: CanonicalStation,
  streams: readonly StreamInfo[],
): Promise<void> {
  for (const { config } of streams) {
    const wanted = streamConfigOf(config, station, admin.facts);
    if (!sameConfig(config, wanted)) await admin.updateStream(wanted);
  }
}

/**
 * Updates the streams of an interrupted creation of the same declaration, so that the broker adopts them; also those of
 * a deployed station of this declaration that the broker has dropped from its list, with their messages.
 * @param record what the ledger says of the name
 * @throws UnsafeRequestError for streams of another origin: the broker would silently adopt those of equal settings, and
 *   trips over others.
 */
export async function resumeStreams(
  admin: Admin,
  station: CanonicalStation,
  streams: readonly StreamInfo[],
  { owner }: DeclaredOwner,
  record: LedgerRecord | undefined,
  allowMessageLoss: boolean,
): Promise<void> {
  const attempted = `create station "${station.name}"`;
  if (record?.owner === owner && owner !== '' && (await isRowLost(admin, station, record))) {
    await prepareRemains(admin, station, streams, allowMessageLoss);
    return;
  }
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
  await setAsDeclared(admin, station, streams);
}

function orphansError(orphans: readonly StreamInfo[], attempted: string): UnsafeRequestError {
  const held = stored({ streams: orphans });
  return new UnsafeRequestError({
    attempted,
    found: `there is no station of that name, but its ${orphans.length === 1 ? 'stream' : 'streams'} ${quotedNames(orphans.map(({ config }) => config.name))} with ${plural(held.messages, 'stored message')} ${orphans.length === 1 ? 'exists' : 'exist'}`,
    next: 'They are left from a removal that was interrupted. Save what is in them, delete these streams, and deploy again',
  });
}
