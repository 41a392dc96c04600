import { lowerCase } from '../../../model/names';
import type { NewUser } from '../../admin';
import { created } from '../creation';
import { deletionProtectedError } from '../deletion-protection';
import { reasonOf } from '../diff';
import type { DeclaredOwner, Removal } from '../kind';
import { lookUntil } from '../look-until';
import {
  continueExisting,
  notInPlace,
  notMeant,
  recordOwner,
  removedWithRecord,
  replacedTooEarly,
} from '../ownership';
import type { Run } from '../run';
import type { LiveUser, WantedUser } from './live';
import { diffUser, existingUser, userMade, normaliseUser, requestedUser } from './live';
import { ownUserError, passwordRefusals } from './plan';

/** How long a broker may take until it lets a new user log in; 31 to 456 ms were measured. */
const ADMISSION_MS = 2_000;
const PAUSE_MS = 100;

/**
 * Adds a user, and waits until it can log in. An existing one is resumed when an interrupted run of the same declaration
 * added it, or adopted where that is allowed; it keeps the password that it has.
 *
 * Requests: 4, and those of the logins that are tried; one list of all users a run.
 * @throws AlreadyExistsError when the broker has one of that name that is not ours.
 */
export async function createUser(run: Run, user: WantedUser, claim: DeclaredOwner): Promise<LiveUser> {
  const { admin, users } = run;
  const record = claim.owner === '' ? undefined : await admin.ledger.read('user', user.name);
  // A record that is there was perhaps written after the list was read.
  if (record !== undefined) users.forget();
  const found = await users.find(user.name);
  if (found !== undefined) return continued(run, found, user, claim);
  const [refusal] = passwordRefusals(user);
  if (refusal !== undefined) throw refusal.error;
  const made = await created(
    admin,
    {
      kind: 'user',
      name: user.name,
      settings: requestedUser(user),
      request: async () => withMade(await admin.createUser(user as NewUser)),
      read: async () => {
        users.forget();
        const live = await users.find(user.name);
        return live === undefined ? undefined : withMade(live);
      },
    },
    claim,
  );
  await users.added(made);
  return { ...made, isAdmitted: await isAdmitted(run, user, ADMISSION_MS) };
}

const withMade = (live: LiveUser) => ({ ...live, made: userMade(live) });

async function continued(
  run: Run,
  live: LiveUser,
  user: WantedUser,
  claim: DeclaredOwner,
): Promise<LiveUser> {
  const continuation = await continueExisting(run.admin, existingUser(live), claim);
  const change = diffUser(normaliseUser(live), user);
  if (change.kind === 'replace') {
    const described = `user "${user.name}"`;
    throw continuation === 'unfinished'
      ? replacedTooEarly('user', described, reasonOf(change))
      : notInPlace(`adopt ${described}`, change);
  }
  await recordOwner(run.admin, existingUser(live), claim);
  return { ...live, isAdmitted: await isAdmitted(run, user, 0) };
}

/** Tries to log in until the broker lets the user in. True when no password is known to try with. */
async function isAdmitted(
  { admin }: Run,
  { name, type, password }: WantedUser,
  withinMs: number,
): Promise<boolean> {
  if (password === undefined) return true;
  const patience = { withinMs, pauseMs: PAUSE_MS };
  return lookUntil(
    () => admin.canLogIn({ name, type, password }),
    (isIn) => isIn,
    patience,
  );
}

/**
 * Removes a user; the broker closes its live connections.
 *
 * Requests: 3, and one list of all users a run.
 */
export async function destroyUser(
  run: Run,
  name: string,
  { permissions, owner, uid, isReplacement = false }: Removal,
): Promise<string | undefined> {
  const { admin, users } = run;
  const [live, record] = await Promise.all([users.find(name), admin.ledger.read('user', lowerCase(name))]);
  if (live === undefined) {
    await admin.ledger.remove('user', lowerCase(name), owner);
    return undefined;
  }
  const why = await notMeant(admin, existingUser(live), { owner, uid }, record);
  if (why !== undefined) return why;
  const removal = isReplacement ? 'replace' : 'destroy';
  if (permissions.deletionProtection === true) throw deletionProtectedError('user', live.name, removal);
  const ownUser = ownUserError(admin, live.name, removal);
  if (ownUser !== undefined) throw ownUser;
  await removedWithRecord(admin, existingUser(live), owner, () => admin.removeUser(live.name));
  await users.removed(live.name);
  return undefined;
}
