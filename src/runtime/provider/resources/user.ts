import { EnvironmentError } from '../../../model/errors';
import { sentence } from '../../../model/error-text';
import type { UserDeclaration } from '../../../model/user';
import { userFields, userRules } from '../../../model/user';
import type { LiveUser, WantedUser } from '../../reconcile';
import { userKind } from '../../reconcile';
import { t } from '../cty/type';
import type { Value } from '../cty/value';
import { numberAt, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { PlanRequest, Private } from '../framework/resource';
import { attributesOfTable } from './attributes';
import { problemDiagnostics, warning } from './diagnose';
import { resourceOf } from './kind-resource';
import type { KindResource } from './particulars';
import type { Session } from './session';

const attributes: Attribute[] = [
  ...attributesOfTable(userFields).map(({ requiresReplace, ...attribute }): Attribute => {
    if (attribute.name === 'password')
      return {
        ...attribute,
        writeOnly: {
          otherwise:
            'Set password_env to the name of an environment variable that holds the password, which works with every version.',
        },
      };
    // An import takes the number over, so that not every change is a replacement.
    if (attribute.name === 'password_version') return attribute;
    return requiresReplace === undefined ? attribute : { ...attribute, requiresReplace };
  }),
  {
    name: 'uid',
    type: t.string,
    computed: true,
    description:
      "The broker's own identifier of the user; a user that was removed and added gets another one.",
  },
];

/** What is particular to users. */
export const userParticulars: KindResource<UserDeclaration, WantedUser, LiveUser> = {
  typeName: 'memphis_user',
  description:
    'A user of a Memphis broker, for clients or for the REST API. A user cannot be changed: other values, also another password, remove the user and add it again.',
  attributes,
  nameAttribute: 'name',
  validate: (config) => problemDiagnostics(userFields, userRules, config),
  computed: ({ id }) => ({ uid: String(id) }),
  completed: (user, config): WantedUser => {
    const password = stringAt(config, 'password') ?? passwordIn(stringAt(config, 'password_env'));
    return { ...user, password };
  },
  // No list is an empty one, and the configuration leaves it out.
  inState: (user: WantedUser, field): Value | undefined => {
    const value = user[field];
    return Array.isArray(value) && value.length === 0 ? null : undefined;
  },
  replacedFor,
  forRemoval: (planned): Private => ({ passwordEnv: stringAt(planned, 'password_env') ?? null }),
  refuseRemoval,
  afterCreation: notAdmitted,
  becomes: () => 'It keeps the password that it has; another passwordVersion sets the declared one.',
};

export const userResource = resourceOf(userKind, userParticulars);

function passwordIn(variable: string | undefined): string | undefined {
  const password = variable === undefined ? undefined : process.env[variable];
  return password === '' ? undefined : password;
}

/** Another number is another password. One that an import takes over says only which password it is. */
function replacedFor({ prior, planned, priorPrivate }: PlanRequest<Session>): readonly string[] {
  if (prior === null || planned === null || priorPrivate.imported === true) return [];
  const isSame = numberAt(prior, 'password_version') === numberAt(planned, 'password_version');
  return isSame ? [] : ['password_version'];
}

/** The plan may have been made elsewhere: without a password the user would be removed and not come back. */
function refuseRemoval(name: string, { passwordEnv }: Private): void {
  if (typeof passwordEnv !== 'string' || passwordIn(passwordEnv) !== undefined) return;
  throw new EnvironmentError({
    attempted: `replace user "${name}"`,
    found: `the environment variable ${passwordEnv}, which holds its password, is not set; nothing was changed`,
    next: 'Export it and run again',
  });
}

function notAdmitted({ name, type, isAdmitted }: LiveUser) {
  if (isAdmitted !== false) return [];
  const reason =
    type === 'application'
      ? 'A user that was there before has another password; set another passwordVersion to give it the declared one. Otherwise the broker has not read its users again, which a broker with the option -sd, and one on which the password of an application user was changed, does only at its next start.'
      : 'A user that was there before has another password; set another passwordVersion to give it the declared one.';
  return [warning(`User "${name}" cannot log in with the declared password`, sentence(reason))];
}
