import { AlreadyExistsError } from '../../model/errors';
import { objectKinds } from '../../model/kinds';
import type { Admin, LedgerKind, LedgerRecord } from '../admin';
import type { Made } from './made';
import { whyNotMadeBy } from './made';
import type { Change } from './diff';
import { reasonOf } from './diff';
import { mayHaveHappened } from '../admin/unknown-outcome';
import type { DeclaredOwner, Continuation, Plan, Removal } from './kind';

/** An object that is on the broker before a declaration of its name is deployed for the first time. */
export interface Existing {
  readonly kind: LedgerKind;
  readonly name: string;
  /** The broker's own id of it. */
  readonly uid: string;
  /** What it shows of its creation; read when a record of an interrupted run has to be compared with it. */
  made(): Promise<Made | undefined>;
}

/** True when the object of that id is not the one that is meant, but another one that took its name. */
export function isAnother(uid: string | undefined, id: number): boolean {
  return uid !== undefined && uid !== String(id);
}

/** Whose an object is, as far as the ledger proves it. */
interface Ownership {
  /** undefined when nobody is recorded to own it. */
  readonly owner?: string;
  /** Whose run broke off while it created an object of that name, and why it did not make this one. */
  readonly unproven?: { readonly owner: string; readonly why: string };
}

/** A record of another uid is about an object that is gone; the one that is there was made by somebody else. */
async function ownership(record: LedgerRecord | undefined, existing: Existing): Promise<Ownership> {
  if (record === undefined) return {};
  const { owner } = record;
  if (record.uid !== undefined) return record.uid === existing.uid ? { owner } : {};
  const why = whyNotMadeBy(record, await existing.made());
  return why === undefined ? { owner } : { unproven: { owner, why } };
}

/**
 * Decides whether an object that is there may be resumed or adopted.
 * @throws AlreadyExistsError when it belongs to another declaration, or to nobody and adoption is not permitted.
 */
export async function continueExisting(
  admin: Admin,
  existing: Existing,
  claim: DeclaredOwner,
): Promise<Continuation> {
  const { kind, name } = existing;
  const { owner, unproven } = await ownership(await admin.ledger.read(kind, name), existing);
  const attempted = `create ${kind} "${name}"`;
  if (owner !== undefined && owner !== claim.owner) {
    if (claim.adoptExisting && claim.adoptsWithinStack === true && isSameStack(owner, claim.owner))
      return 'adopted';
    throw new AlreadyExistsError({
      attempted,
      found: `the broker has a ${kind} of that name, which belongs to ${owner}; it was not touched`,
      next: `If that is the construct or resource under its former id or address, tell Terraform that it moved (moveFromId on the construct, or a moved block). ${handOver}. Otherwise choose another name, or use ${objectKinds[kind].unmanaged} to work with it as it is${destroyAnyway}`,
    });
  }
  if (owner !== undefined && claim.owner !== '') return 'unfinished';
  if (claim.adoptExisting) return 'adopted';
  const interrupted =
    unproven?.owner === claim.owner && claim.owner !== ''
      ? ` that was not created by the interrupted run of this declaration: ${unproven.why};`
      : ' already;';
  throw new AlreadyExistsError({
    attempted,
    found: `the broker has a ${kind} of that name${interrupted} it was not touched`,
    next: `To manage it from this stack, import it: importFrom("${name}") on the construct, or terraform import <address> ${name}; or set adoptExisting: true. If this stack manages it under another construct id, tell Terraform that it moved (moveFromId on the construct, or a moved block). Otherwise choose another name${destroyAnyway}`,
  });
}

/** Whether two owners are of one project and stack: all but the construct path. */
function isSameStack(one: string, other: string): boolean {
  const stackOf = (owner: string): string => owner.split('/').slice(0, 2).join('/');
  return one !== '' && stackOf(one) === stackOf(other);
}

/** Terraform plans the whole configuration before it destroys, unless it does not refresh. */
const destroyAnyway = '. If you only want to destroy this stack, run terraform destroy -refresh=false';

/** How an object that belongs to another declaration changes hands; `docs/protection.md` has the steps. */
const handOver =
  'To hand it over, release it there first (a removed block with destroy = false, or terraform state rm), then import it here with adoptExisting: true';

/**
 * Refuses to change an object of a state that another declaration owns by now, or did before it was imported.
 * @throws AlreadyExistsError unless the import is permitted to take it over.
 */
export async function refuseOwnedElsewhere(
  admin: Admin,
  object: Omit<Existing, 'made'>,
  claim: DeclaredOwner,
): Promise<void> {
  const owner = ownerElsewhere(await admin.ledger.read(object.kind, object.name), object, claim);
  if (owner !== undefined) throw belongsElsewhere(object, owner);
}

/** The other declaration that owns an object of a state; undefined when none does, or an import may take it over. */
export function ownerElsewhere(
  record: LedgerRecord | undefined,
  { uid }: Pick<Existing, 'uid'>,
  { owner, formerOwner = '', adoptExisting }: DeclaredOwner,
): string | undefined {
  if (record?.uid !== uid || record.owner === owner || record.owner === formerOwner) return undefined;
  return adoptExisting && formerOwner === '' ? undefined : record.owner;
}

