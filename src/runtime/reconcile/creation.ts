import { setTimeout as delay } from 'node:timers/promises';
import { AlreadyExistsError, NotFoundError } from '../../model/errors';
import type { Admin, LedgerKind, LedgerRequest } from '../admin';
import { LedgerConflictError } from '../admin/ledger-conflict';
import { mayHaveHappened } from '../admin/unknown-outcome';
import type { DeclaredOwner } from './kind';
import type { Made } from './made';
import { whyNotMadeBy } from './made';
import { continueExisting, recordOwner } from './ownership';

/** How an object is created. */
export interface NewObject<L> {
  readonly kind: LedgerKind;
  readonly name: string;
  /** The digest of what the request asks for. */
  readonly settings: string;
  /** @returns the new object, as far as the reply shows it; undefined when it is not there. */
  request(): Promise<L | undefined>;
  /** @returns undefined when it is not there. */
  read(): Promise<L | undefined>;
}

/** How often a creation starts over because another run of the same declaration has made the object meanwhile. */
const MOST_CREATIONS = 3;

/**
 * Creates an object; one that another run of the same declaration has created since this one looked is resumed. Terraform was
 * killed then, and its provider is still at work.
 */
export async function createdOrResumed<T>(claim: DeclaredOwner, create: () => Promise<T>): Promise<T> {
  for (let creations = 1; ; creations += 1) {
    try {
      return await create();
    } catch (error) {
      const isOwn = error instanceof LedgerConflictError && error.owner === claim.owner;
      if (!isOwn || creations === MOST_CREATIONS) throw error;
    }
  }
}

/** What identifies a created object: the broker's own id of it, and what it shows of its creation. */
interface Identity {
  readonly id: number;
  readonly made?: Made | undefined;
}

/** An object without a clear answer may take a moment to appear. */
const LOOKS_MS = [0, 250, 750];

/**
 * Creates an object so that the next run can resume an interrupted one: the creation is recorded first, and completed
 * with the broker's own id as soon as the object is there. Read its record before; then no other run's is overwritten.
 *
 * A creation that the broker refuses leaves no record behind, unless the object is what an interrupted run asked for.
 * Without a clear answer it may have happened: an object that is there then and is what was asked for is ours; otherwise
 * the record stays for the next run.
 */
export async function created<L extends Identity>(
  admin: Admin,
  object: NewObject<L>,
  claim: DeclaredOwner,
): Promise<L> {
  const { kind, name, settings } = object;
  const { owner } = claim;
  const request = { by: admin.facts.restUsername, settings };
  if (owner !== '') await admin.ledger.write(kind, name, { owner, state: 'pending', request });
  let live: L | undefined;
  try {
    live = await object.request();
  } catch (error) {
    const isRefused = !mayHaveHappened(error);
    live = isRefused ? await madeBefore(admin, object, claim, request) : await seen(object, request);
    if (live === undefined) throw isRefused ? await refused(admin, object, claim, error) : error;
  }
  if (live === undefined) {
    throw new NotFoundError({
      attempted: `create ${kind} "${name}"`,
      found: 'the broker reported success, but has no such object',
      next: "Deploy again; if the problem persists, check the broker's log",
    });
  }
  await recordOwner(admin, { kind, name, uid: String(live.id) }, claim);
  return live;
}

/** Looks for what may have been created. @returns undefined when it is not there, or is not what was asked for */
async function seen<L extends Identity>(
  object: NewObject<L>,
  request: LedgerRequest,
): Promise<L | undefined> {
  for (const wait of LOOKS_MS) {
    await delay(wait);
    const live = await object.read().catch(() => undefined);
    if (live === undefined) continue;
    // It was not there before the request, so its time says nothing more.
    const { made } = live;
    return made?.settings === request.settings && made.by === request.by ? live : undefined;
  }
  return undefined;
}

/**
 * Finds out whether a refusal means that the same request has made the object already: that of a run which was killed and
 * which the broker carried out only now, or which has recorded the object. Nobody else's can be, as long as the ledger's
 * record is this declaration's.
 */
async function madeBefore<L extends Identity>(
  admin: Admin,
  object: NewObject<L>,
  { owner }: DeclaredOwner,
  request: LedgerRequest,
): Promise<L | undefined> {
  if (owner === '') return undefined;
  const { kind, name } = object;
  const live = await object.read().catch(() => undefined);
  if (live === undefined) return undefined;
  const record = await admin.ledger.read(kind, name).catch(() => undefined);
  if (record?.owner !== owner) return undefined;
  if (record.state === 'complete') return record.uid === String(live.id) ? live : undefined;
  const isOwn = isSameRequest(record.request, request);
  return isOwn && whyNotMadeBy(record, live.made) === undefined ? live : undefined;
}

function isSameRequest(one: LedgerRequest | undefined, other: LedgerRequest): boolean {
  return one?.by === other.by && one.settings === other.settings;
}

/**
 * Takes the record of a refused creation away, unless another run has put its own in its place.
 * @returns the error to throw: that somebody else created the object meanwhile, or the refusal itself
 */
async function refused<L extends Identity>(
  admin: Admin,
  object: NewObject<L>,
  claim: DeclaredOwner,
  error: unknown,
): Promise<unknown> {
  const { kind, name } = object;
  if (claim.owner !== '') await admin.ledger.remove(kind, name, claim.owner).catch(() => undefined);
  const live = await object.read().catch(() => undefined);
  if (live === undefined) return error;
  const made = (): Promise<Made | undefined> => Promise.resolve(live.made);
  try {
    await continueExisting(admin, { kind, name, uid: String(live.id), made }, claim);
  } catch (reason) {
    if (reason instanceof AlreadyExistsError) return reason;
  }
  return error;
}
