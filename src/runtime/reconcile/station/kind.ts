import { externalName, internalName, partitionStream } from '../../../model/names';
import type { CanonicalStation, StationDeclaration } from '../../../model/station';
import { canonicalStation, comparedStationFields } from '../../../model/station';
import { AlreadyExistsError } from '../../../model/errors';
import type { Admin, StationDetails } from '../../admin';
import { createdOrResumed } from '../creation';
import type { DeclaredOwner, Kind, Permissions, Refusal } from '../kind';
import { isAnother, planExisting, recordOwner, refuseOwnedElsewhere } from '../ownership';
import type { Run } from '../run';
import type { CarryPlan } from './carry';
import { takenNameError, carryStation, interruptedCarry, settleCarry } from './carry';
import { continueShell, createStation, existingOf } from './create';
import { destroyStation } from './destroy';
import { refuseLeftovers } from './leftover-streams';
import type { LiveStation } from './live';
import { observeStation } from './live';
import { stationMade } from './made';
import { normaliseStation } from './normalise';
import { diffStation, missingDlsStation, planStation } from './plan';
import { decideDlsStation, forgetAttachments, keepAttachments } from './replacement';
import { updateStation } from './update';

/** Refuses to recreate a station that has lost its streams and is managed elsewhere. */
async function foreignShell(
  admin: Admin,
  row: StationDetails,
  claim: DeclaredOwner,
): Promise<Refusal | undefined> {
  try {
    await continueShell(admin, row, claim);
    return undefined;
  } catch (error) {
    if (error instanceof AlreadyExistsError) return { error, field: 'name' };
    throw error;
  }
}

/** Refuses to give a station a name that another one has. */
async function takenName(run: Run, { from, to }: CarryPlan): Promise<Refusal[]> {
  if (from === to || !(await run.snapshot()).stations.has(internalName(to))) return [];
  return [{ error: takenNameError(from, to), field: 'name' }];
}

/** Replaces a station that cannot become what is declared in place. @returns false when it can */
async function carried(
  run: Run,
  name: string,
  after: CanonicalStation,
  claim: DeclaredOwner,
  permissions: Permissions,
  uid: string | undefined,
): Promise<boolean> {
  const live = await observeStation(run.admin, name, after.partitionsNumber);
  if (live === undefined || isAnother(uid, live.row.id)) return false;
  if (diffStation(normaliseStation(live, after), after).kind !== 'replace') return false;
  await carryStation(run, live, after, claim, permissions);
  return true;
}

const describe = (name: string): string => `station "${name}"`;

/** Stations: the streams of their partitions, and what the REST API alone knows of them. */
export const stationKind: Kind<StationDeclaration, CanonicalStation, LiveStation> = {
  name: 'station',
  fields: comparedStationFields,
  nameOf: ({ name }) => externalName(name),
  describe,
  canonical: canonicalStation,
  async find(run, { name, uid }) {
    const live = (await run.snapshot()).stations.get(internalName(name));
    // A row whose streams are all gone holds nothing any more; the next deploy recreates the station.
    if (live === undefined || live.streams.length === 0) return undefined;
    return isAnother(uid, live.row.id) ? undefined : live;
  },
  read: (run, name) => observeStation(run.admin, name),
  async madeOf({ admin }, name) {
    const [row, first] = await Promise.all([
      admin.readStation(name),
      admin.readStream(partitionStream(name, 1)),
    ]);
    if (row !== undefined) return stationMade(row);
    return first === undefined ? undefined : 'streams';
  },
  uids: ({ links }) => links.uids(() => true),
  uidOf: ({ row }) => String(row.id),
  normalise: normaliseStation,
  diff: diffStation,
  async plan(run, live, after, { permissions, creation, ...context }) {
    const plan = async () => {
      const planned = await planStation(run.admin, live, after, permissions, context);
      const missing = await missingDlsStation(run, planned.change, after, context);
      const taken = planned.carry === undefined ? [] : await takenName(run, planned.carry);
      return { ...planned, refusals: [...planned.refusals, ...missing, ...taken] };
    };
    if (creation === undefined || after === undefined) return plan();
    if (live === undefined) {
      const shell = (await run.snapshot()).stations.get(internalName(after.name));
      const refusal =
        shell === undefined
          ? await refuseLeftovers(run, after, creation)
          : await foreignShell(run.admin, shell.row, creation);
      return refusal === undefined ? plan() : { change: { kind: 'noop', fields: [] }, refusals: [refusal] };
    }
    return planExisting(run.admin, existingOf(run.admin, live.row), creation, describe(after.name), plan);
  },
  async create(run, after, claim, permissions) {
    await settleCarry(run, permissions.carry?.from ?? after.name, claim);
    await decideDlsStation(run, after);
    return createdOrResumed(claim, () => createStation(run, after, claim, permissions));
  },
  async update(run, after, claim, permissions, uid) {
    const settled = await settleCarry(run, permissions.carry?.from ?? after.name, claim);
    const name = settled?.name ?? permissions.carry?.from ?? after.name;
    const id = settled !== undefined && settled.before === uid ? settled.uid : uid;
    if (id !== undefined) await refuseOwnedElsewhere(run.admin, { kind: 'station', name, uid: id }, claim);
    await decideDlsStation(run, after);
    const isNew =
      permissions.carry !== undefined && (await carried(run, name, after, claim, permissions, id));
    const live = await updateStation(run, after, permissions, isNew ? undefined : id);
    const object = { kind: 'station', name: live.row.name, uid: String(live.row.id) } as const;
    await recordOwner(run.admin, object, claim);
    return live;
  },
  interrupted: interruptedCarry,
  async destroy(run, declared, asked) {
    const settled = await settleCarry(run, declared.name, { owner: asked.owner, adoptExisting: false });
    const isMeant = settled !== undefined && settled.before === asked.uid;
    const station = settled === undefined ? declared : { ...declared, name: settled.name };
    const removal = isMeant ? { ...asked, uid: settled.uid } : asked;
    if (removal.isReplacement !== true) return destroyStation(run, station, removal);
    const { name } = station;
    await keepAttachments(run, name, removal.owner);
    try {
      return await destroyStation(run, station, removal);
    } catch (error) {
      // The old station stays, with everything that is attached to it.
      await forgetAttachments(run, name).catch(() => undefined);
      throw error;
    }
  },
};