/** The refusal to change an object that another declaration owns. */
export function belongsElsewhere(
  { kind, name }: Pick<Existing, 'kind' | 'name'>,
  owner: string,
): AlreadyExistsError {
  return new AlreadyExistsError({
    attempted: `manage ${kind} "${name}"`,
    found: `it belongs to ${owner}; nothing was changed`,
    next: `${handOver}. Otherwise take it out of this stack, and use ${objectKinds[kind].unmanaged} to work with it as it is${destroyAnyway}`,
  });
}

/**
 * Says why an object is not the one that a removal means: another one took its name, or another declaration owns it now.
 * Its own record of an object that is gone goes.
 * @param record what the ledger says of the name
 */
export async function notMeant(
  admin: Admin,
  { kind, name, uid }: Omit<Existing, 'made'>,
  removal: Pick<Removal, 'uid' | 'owner'>,
  record: LedgerRecord | undefined,
): Promise<string | undefined> {
  if (removal.uid !== undefined && removal.uid !== uid) {
    if (record?.uid === removal.uid) await admin.ledger.remove(kind, name, removal.owner);
    return `it is not the one of this stack: it was removed and created again, and has the uid ${uid} instead of ${removal.uid}`;
  }
  const isOwnedElsewhere = record?.uid === uid && record.owner !== removal.owner;
  return isOwnedElsewhere ? `it belongs to ${record.owner}` : undefined;
}

/**
 * Takes an object's own record away and then the object, so that a run which dies in between leaves an object that its
 * state knows, and never a record without an object. A removal that the broker refuses puts the record back.
 */
export async function removedWithRecord(
  admin: Admin,
  object: Omit<Existing, 'made'>,
  owner: string,
  remove: () => Promise<void>,
): Promise<void> {
  const hadRecord = await admin.ledger.remove(object.kind, object.name, owner);
  try {
    await remove();
  } catch (error) {
    if (hadRecord && object.uid !== '' && !mayHaveHappened(error))
      await recordOwner(admin, object, { owner }).catch(() => undefined);
    throw error;
  }
}

/**
 * Plans an object that Terraform has no state of, but that is on the broker: it is resumed or adopted, in place and
 * without losing a message, or the plan is refused.
 * @param described the object as messages call it
 * @param plan plans the change of the existing object
 */
export async function planExisting(
  admin: Admin,
  existing: Existing,
  claim: DeclaredOwner,
  described: string,
  plan: () => Promise<Plan>,
): Promise<Plan> {
  let continuation: Continuation;
  try {
    continuation = await continueExisting(admin, existing, claim);
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    return { change: { kind: 'noop', fields: [] }, refusals: [{ error, field: 'name' }] };
  }
  const planned = await plan();
  const { change } = planned;
  const refusals = planned.refusals.map((refusal) => ({ field: 'name', ...refusal }));
  if (change.kind !== 'replace') return { ...planned, refusals, continuation };
  // Terraform plans the new object of create_before_destroy once more when the old one is still there; an error then
  // would leave its state torn, so it is the creation that replaces the object, or refuses.
  if (continuation === 'unfinished')
    return { ...planned, refusals: claim.isMissingInState === true ? refusals : [], continuation };
  const error = notInPlace(`adopt ${described}`, change);
  return { ...planned, refusals: [{ error, field: 'name' }], continuation };
}

/** The refusal of a replacement where an object was to be taken over as it is. */
export function notInPlace(attempted: string, change: Change): AlreadyExistsError {
  return new AlreadyExistsError({
    attempted,
    found: `it cannot become what is declared in place: ${reasonOf(change) ?? ''}`,
    next: 'Declare the values that it has (cdktf-memphis export writes them), or choose another name',
  });
}

/** An object of this declaration that is there cannot become what is declared. */
export class NotInPlaceError extends AlreadyExistsError {
  constructor(details: ConstructorParameters<typeof AlreadyExistsError>[0]) {
    super(details);
    // The name by which users know it.
    this.name = AlreadyExistsError.name;
  }
}

/** A name is there once, so the new station of a replacement cannot be made before the old one is gone. */
export function replacedTooEarly(kind: LedgerKind, described: string, why?: string): NotInPlaceError {
  return new NotInPlaceError({
    attempted: `replace ${described}`,
    found: `the ${kind} is still there${why === undefined ? '' : ` and cannot become what is declared (${why})`}; it was left as it is`,
    next: `If the lifecycle of the resource says create_before_destroy, take that away: a name is there once, so the old ${kind} has to go first. Otherwise declare the values that the ${kind} has, or choose another name`,
  });
}

/** Records that an object is there and whose it is. */
export async function recordOwner(
  admin: Admin,
  object: Omit<Existing, 'made'>,
  { owner }: Pick<DeclaredOwner, 'owner'>,
): Promise<void> {
  if (owner === '') return;
  await admin.ledger.write(object.kind, object.name, { owner, state: 'complete', uid: object.uid });
}
