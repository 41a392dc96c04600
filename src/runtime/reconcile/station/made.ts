import type { CanonicalStation } from '../../../model/station';
import { Storage } from '../../../model/storage';
import type { StationDetails } from '../../admin';
import type { Made } from '../made';
import { digestOf } from '../made';

/**
 * The request that creates a station: one of the dead-letter flags is wrong in it, in a way that no declaration and no
 * default has. The flags are the one setting of a row that can be changed without a trace, so they mark what only our
 * request makes, until the run has recorded the station as complete and sets them right.
 */
export function marked(station: CanonicalStation): CanonicalStation {
  const { sendPoisonMsgToDls: poison, sendSchemaFailedMsgToDls: schema } = station;
  const isThatDeclared = !poison && schema;
  return { ...station, sendPoisonMsgToDls: isThatDeclared, sendSchemaFailedMsgToDls: !isThatDeclared };
}

/** The digest of a creation, of all settings that the row of the station keeps. */
export function requestDigest(station: CanonicalStation): string {
  return digestOf([
    station.retentionType,
    station.retentionValue,
    station.storageType,
    station.replicas,
    station.idempotencyWindowMs,
    station.partitionsNumber,
    station.sendPoisonMsgToDls,
    station.sendSchemaFailedMsgToDls,
  ]);
}

/** What a row shows of its creation; undefined for one of the list of all stations. */
export function stationMade(row: StationDetails): Made | undefined {
  if (row.creation === undefined) return undefined;
  const { by, at, retentionType, retentionValue, storageType, replicas, idempotencyWindowMs } = row.creation;
  const settings = digestOf([
    retentionType,
    retentionValue,
    storageType === 'memory' ? Storage.MEMORY : Storage.DISK,
    replicas,
    idempotencyWindowMs,
    row.partitions.length,
    row.sendPoisonMsgToDls,
    row.sendSchemaFailedMsgToDls,
  ]);
  return { by, at, settings };
}
