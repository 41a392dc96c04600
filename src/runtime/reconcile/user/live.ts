import type { CanonicalUser, UserDeclaration, UserField } from '../../../model/user';
import { userFields } from '../../../model/user';
import { brokerFields, canonicalOf } from '../../../model/field';
import type { UserRow } from '../../admin';
import type { Change } from '../diff';
import { diffObject } from '../diff';
import type { Made } from '../made';
import { digestOf } from '../made';
import type { Existing } from '../ownership';

const fields: Readonly<Record<string, UserField>> = userFields;

/** A user as it is on the broker. */
export interface LiveUser extends UserRow {
  /** False when the broker did not let the user log in with the declared password after it was added or adopted. */
  readonly isAdmitted?: boolean;
}

/** A user as it is to be: what can be compared, and how to find out the password. */
export type WantedUser = CanonicalUser & {
  /** Only where a user is about to be added; undefined when none is given. */
  readonly password?: string | undefined;
  readonly passwordEnv?: string;
};

/** The canonical form of a declaration, which is expected to be valid. It has no password. */
export function wantedUser(declaration: UserDeclaration): WantedUser {
  const { passwordEnv } = declaration;
  return { ...canonicalOf(userFields, declaration), ...(passwordEnv === undefined ? {} : { passwordEnv }) };
}

/** The canonical form of a live user. */
export function normaliseUser(live: LiveUser): WantedUser {
  const values = brokerFields(fields).map(([name, { read }]) => [name, read.read(live)] as const);
  return Object.fromEntries(values) as unknown as WantedUser;
}

export function diffUser(before: WantedUser | undefined, after: WantedUser | undefined): Change {
  return diffObject(userFields, before, after);
}

/** What a request asks for, without the password. */
export function requestedUser(user: WantedUser): string {
  return digestOf(brokerFields(fields).map(([name]) => (user as unknown as Record<string, unknown>)[name]));
}

/** A user that is there, for the question whose it is. */
export function existingUser(live: LiveUser): Existing {
  return { kind: 'user', name: live.name, uid: String(live.id), made: () => Promise.resolve(userMade(live)) };
}

/** What a user shows of its creation. */
export function userMade(live: LiveUser): Made {
  return { ...live.creation, settings: requestedUser(normaliseUser(live)) };
}
