import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { Deployment } from '../support/deployment';
import { childrenOf, killed } from '../support/processes';
import type { Run } from '../support/stack';
import { Stack } from '../support/stack';

const deployment = Deployment.forThisFile();
const FIRST = 'First-4711-aA';
const SECOND = 'Second-0815-bB';

/** Logs in at the client port. @returns undefined when the broker refuses the user or the password */
async function client(user: string, pass: string): Promise<NatsConnection | undefined> {
  const { host, port } = deployment.broker;
  try {
    const name = `${randomUUID()}::${user}`;
    return await connect({ servers: `${host}:${port}`, user: `${user}$1`, pass, name, reconnect: false });
  } catch {
    return undefined;
  }
}

async function canConnect(user: string, pass: string): Promise<boolean> {
  const connection = await client(user, pass);
  await connection?.close();
  return connection !== undefined;
}

async function canUseRest(username: string, password: string): Promise<boolean> {
  const reply = await fetch(`${deployment.broker.restUrl}/api/usermgmt/login`, {
    method: 'POST',
    body: JSON.stringify({ username, password }),
  });
  return reply.status === 200;
}

const user = async (name: string) => (await deployment.admin.listUsers()).find((each) => each.name === name);

/** The variable that Terraform forgets: it is in no plan and no state. */
const variables = { variable: { secret: { type: 'string', sensitive: true, ephemeral: true } } };

/** Everything that Terraform left in the folder of a stack, the provider itself aside. */
function written({ directory }: Stack): string {
  const files = readdirSync(directory).filter((name) => /tfstate|\.plan$|\.log$|\.json$/.test(name));
  return files.map((name) => readFileSync(join(directory, name)).toString('latin1')).join('\n');
}

test('a user is added, gets another password by another version, and goes; its passwords are written nowhere', async () => {
  const stack = await deployment.stackThatStartsItsProvider({ USER_PASSWORD: FIRST });
  const log = join(stack.directory, 'terraform.log');
  const logged = (env: Record<string, string>) =>
    Stack.open(stack.directory, { ...deployment.environment, TF_LOG: 'TRACE', TF_LOG_PATH: log, ...env });
  const declared = {
    name: 'Billing',
    type: 'application',
    password_env: 'USER_PASSWORD',
    password_version: 1,
  };
  const admin = {
    name: 'ops',
    type: 'management',
    password: '${var.secret}',
    team: 'Ops',
    password_version: 1,
  };
  const output: string[] = [];
  const apply = async (env: Record<string, string>, ...args: string[]) => {
    const run = await logged({ TF_VAR_secret: FIRST, ...env }).apply(...args);
    output.push(run.output);
    return run;
  };

  stack.declare({ users: { app: declared, admin }, more: variables });
  expect(await apply({ USER_PASSWORD: FIRST })).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect([await canConnect('billing', FIRST), await canUseRest('ops', FIRST)]).toEqual([true, true]);
  expect(await user('ops')).toMatchObject({ type: 'management', team: 'ops' });
  const first = await user('billing');
  expect(await logged({ USER_PASSWORD: FIRST, TF_VAR_secret: FIRST }).plan()).toMatchObject({
    code: 0,
    errors: [],
  });

  // Another password alone changes nothing.
  expect(await logged({ USER_PASSWORD: SECOND, TF_VAR_secret: SECOND }).plan()).toMatchObject({ code: 0 });
  const live = await client('billing', FIRST);
  stack.declare({
    users: { app: { ...declared, password_version: 2 }, admin: { ...admin, password_version: 2 } },
    more: variables,
  });
  const second = { USER_PASSWORD: SECOND, TF_VAR_secret: SECOND };
  const planned = await logged(second).plan();
  expect(planned).toMatchObject({ code: 2, errors: [] });
  expect(planned.warnings).toEqual([
    expect.stringMatching(
      /^User "billing" is removed and added again\nThe broker closes its live connections\./,
    ),
  ]);
  expect(await stack.changes()).toMatchObject({
    'memphis_user.app': { actions: ['delete', 'create'], attributes: { password_version: [1, 2] } },
    'memphis_user.admin': { actions: ['delete', 'create'] },
  });
  expect(await apply(second)).toMatchObject({ code: 0, errors: [] });
  expect(live?.isClosed()).toBe(true);
  expect([await canConnect('billing', FIRST), await canConnect('billing', SECOND)]).toEqual([false, true]);
  expect([await canUseRest('ops', FIRST), await canUseRest('ops', SECOND)]).toEqual([false, true]);
  expect((await user('billing'))?.id).not.toBe(first?.id);

  const destroyed = await logged(second).destroy();
  expect(destroyed).toMatchObject({ code: 0, errors: [] });
  expect(await deployment.admin.listUsers()).toHaveLength(1);
  expect((await deployment.admin.ledger.list('user')).size).toBe(0);

  const texts = {
    files: written(stack),
    output: output.join(),
    planned: planned.output,
    destroyed: destroyed.output,
  };
  expect(existsSync(log)).toBe(true);
  expect(texts.files).toContain('memphis_user');
  for (const [place, text] of Object.entries(texts))
    expect([place, text.includes(FIRST), text.includes(SECOND)]).toEqual([place, false, false]);
});

