import type { MemphisError } from '../../../model/errors';
import { BrokerRefusedError, EnvironmentError, ValidationError } from '../../../model/errors';
import { userFields } from '../../../model/user';
import { fieldProblem } from '../../../model/validation';
import type { Admin } from '../../admin';
import { deletionProtectedError } from '../deletion-protection';
import { forced, reasonOf } from '../diff';
import type { Consequence, Permissions, Plan, PlanContext, Refusal } from '../kind';
import type { LiveUser, WantedUser } from './live';
import { diffUser, normaliseUser } from './live';

/**
 * Plans one user. A user cannot be changed: another password, or other permissions, remove it and add it again.
 * @param isForced the user is replaced whatever differs, for instance for another password
 */
export function planUser(
  { facts }: Pick<Admin, 'facts'>,
  live: LiveUser | undefined,
  after: WantedUser | undefined,
  permissions: Permissions,
  { isForced = false }: Pick<PlanContext, 'isForced'> = {},
): Plan {
  const difference = diffUser(live === undefined ? undefined : normaliseUser(live), after);
  const change = isForced && live !== undefined ? forced(difference) : difference;
  const refusals: Refusal[] = [];
  const removal = change.kind === 'delete' ? 'destroy' : change.kind === 'replace' ? 'replace' : undefined;
  if (live !== undefined && removal !== undefined) {
    if (permissions.deletionProtection === true)
      refusals.push({ error: deletionProtectedError('user', live.name, removal, reasonOf(change)) });
    const ownUser = ownUserError({ facts }, live.name, removal);
    if (ownUser !== undefined) refusals.push({ error: ownUser });
  }
  const isAdded = change.kind === 'create' || change.kind === 'replace';
  // A password that is known only when the user is added is not there at all.
  if (after !== undefined && isAdded && 'password' in after) refusals.push(...passwordRefusals(after));
  const closes = live?.type === 'application' && removal !== undefined && !facts.usesToken;
  return closes ? { change, refusals, consequence: closedConnections(removal) } : { change, refusals };
}

function closedConnections(removal: 'destroy' | 'replace'): Consequence {
  return removal === 'destroy'
    ? { summary: 'is removed', detail: 'The broker closes its live connections.' }
    : {
        summary: 'is removed and added again',
        detail:
          'The broker closes its live connections. Clients can log in again, with the password that is declared now, up to half a second after the user is back; those that go on trying to reconnect are let in then.',
      };
}

/** The refusal to remove the user that the run itself is, on either side. */
export function ownUserError(
  { facts }: Pick<Admin, 'facts'>,
  name: string,
  removal: 'destroy' | 'replace',
): MemphisError | undefined {
  if (![facts.username.toLowerCase(), facts.restUsername.toLowerCase()].includes(name)) return undefined;
  return new BrokerRefusedError({
    attempted: `${removal} user "${name}"`,
    found: 'this run is logged in as that user; nothing was changed',
    next: 'Log in as another user: MEMPHIS_USERNAME at the client port, MEMPHIS_REST_USERNAME at the REST API',
  });
}

/** Why a user cannot be added: there is no password, or one that the broker would refuse. The password is never shown. */
export function passwordRefusals({ name, password, passwordEnv }: WantedUser): Refusal[] {
  const attempted = `create user "${name}"`;
  if (password === undefined) {
    const error = new EnvironmentError({
      attempted,
      found:
        passwordEnv === undefined
          ? 'no password is given'
          : `the environment variable ${passwordEnv} is not set where Terraform runs`,
      next:
        passwordEnv === undefined
          ? 'Set passwordEnv to the name of an environment variable that holds it, or password (Terraform 1.11 or later)'
          : 'Export it and run again',
    });
    return [{ error, field: passwordEnv === undefined ? 'name' : 'passwordEnv' }];
  }
  const problem = fieldProblem(
    passwordEnv === undefined ? 'password' : `the value of ${passwordEnv}`,
    password,
    userFields.password,
  );
  if (problem === undefined) return [];
  // Terraform shows the line of the attribute that an error is about, which may hold the password itself.
  const field = passwordEnv === undefined ? 'name' : 'passwordEnv';
  return [{ error: new ValidationError(attempted, [problem]), field }];
}
