import type { Admin, StreamInfo } from '../../admin';
import type { CanonicalStation } from '../../../model/station';
import type { Removal } from '../kind';
import { isAnother } from '../ownership';
import type { Run } from '../run';
import { deletionProtectedError } from './deletion-protection';
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
  { permissions, uid, owner }: Removal,
): Promise<void> {
  const { admin } = run;
  const [live] = await Promise.all([
    observeStation(admin, name, partitions),
    // Read now, so that the removal of the record at the end is one request.
    admin.ledger.read('station', name),
  ]);
  if (live === undefined) {
    await admin.ledger.remove('station', name, owner);
    return;
  }
  if (isAnother(uid, live.row.id)) return;
  if (permissions.deletionProtection === true) throw deletionProtectedError(name, 'destroy');
  if (!permissions.allowMessageLoss) {
    const frozen = await freezeOrThaw(admin, live);
    const loss = lossOfRemoval({ streams: frozen }, 'destroy');
    if (loss !== undefined) {
      await thaw(admin, frozen);
      throw messageLossError(name, loss);
    }
  }
  await admin.removeStation(name);
  run.links.removed(name);
  await admin.ledger.remove('station', name, owner);
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