test('permissions count for stations that the same run creates, and other permissions are remove and add', async () => {
  const stack = deployment.stack({ USER_PASSWORD: FIRST });
  const declared = (names: readonly string[]) => ({
    stations: { orders: { name: 'orders' }, returns: { name: 'returns' } },
    users: {
      app: {
        name: 'reader',
        type: 'application',
        password_env: 'USER_PASSWORD',
        allow_read_permissions: names,
        allow_write_permissions: ['${memphis_station.orders.name}'],
      },
    },
  });
  stack.declare(declared(['${memphis_station.orders.name}']));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await user('reader')).toMatchObject({
    allowReadPermissions: ['orders'],
    allowWritePermissions: ['orders'],
  });
  const before = await client('reader', FIRST);
  const reads = async (connection: NatsConnection | undefined, stream: string) => {
    const reply = connection?.request(`$JS.API.STREAM.INFO.${stream}`, '', { timeout: 500 });
    return reply?.then(() => true).catch(() => false);
  };
  expect([await reads(before, 'orders$1'), await reads(before, 'returns$1')]).toEqual([true, false]);

  stack.declare(declared(['returns', 'orders']));
  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  expect((await stack.changes())['memphis_user.app']?.actions).toEqual(['delete', 'create']);
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  const after = await client('reader', FIRST);
  expect([await reads(after, 'orders$1'), await reads(after, 'returns$1')]).toEqual([true, true]);
  await after?.close();
  stack.declare(declared(['ORDERS', 'returns']));
  expect(await stack.plan()).toMatchObject({ code: 0 });
  expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
});

