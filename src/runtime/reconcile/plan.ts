import type { MemphisError } from '../../model/errors';
import { AlreadyExistsError, UnsafeRequestError } from '../../model/errors';
import type { CanonicalStation } from '../../model/station';
import type { Admin } from '../admin';
import { refuseReplicasOnSingleNode } from '../admin/unsafe-requests';
import { deletionProtectedError } from './deletion-protection';
import type { Change } from './diff';
import { diffStation } from './diff';
import type { LiveStation } from './live';
import type { Loss } from './message-loss';
import { lossOfRemoval, lossOfUpdate, messageLossError } from './message-loss';
import { normaliseStation } from './normalise';
import type { Claim, Continuation } from './ownership';
import { continueExisting } from './ownership';

/** What the user permits. */
export interface Permissions {
  /** Stored messages may be dropped by destroying, replacing, or a smaller limit. */
  readonly allowMessageLoss: boolean;
  /** The station must be neither destroyed nor replaced. */
  readonly deletionProtection?: boolean;
}

/** What is going to happen to one station, and what forbids it. */
export interface StationPlan {
  readonly change: Change;
  /** What would be dropped, permitted or not. */
  readonly loss?: Loss;
  /** Reasons why the change must not be made; nothing has been touched. */
  readonly refusals: readonly MemphisError[];
}

/**
 * Plans one station.
 * @param live what is on the broker; undefined when there is nothing of that name.
 * @param after what is declared; undefined when the station is to go.
 */
export async function planStation(
  admin: Admin,
  live: LiveStation | undefined,
  after: CanonicalStation | undefined,
  permissions: Permissions,
): Promise<StationPlan> {
  const before = live === undefined ? undefined : normaliseStation(live, after);
  const change = diffStation(before, after);
  const refusals: MemphisError[] = [];
  if (after !== undefined && change.fields.some((field) => field.field === 'replicas')) {
    const refusal = refusalOf(() =>
      refuseReplicasOnSingleNode(`deploy station "${after.name}"`, after.replicas, admin.facts),
    );
    if (refusal !== undefined) refusals.push(refusal);
  }
  const removal = change.kind === 'delete' ? 'destroy' : change.kind === 'replace' ? 'replace' : undefined;
  if (removal !== undefined && permissions.deletionProtection === true) {
    refusals.push(deletionProtectedError(live?.row.name ?? '', removal, reasonOf(change)));
  }
  const loss = live === undefined ? undefined : await lossOf(admin, live, change, after);
  if (loss !== undefined && !permissions.allowMessageLoss) {
    refusals.push(messageLossError(live?.row.name ?? '', loss, reasonOf(change)));
  }
  return { change, refusals, ...(loss === undefined ? {} : { loss }) };
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

/** The plan for a station that exists before its first deploy. */
export interface ExistingStationPlan extends StationPlan {
  /** Why it may be gone on with; absent when it may not. */
  readonly continuation?: Continuation;
}

/**
 * Plans a station that Terraform has no state of, but that is on the broker: it is gone on with or adopted, in place
 * and without losing a message, or the plan is refused.
 */
export async function planExistingStation(
  admin: Admin,
  live: LiveStation,
  after: CanonicalStation,
  claim: Claim,
  permissions: Permissions,
): Promise<ExistingStationPlan> {
  let continuation: Continuation;
  try {
    continuation = await continueExisting(
      admin,
      { kind: 'station', name: after.name, uid: String(live.row.id) },
      claim,
    );
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    return { change: { kind: 'noop', fields: [] }, refusals: [error] };
  }
  const planned = await planStation(admin, live, after, permissions);
  if (planned.change.kind !== 'replace') return { ...planned, continuation };
  // Terraform plans the new object of create_before_destroy once more when the old one is still there; an error then
  // would leave its state torn, so it is the creation that refuses.
  if (continuation === 'unfinished') return { ...planned, refusals: [], continuation };
  const refusal = new AlreadyExistsError({
    attempted: `adopt station "${after.name}"`,
    found: `it cannot become what is declared in place: ${reasonOf(planned.change) ?? ''}`,
    next: 'Declare the values that it has, or choose another name',
  });
  return { ...planned, refusals: [refusal], continuation };
}

/** True when a changed field is one whose change can drop stored messages. */
export function canDropMessages(change: Change): boolean {
  return change.fields.some((field) => field.change.how === 'inPlace' && field.change.loses !== undefined);
}

/** Why a replacement is one, for people. */
export function reasonOf(change: Change): string | undefined {
  const reasons = change.fields.flatMap((field) =>
    field.change.how === 'replace'
      ? [`${field.field} changes, and ${field.change.why.replace(/\.$/, '')}`]
      : [],
  );
  return reasons.length === 0 ? undefined : reasons.join('; ');
}

function refusalOf(check: () => void): MemphisError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof UnsafeRequestError) return error;
    throw error;
  }
}
