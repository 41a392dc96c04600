import { TerraformVariable } from 'cdktf';
import { Station, User } from '../../src';
import type { UserProps } from '../../src';
import { problemsIn, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

test('the stations of a user become references, by construct and by name, and the password stays one', () => {
  const { resource } = synthesised((stack) => {
    const orders = new Station(stack, 'orders', { name: 'orders' });
    new Station(stack, 'returns', { name: 'Returns' });
    const secret = new TerraformVariable(stack, 'secret', { type: 'string', sensitive: true });
    new User(stack, 'app', {
      name: 'app',
      type: 'application',
      password: secret.stringValue,
      passwordVersion: 2,
      allowReadPermissions: [orders, 'returns', 'audit-.*'],
      allowWritePermissions: [Station.fromName(stack, 'audit', 'audit')],
      deletionProtection: true,
    });
  });
  expect(resource?.memphis_user).toEqual({
    app: {
      name: 'app',
      type: 'application',
      password: '${var.secret}',
      password_version: 2,
      allow_read_permissions: [
        '${memphis_station.orders.name}',
        '${memphis_station.returns.name}',
        'audit-.*',
      ],
      allow_write_permissions: ['audit'],
      deletion_protection: true,
      owner: expect.stringMatching(/test\/app$/) as unknown,
    },
  });
});

test('what is wrong with a user is reported at synth, and no password is shown', () => {
  const problems = problemsIn((stack) => {
    const user = (id: string, props: Partial<UserProps>) =>
      new User(stack, id, { name: id, type: 'application', ...props });
    user('literal', { password: 'Secret-4711' });
    user('a b', { passwordEnv: 'NOT A NAME' });
    user('lists', { type: 'management', allowReadPermissions: ['x'] });
    user('station', { allowReadPermissions: [{ name: 7 } as never], allowWritePermissions: [] });
    user('team', { team: 'a'.repeat(21), fullName: '' });
    user('other', { passwort: 'Secret-4711' } as never);
    user('Team', {});
    user('nulls', { type: 'root' as never, passwordVersion: -1, allowReadPermissions: null as never });
  });
  expect(problems.join()).not.toContain('Secret');
  expect(problems.map((problem) => problem.slice(0, 90))).toMatchInlineSnapshot(`
    [
      "[test/literal] password is written into the program, and synth would write it into cdk.tf.",
      "[test/a b] name is "a b"; it must be a user name: 1 to 60 of a-z 0-9 _ . -",
      "[test/a b] passwordEnv is "NOT A NAME"; it must be the name of an environment variable",
      "[test/lists] allowReadPermissions and allowWritePermissions have no meaning for a manageme",
      "[test/station] allowReadPermissions[0] has no name; give a station, or the name of one",
      "[test/station] allowWritePermissions is []; it must be a non-empty list of station names o",
      "[test/team] fullName is ""; it must be a string of 1 to 30 characters",
      "[test/team] team is "aaaaaaaaaaaaaaaaaaaaa"; it must be a string of 1 to 20 characters",
      "[test/other] passwort is not a prop of User; use password, or remove it",
      "[test/Team] name is "Team", which "test/team" declares already (upper and lower case are t",
      "[test/nulls] type is "root"; it must be one of application, management",
      "[test/nulls] passwordVersion is -1; it must be a whole number 0 or more",
      "[test/nulls] allowReadPermissions is null; it must be a non-empty list of station names or",
    ]
  `);
});

test('the name of one user cannot be declared twice', () => {
  const problems = problemsIn((stack) => {
    new User(stack, 'a', { name: 'app', type: 'application' });
    new User(stack, 'b', { name: 'APP', type: 'application' });
  });
  expect(problems).toEqual([expect.stringContaining('name is "APP", which "test/a" declares already')]);
});
