import { lowerCase } from '../../../model/names';
import type { UserDeclaration } from '../../../model/user';
import { userFields } from '../../../model/user';
import { NotFoundError } from '../../../model/errors';
import { createdOrResumed } from '../creation';
import type { Kind } from '../kind';
import { isAnother, planExisting, recordOwner, refuseOwnedElsewhere } from '../ownership';
import { createUser, destroyUser } from './apply';
import type { LiveUser, WantedUser } from './live';
import { diffUser, existingUser, userMade, normaliseUser, wantedUser } from './live';
import { planUser } from './plan';

const describe = (name: string): string => `user "${name}"`;

/** Users of the broker. One cannot be changed: it is removed and added. */
export const userKind: Kind<UserDeclaration, WantedUser, LiveUser> = {
  name: 'user',
  fields: userFields,
  nameOf: ({ name }) => lowerCase(name),
  describe,
  canonical: wantedUser,
  async find(run, { name, uid }) {
    // It also finds out whether both sides are one broker.
    if (run.isPlanning) await run.snapshot();
    const live = await run.users.find(name);
    return live === undefined || isAnother(uid, live.id) ? undefined : live;
  },
  async read(run, name) {
    run.users.forget();
    return run.users.find(name);
  },
  async madeOf(run, name) {
    const live = await run.users.find(name);
    return live === undefined ? undefined : userMade(live);
  },
  async uids({ users }) {
    return new Map([...(await users.all())].map(([name, { id }]) => [name, String(id)]));
  },
  uidOf: ({ id }) => String(id),
  normalise: normaliseUser,
  diff: diffUser,
  plan(run, live, after, { permissions, creation, ...context }) {
    const plan = () => Promise.resolve(planUser(run.admin, live, after, permissions, context));
    if (creation === undefined || live === undefined || after === undefined) return plan();
    return planExisting(run.admin, existingUser(live), creation, describe(after.name), plan);
  },
  create: (run, after, claim) => createdOrResumed(claim, () => createUser(run, after, claim)),
  /** Only policies change in place, so nothing is written to the broker but whose the user is. */
  async update(run, after, claim, _permissions, uid) {
    const live = await run.users.find(after.name);
    if (live === undefined || (uid !== undefined && uid !== String(live.id))) {
      throw new NotFoundError({
        attempted: `update ${describe(after.name)}`,
        found: 'the broker has no such user (any more)',
        next: 'Deploy again; the next plan recreates it',
      });
    }
    await refuseOwnedElsewhere(run.admin, existingUser(live), claim);
    await recordOwner(run.admin, existingUser(live), claim);
    return live;
  },
  destroy: (run, { name }, removal) => destroyUser(run, name, removal),
};
