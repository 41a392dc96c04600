import { AlreadyExistsError } from '../../model/errors';
import type { Admin, LedgerKind } from '../admin';
import { mayHaveHappened } from '../admin/unknown-outcome';
import { reasonOf } from './diff';
import type { Claim, Continuation, Plan } from './kind';

/** An object that is on the broker before a declaration of its name is deployed for the first time. */
export interface Existing {
  readonly kind: LedgerKind;
  readonly name: string;
  /** The broker's own id of it. */
  readonly uid: string;
}

/** True when the object of that id is not the one that is meant, but another one that took its name. */
export function isAnother(uid: string | undefined, id: number): boolean {
  return uid !== undefined && uid !== String(id);
}

/**
 * Decides whether an object that is there may be resumed or adopted.
 * @throws AlreadyExistsError when it belongs to another declaration, or to nobody and adoption is not permitted.
 */
export async function continueExisting(
  admin: Admin,
  existing: Existing,
  claim: Claim,
): Promise<Continuation> {
  const { kind, name, uid } = existing;
  const record = await admin.ledger.read(kind, name);
  // A record of another uid is about an object that is gone; the one that is there was made by somebody else.
  const isAboutThis = record !== undefined && (record.uid === undefined || record.uid === uid);
  const attempted = `create ${kind} "${name}"`;
  if (isAboutThis && record.owner !== claim.owner) {
    throw new AlreadyExistsError({
      attempted,
      found: `the broker has a ${kind} of that name, which belongs to ${record.owner}; it was not touched`,
      next: `If that is the construct or resource under its former id or address, tell Terraform that it moved (moveFromId on the construct, or a moved block). Otherwise choose another name, or use ${reference[kind]} to work with it as it is`,
    });
  }
  if (isAboutThis && claim.owner !== '') return 'unfinished';
  if (claim.adoptExisting) return 'adopted';
  throw new AlreadyExistsError({
    attempted,
    found: `the broker has a ${kind} of that name already; it was not touched`,
    next: `To manage it from this stack, import it: importFrom("${name}") on the construct, or terraform import <address> ${name}; or set adoptExisting: true. If this stack manages it under another construct id, tell Terraform that it moved (moveFromId on the construct, or a moved block). Otherwise choose another name`,
  });
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
  claim: Claim,
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
  // would leave its state torn, so it is the creation that refuses.
  if (continuation === 'unfinished') return { ...planned, refusals: [], continuation };
  const error = new AlreadyExistsError({
    attempted: `adopt ${described}`,
    found: `it cannot become what is declared in place: ${reasonOf(change) ?? ''}`,
    next: 'Declare the values that it has, or choose another name',
  });
  return { ...planned, refusals: [{ error, field: 'name' }], continuation };
}

const reference: Readonly<Record<LedgerKind, string>> = {
  station: 'Station.fromName',
  schema: 'Schema.fromName',
  enforcement: 'that enforcement',
};

/** A name is there once, so the new station of a replacement cannot be made before the old one is gone. */
export function replacedTooEarly(kind: LedgerKind, described: string, why?: string): AlreadyExistsError {
  return new AlreadyExistsError({
    attempted: `replace ${described}`,
    found: `the ${kind} is still there${why === undefined ? '' : ` and cannot become what is declared (${why})`}; it was left as it is`,
    next: `If the lifecycle of the resource says create_before_destroy, take that away: a name is there once, so the old ${kind} has to go first. Otherwise declare the values that the ${kind} has, or choose another name`,
  });
}

/** How an object is made: the request, and how its id is learned afterwards. */
export interface Creation<T> {
  request(): Promise<void>;
  readBack(): Promise<T>;
  uidOf(made: T): string;
}

/**
 * Creates an object so that the next run can resume an interrupted one: the creation is recorded first, and completed
 * with the broker's own id when the object is there. A creation that the broker refuses leaves no record behind, so
 * that an object which somebody else creates later is not taken for ours; one without a clear answer may have happened.
 */
export async function recorded<T>(
  admin: Admin,
  object: Omit<Existing, 'uid'>,
  owner: string,
  creation: Creation<T>,
): Promise<T> {
  const { kind, name } = object;
  if (owner !== '') await admin.ledger.write(kind, name, { owner, state: 'pending' });
  try {
    await creation.request();
  } catch (error) {
    if (owner !== '' && !mayHaveHappened(error)) await forget(admin, object, owner).catch(() => undefined);
    throw error;
  }
  const made = await creation.readBack();
  await recordOwner(admin, { kind, name, uid: creation.uidOf(made) }, { owner });
  return made;
}

/** Takes a pending record away, unless another run that made the object meanwhile has put its own in its place. */
async function forget(admin: Admin, { kind, name }: Omit<Existing, 'uid'>, owner: string): Promise<void> {
  const record = await admin.ledger.read(kind, name);
  if (record?.owner === owner && record.state === 'pending') await admin.ledger.remove(kind, name);
}

/** Records that an object is there and whose it is. */
export async function recordOwner(
  admin: Admin,
  object: Existing,
  { owner }: Pick<Claim, 'owner'>,
): Promise<void> {
  if (owner === '') return;
  await admin.ledger.write(object.kind, object.name, { owner, state: 'complete', uid: object.uid });
}
