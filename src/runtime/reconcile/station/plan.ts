import { UnsafeRequestError } from '../../../model/errors';
import type { CanonicalStation } from '../../../model/station';
import { comparedStationFields } from '../../../model/station';
import type { Admin } from '../../admin';
import { missingDlsStationError, refuseReplicasOnSingleNode } from '../../admin/unsafe-requests';
import { internalName } from '../../../model/names';
import type { Run } from '../run';
import type { Change } from '../diff';
import { diffObject, forced, reasonOf } from '../diff';
import type { Permissions, Plan, PlanContext, Refusal } from '../kind';
import { deletionProtectedError } from '../deletion-protection';
import { lossOfCarry } from './carry/loss';
import { planCarry, refusalOfAckBased } from './carry/plan';
import type { LiveStation } from './live';
import type { Loss } from './message-loss';
import { lossOfRemoval, lossOfUpdate, messageLossError } from './message-loss';
import { normaliseStation } from './normalise';
import { refuseFinalSettings } from './repair';

/** The difference between what a station is (undefined: not there) and what it should be (undefined: gone). */
export function diffStation(
  before: CanonicalStation | undefined,
  after: CanonicalStation | undefined,
): Change {
  return diffObject(comparedStationFields, before, after);
}

/**
 * Plans one station.
 * @param live what is on the broker; undefined when there is nothing of that name
 * @param after what is declared; undefined when the station is to go
 * @param isForced the station is replaced whatever differs
 */
export async function planStation(
  admin: Admin,
  live: LiveStation | undefined,
  after: CanonicalStation | undefined,
  permissions: Permissions,
  { isForced = false }: Pick<PlanContext, 'isForced'> = {},
): Promise<Plan> {
  const before = live === undefined ? undefined : normaliseStation(live, after);
  const difference = diffStation(before, after);
  const change = isForced && live !== undefined ? forced(difference) : difference;
  const refusals: Refusal[] = [];
  if (after !== undefined && change.fields.some((field) => field.field === 'replicas')) {
    refusals.push(...unsafeReplicas(admin, after));
  }
  if (live !== undefined && after !== undefined && change.kind !== 'replace') {
    refusals.push(...unchangeable(live));
  }
  const removal = change.kind === 'delete' ? 'destroy' : change.kind === 'replace' ? 'replace' : undefined;
  const name = live?.row.name ?? '';
  if (removal !== undefined && permissions.deletionProtection === true) {
    refusals.push({ error: deletionProtectedError('station', name, removal, reasonOf(change)) });
  }
  if (live !== undefined && after !== undefined && isCarried(change, permissions, isForced))
    return carried(admin, live, after, permissions, { change, refusals });
  const loss = live === undefined ? undefined : await lossOf(admin, live, change, after);
  if (loss !== undefined && !permissions.allowMessageLoss) {
    refusals.push({ error: messageLossError(name, loss, reasonOf(change)) });
  }
  return { change, refusals, ...(loss === undefined ? {} : { loss }) };
}

/** True for a replacement that takes the messages along. One that Terraform forces destroys the station by itself. */
function isCarried(change: Change, { carry }: Permissions, isForced: boolean): boolean {
  return carry !== undefined && change.kind === 'replace' && !isForced;
}

async function carried(
  admin: Admin,
  live: LiveStation,
  after: CanonicalStation,
  { allowMessageLoss }: Permissions,
  { change, refusals: others }: Pick<Plan, 'change' | 'refusals'>,
): Promise<Plan> {
  const refusals = [...others];
  const unfit = refusalOfAckBased(live, after);
  if (unfit !== undefined) return { change, refusals: [...refusals, { error: unfit, field: 'onReplace' }] };
  const carry = await planCarry(admin, live, after);
  const loss = await lossOfCarry(admin, live, after, carry.method);
  if (loss !== undefined && !allowMessageLoss) {
    refusals.push({ error: messageLossError(live.row.name, loss, reasonOf(change)) });
  }
  return { change, refusals, carry, ...(loss === undefined ? {} : { loss }) };
}

async function lossOf(
  admin: Admin,
  live: LiveStation,
  change: Change,
  after: CanonicalStation | undefined,
): Promise<Loss | undefined> {
  if (change.kind === 'delete') return lossOfRemoval(live, 'destroy');
  if (change.kind === 'replace') return lossOfRemoval(live, 'replace');
  return after !== undefined && canDropMessages(change) ? lossOfUpdate(admin, live, after) : undefined;
}

/** True when a changed field is one whose change can drop stored messages. */
export function canDropMessages(change: Change): boolean {
  return change.fields.some((field) => field.change.how === 'inPlace' && field.change.loses !== undefined);
}

/** Refuses a dead-letter station that does not exist, and that the run does not create first. */
export async function missingDlsStation(
  run: Run,
  change: Change,
  after: CanonicalStation | undefined,
  { createdFirst = [] }: Pick<PlanContext, 'createdFirst'>,
): Promise<Refusal[]> {
  if (after === undefined || after.dlsStation === '' || createdFirst.includes('dlsStation')) return [];
  const isWritten = change.kind === 'replace' || change.fields.some(({ field }) => field === 'dlsStation');
  if (!isWritten || (await run.snapshot()).stations.has(internalName(after.dlsStation))) return [];
  return [{ error: missingDlsStationError(after), field: 'dlsStation' }];
}

/** Refuses to change a station with a stream that takes no change. */
function unchangeable({ row, streams }: LiveStation): Refusal[] {
  return refusalOf(() => {
    refuseFinalSettings(row.name, streams);
  });
}

function unsafeReplicas(admin: Admin, after: CanonicalStation): Refusal[] {
  return refusalOf(() => {
    refuseReplicasOnSingleNode(`deploy station "${after.name}"`, after.replicas, admin.facts);
  });
}

function refusalOf(check: () => void): Refusal[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof UnsafeRequestError) return [{ error }];
    throw error;
  }
}
