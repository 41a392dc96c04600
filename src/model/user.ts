import type { CanonicalOf, DeclarationOf, Field } from './field';
import { choiceField, integerField, textField, textSetField } from './field';
import { lowerCase } from './names';
import { adoptExisting, deletionProtection, owner } from './ownership';
import type { Rule } from './validation';

/** What a user may be for: clients that produce and consume, or the REST API and the UI. */
export const userTypes = ['application', 'management'] as const;

/** What the list of all users tells of one. */
export interface UserRecord {
  readonly name: string;
  /** `root` for the user that every broker has. */
  readonly type: (typeof userTypes)[number] | 'root';
  readonly fullName: string;
  readonly team: string;
  readonly position: string;
  readonly description: string;
  readonly allowReadPermissions: readonly string[];
  readonly allowWritePermissions: readonly string[];
}

/** Read from the list of all users. */
interface UserReader {
  readonly from: 'user';
  read(user: UserRecord): string | readonly string[];
}

/** No call of the broker changes a user that is there. */
interface NoWriter {
  readonly by: never;
}

/** One field of a user. */
export type UserField = Field<UserReader, NoWriter>;

const inRow = (read: UserReader['read']) => ({ from: 'user', read }) as const;

const fixed = { how: 'replace', why: 'Memphis cannot change a user: it is removed and added.' } as const;

const upTo = (most: number) => ({
  pattern: new RegExp(`^[^]{1,${most}}$`, 'u'),
  says: `a string of 1 to ${most} characters`,
});

/** What is said of a user: the broker keeps it in lower case. */
const remark = (text: string | undefined): string => lowerCase(text ?? '');

const permissions = {
  pattern: /^(?!\*)(?!.*\*\*)[A-Za-z0-9_.*-]{1,120}$/,
  says: 'station names or patterns: 1 to 120 of a-z 0-9 _ . - *, where * repeats the character before it',
};

/** Sorted, in lower case, without repetitions; an empty list where none is declared. */
function permissionList(names: readonly string[] | undefined): readonly string[] {
  return [...new Set((names ?? []).map(lowerCase))].sort();
}

const ifAny = (list: readonly string[]) => (list.length === 0 ? undefined : list);

