import type { Admin, StreamInfo } from '../../admin';
import type { CanonicalStation } from '../../../model/station';
import { deletionProtectedError } from '../deletion-protection';
import type { Removal } from '../kind';
import { notMeant, removedWithRecord } from '../ownership';
import type { Run } from '../run';
import { freeze, thaw } from './freeze';
import type { LiveStation } from './live';
import { observeStation } from './live';
import { lossOfRemoval, messageLossError } from './message-loss';

/**
 * Destroys a station. Without permission to lose messages its partitions are frozen first, so that what is counted is
 * all there will ever be; if anything is stored, publishers are let in again and nothing has changed.
 *
 * Requests: 4 + 2 for each partition.
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
  await removedWithRecord(admin, object, owner, () => admin.removeStation(name));
  run.links.removed(name);
  return undefined;
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