test('an import keeps the password and takes the version over; then another version sets the declared one', async () => {
  const add = { username: 'by-hand', user_type: 'application', password: FIRST };
  const session = await fetch(`${deployment.broker.restUrl}/api/usermgmt/login`, {
    method: 'POST',
    body: JSON.stringify({ username: 'root', password: 'memphis' }),
  });
  const { jwt } = (await session.json()) as { jwt: string };
  const headers = { authorization: `Bearer ${jwt}` };
  await fetch(`${deployment.broker.restUrl}/api/usermgmt/addUser`, {
    method: 'POST',
    headers,
    body: JSON.stringify(add),
  });
  const stack = deployment.stack({ USER_PASSWORD: SECOND });
  const declared = {
    name: 'by-hand',
    type: 'application',
    password_env: 'USER_PASSWORD',
    password_version: 3,
  };
  stack.declare({ users: { app: declared } });
  const refused = await stack.apply();
  expect(refused.errors.join()).toContain('MEMPHIS_ALREADY_EXISTS');

  stack.declare({ users: { app: declared }, more: { import: [{ to: 'memphis_user.app', id: 'by-hand' }] } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await canConnect('by-hand', FIRST)).toBe(true);
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  stack.declare({ users: { app: { ...declared, password_version: 4 } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect([await canConnect('by-hand', FIRST), await canConnect('by-hand', SECOND)]).toEqual([false, true]);

  stack.declare({ users: { app: { ...declared, password_version: 4, deletion_protection: true } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  stack.declare({ users: { app: { ...declared, password_version: 5, deletion_protection: true } } });
  expect((await stack.plan()).errors.join()).toContain('MEMPHIS_DELETION_PROTECTED');
  expect((await stack.destroy()).errors.join()).toContain('The user is protected');
});

test('a user that is there and free is adopted on request, and a password that is not the declared one is reported', async () => {
  const owner = 'shop/users/app';
  const stack = deployment.stack({ USER_PASSWORD: SECOND });
  const other = deployment.stack({ USER_PASSWORD: FIRST });
  const declared = { name: 'free', type: 'application', password_env: 'USER_PASSWORD' };
  other.declare({ users: { app: declared } });
  expect(await other.apply()).toMatchObject({ code: 0, errors: [] });
  stack.declare({ users: { app: { ...declared, adopt_existing: true, owner } } });
  const adopted = await stack.apply();
  expect(adopted).toMatchObject({ code: 0, errors: [] });
  expect(adopted.warnings).toEqual(
    expect.arrayContaining([
      expect.stringContaining('User "free" exists and is adopted'),
      expect.stringContaining('User "free" cannot log in with the declared password'),
    ]),
  );
  other.declare({ users: { app: { ...declared, owner: 'shop/others/app' } } });
  expect((await other.plan()).errors.join()).toContain(`It belongs to ${owner}`);
  expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
});

test('users that the broker could not add are refused by the plan, without a word of their passwords', async () => {
  const stack = deployment.stack({ WEAK: 'weak-4711' });
  const refusedFor = async (users: Readonly<Record<string, Record<string, unknown>>>) => {
    const declared = Object.entries(users).map(([name, given]) => [
      name,
      { name, type: 'application', ...given },
    ]);
    stack.declare({ users: Object.fromEntries(declared) as Record<string, Record<string, unknown>> });
    const { code, errors, output } = await stack.plan();
    expect(code).toBe(1);
    expect(output).not.toMatch(/weak-4711|Second-|short/);
    return [...errors].sort();
  };
  expect(
    await refusedFor({
      a: { password_env: 'WEAK', password: SECOND },
      b: { allow_read_permissions: [] },
      c: { allow_read_permissions: ['*'] },
      d: { password: 'short' },
      e: { type: 'management', allow_write_permissions: ['x'] },
      root: { password: SECOND },
    }),
  ).toEqual([
    expect.stringContaining('have no meaning for a management user'),
    expect.stringMatching(/allowReadPermissions is \["\*"\].*where \* repeats the character before it/),
    expect.stringContaining('allowReadPermissions is []; it must be a non-empty list'),
    expect.stringContaining('name is "root", the user that every broker has'),
    expect.stringContaining('password and passwordEnv are both given'),
    expect.stringContaining('password is not valid; it must be a password that Memphis accepts'),
  ]);
  expect(await refusedFor({ a: {}, b: { password_env: 'NOT_SET' }, c: { password_env: 'WEAK' } })).toEqual([
    expect.stringContaining('No password is given.\n\nSet passwordEnv'),
    expect.stringContaining('The environment variable NOT_SET is not set where Terraform runs.'),
    expect.stringContaining('the value of WEAK is not valid; it must be a password that Memphis accepts'),
  ]);
});

test('the user of the run itself is neither removed nor replaced', async () => {
  const stack = deployment.stack({ USER_PASSWORD: FIRST });
  stack.declare({ users: { app: { name: 'self', type: 'management', password_env: 'USER_PASSWORD' } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const own = deployment.stackIn(stack.directory, {
    USER_PASSWORD: FIRST,
    MEMPHIS_REST_USERNAME: 'self',
    MEMPHIS_REST_PASSWORD: FIRST,
  });
  expect((await own.destroy()).errors.join()).toContain('This run is logged in as that user');
  expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
});

test('each user costs as many requests as any other, and the list of users is read once a process', async () => {
  const stack = deployment.stack({ USER_PASSWORD: FIRST });
  const declare = (count: number) => {
    const users = Array.from({ length: count }, (_, index) => {
      const name = `many-${index}`;
      return [name, { name, type: 'application', password_env: 'USER_PASSWORD' }] as const;
    });
    stack.declare({ users: Object.fromEntries(users) });
  };
  const requestsOf = async (run: () => Promise<Run>) => {
    deployment.proxy.requests.length = 0;
    const { code, errors } = await run();
    expect([code === 1, errors]).toEqual([false, []]);
    const paths = deployment.proxy.requests.map((call) => call.slice(call.lastIndexOf('/') + 1));
    const counted = (path: string) => paths.filter((each) => each === path).length;
    const [added, removed] = [counted('addUser'), counted('removeUser')];
    const others = paths.filter((path) => path !== 'addUser' && path !== 'removeUser').sort();
    return { added, removed, others };
  };
  const several = () => stack.apply('-parallelism=30');
  declare(1);
  const one = await requestsOf(several);
  const onePlan = await requestsOf(() => stack.plan());
  expect(onePlan.others.filter((path) => path === 'getAllUsers')).toHaveLength(1);
  declare(50);
  expect(await requestsOf(several)).toEqual({ ...one, added: 49 });
  expect(await requestsOf(() => stack.plan())).toEqual(onePlan);
  const gone = await requestsOf(() => stack.destroy('-parallelism=30'));
  expect([gone.removed, gone.others.length <= one.others.length + 2]).toEqual([50, true]);
}, 60_000);

test.each(['removeUser', 'addUser'])(
  'a run that is killed after %s, in the middle of a change of the password, is resumed by the next one',
  async (path) => {
    const name = `killed-${path.toLowerCase()}`;
    const stack = await deployment.stackToKill({ USER_PASSWORD: FIRST });
    const declare = (version: number) => {
      const declared = {
        name,
        type: 'application',
        password_env: 'USER_PASSWORD',
        password_version: version,
      };
      stack.declare({ users: { app: { ...declared, owner: 'shop/users/app' } } });
    };
    declare(1);
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    declare(2);
    const later = deployment.stackIn(stack.directory, { USER_PASSWORD: SECOND });
    const done = deployment.proxy.keepAnswerOf(`/usermgmt/${path}`);
    const terraform = later.terraform.start(['apply', '-auto-approve', '-input=false', '-no-color']);
    const ended = once(terraform, 'close');
    terraform.stdout?.resume();
    terraform.stderr?.resume();
    await done;
    const providers = childrenOf(terraform.pid ?? 0);
    terraform.kill('SIGKILL');
    killed(providers);
    await ended;
    expect(await user(name)).toEqual(path === 'removeUser' ? undefined : expect.anything());

    expect(await later.apply()).toMatchObject({ code: 0, errors: [] });
    expect([await canConnect(name, FIRST), await canConnect(name, SECOND)]).toEqual([false, true]);
    expect(await later.plan()).toMatchObject({ code: 0, errors: [] });
    expect(await later.destroy()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.admin.ledger.read('user', name)).toBeUndefined();
  },
  30_000,
);