/** Everything that is true of a user's fields. */
export const userFields = {
  name: textField({
    required: true,
    format: { pattern: /^[A-Za-z0-9_.-]{1,60}$/, says: 'a user name: 1 to 60 of a-z 0-9 _ . -' },
    description: 'Name of the user; case does not matter.',
    change: { how: 'replace', why: 'Memphis cannot rename a user.' },
    canonical: (name: string) => lowerCase(name),
    read: inRow(({ name }) => name),
    body: 'username',
  }),
  type: choiceField(userTypes, {
    required: true,
    description:
      'What the user is for: an application user logs in at the client port, to produce and consume; a management user logs in to the REST API and the UI.',
    change: fixed,
    read: inRow(({ type }) => type),
    body: 'user_type',
  }),
  password: textField({
    secret: true,
    format: {
      pattern: /^(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9])(?=.*[!?\-@#$%])[A-Za-z0-9!?\-@#$%]{8,20}$/,
      says: 'a password that Memphis accepts: 8 to 20 of A-Z a-z 0-9 ! ? - @ # $ %, with an upper-case letter, a lower-case letter, a digit and a special character among them',
    },
    description:
      'The password, which Terraform hands over and never stores (write-only; Terraform 1.11 or OpenTofu 1.11). A change alone has no effect: set another passwordVersion with it.',
    absent: 'the value of the variable that passwordEnv names; one of the two is required to add the user',
    change: { how: 'policy' },
  }),
  passwordEnv: textField({
    format: { pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, says: 'the name of an environment variable' },
    description:
      'Name of the environment variable that holds the password where Terraform runs. It works with every version of Terraform and OpenTofu. A changed value alone has no effect: set another passwordVersion with it.',
    absent: 'the password itself is given',
    change: { how: 'policy' },
  }),
  passwordVersion: integerField({
    description:
      'Any number; another one gives the user the password that is declared now. The broker does not return passwords, so nothing else shows that it changed. An import takes the number over without changing the password.',
    absent: 'the password stays as it is',
    unreadable: true,
    change: {
      how: 'replace',
      why: 'Memphis 1.4.4 has no way to change the password of an application user: the user is removed and added.',
    },
  }),
  allowReadPermissions: textSetField({
    format: permissions,
    nonEmpty: true,
    description:
      'Stations that the application user may consume from. A name without a star also gives the permissions at the client port, if the station exists; a pattern matches any part of a name and counts for the management protocol alone.',
    absent: 'all stations, unless allowWritePermissions names some; then none',
    change: fixed,
    canonical: permissionList,
    read: inRow(({ allowReadPermissions }) => permissionList(allowReadPermissions)),
    body: 'allow_read_permissions',
    inBody: ifAny,
  }),
  allowWritePermissions: textSetField({
    format: permissions,
    nonEmpty: true,
    description:
      'Stations that the application user may produce to. A name without a star also gives the permissions at the client port, if the station exists; a pattern matches any part of a name and counts for the management protocol alone.',
    absent: 'all stations, unless allowReadPermissions names some; then none',
    change: fixed,
    canonical: permissionList,
    read: inRow(({ allowWritePermissions }) => permissionList(allowWritePermissions)),
    body: 'allow_write_permissions',
    inBody: ifAny,
  }),
  fullName: textField({
    format: upTo(30),
    description: 'Full name, for the UI; the broker keeps it in lower case.',
    absent: 'empty',
    change: fixed,
    canonical: remark,
    read: inRow(({ fullName }) => fullName),
    body: 'full_name',
  }),
  team: textField({
    format: upTo(20),
    description: 'Team, for the UI; the broker keeps it in lower case.',
    absent: 'empty',
    change: fixed,
    canonical: remark,
    read: inRow(({ team }) => team),
    body: 'team',
  }),
  position: textField({
    format: upTo(30),
    description: 'Position, for the UI; the broker keeps it in lower case.',
    absent: 'empty',
    change: fixed,
    canonical: remark,
    read: inRow(({ position }) => position),
    body: 'position',
  }),
  description: textField({
    format: upTo(100),
    description: 'Description, for the UI; the broker keeps it in lower case.',
    absent: 'empty',
    change: fixed,
    canonical: remark,
    read: inRow(({ description }) => description),
    body: 'description',
  }),
  adoptExisting,
  deletionProtection,
  owner,
} satisfies Readonly<Record<string, UserField>>;

/** A user as users declare it. */
export type UserDeclaration = DeclarationOf<typeof userFields>;

/** A user in the form in which declared and live ones are compared. */
export type CanonicalUser = CanonicalOf<typeof userFields>;

/** What must be true of the values of a user together. */
export const userRules: readonly Rule<UserDeclaration>[] = [
  {
    fields: ['name'],
    problem: ({ name = '' }) =>
      lowerCase(name) === 'root'
        ? 'name is "root", the user that every broker has; ROOT_PASSWORD of the broker sets its password'
        : undefined,
  },
  {
    fields: ['password', 'passwordEnv'],
    problem: ({ password, passwordEnv }) =>
      password !== undefined && passwordEnv !== undefined
        ? 'password and passwordEnv are both given; keep one of them'
        : undefined,
  },
  {
    fields: ['type', 'allowReadPermissions', 'allowWritePermissions'],
    problem: ({ type, allowReadPermissions, allowWritePermissions }) => {
      const hasLists = allowReadPermissions !== undefined || allowWritePermissions !== undefined;
      return type === 'management' && hasLists
        ? 'allowReadPermissions and allowWritePermissions have no meaning for a management user, who may do everything; leave them out'
        : undefined;
    },
  },
];
