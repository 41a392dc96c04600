import type { Admin, LedgerRecord, StreamInfo } from '../../admin';
import { externalName } from '../../../model/names';
import type { CanonicalStation } from '../../../model/station';
import { deletionProtectedError } from '../deletion-protection';
import type { Removal } from '../kind';
import { isAnother, notMeant, removedWithRecord } from '../ownership';
import type { Run } from '../run';
import { freeze, thaw } from './freeze';
import type { LiveStation } from './live';
import { observeStation } from './live';
import { lossOfRemoval, messageLossError } from './message-loss';

/**
 * Destroys a station. The broker ends its enforcement with it, so the record of that goes, too. Without permission to
 * lose messages its partitions are frozen first, so that what is counted is all there will ever be; if anything is stored,
 * publishers are let in again and nothing has changed.
 *
 * Requests: 4 + 2 for each partition, 1 more with an enforcement; one list of the recorded enforcements a run.
 * @throws MessageLossError, DeletionProtectedError
 */
export async function destroyStation(
  run: Run,
  { name, partitionsNumber: partitions }: Pick<CanonicalStation, 'name' | 'partitionsNumber'>,
  removal: Removal,
): Promise<string | undefined> {
  const { permissions, owner } = removal;
  const { admin } = run;
  const [live, record] = await Promise.all([
    observeStation(admin, name, partitions),
    admin.ledger.read('station', name),
  ]);
  if (live === undefined || isAnother(removal.uid, live.row.id)) {
    const enforcement = await recordedEnforcement(run, name, removal.uid);
    if (enforcement !== undefined) await admin.ledger.remove('enforcement', name, enforcement.owner);
  }
  if (live === undefined) {
    await admin.ledger.remove('station', name, owner);
    return undefined;
  }
  const object = { kind: 'station', name, uid: String(live.row.id) } as const;
  const why = await notMeant(admin, object, removal, record);
  if (why !== undefined) return why;
  if (permissions.deletionProtection === true) throw deletionProtectedError('station', name, 'destroy');
  if (!permissions.allowMessageLoss) {
    const frozen = await freezeOrThaw(admin, live);
    const loss = lossOfRemoval({ streams: frozen }, 'destroy');
    if (loss !== undefined) {
      await thaw(admin, frozen);
      throw messageLossError(name, loss);
    }
  }
  await removedWithRecord(admin, object, owner, () => removeEnforced(run, object, removal));
  run.links.removed(name);
  return undefined;
}

/**
 * Removes a station with the record of its enforcement, whoever attached the schema. Of a station that is replaced the
 * record goes last: until then it says whose the enforcement is, also when Terraform has forgotten that already, and the
 * run that creates the new station removes what an interrupted one has left.
 */
async function removeEnforced(
  run: Run,
  { name, uid }: { readonly name: string; readonly uid: string },
  { isReplacement }: Removal,
): Promise<void> {
  const { admin } = run;
  const remove = (): Promise<void> => admin.removeStation(name);
  const enforcement = await recordedEnforcement(run, name, uid);
  if (enforcement === undefined) return remove();
  const object = { kind: 'enforcement', name, uid } as const;
  if (isReplacement !== true) return removedWithRecord(admin, object, enforcement.owner, remove);
  await remove();
  await admin.ledger.remove('enforcement', name, enforcement.owner);
}

/** The record of the enforcement on a station of that uid; one of a station that had its name before is about that one. */
async function recordedEnforcement(
  run: Run,
  name: string,
  uid: string | undefined,
): Promise<LedgerRecord | undefined> {
  const record = (await run.recordsOf('enforcement')).get(externalName(name));
  return uid === undefined || record?.uid !== uid ? undefined : record;
}

/** A freeze that fails half-way must not leave some partitions shut. */
async function freezeOrThaw(admin: Admin, live: LiveStation): Promise<StreamInfo[]> {
  try {
    return await freeze(admin, live);
  } catch (error) {
    await thaw(admin, live.streams).catch(() => undefined);
    throw error;
  }
}
