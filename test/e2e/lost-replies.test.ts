// What the broker has done although Terraform never got its answer, and what it has done in part; for the kinds of objects
// that interrupted.test.ts does not kill a run for.
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';

const deployment = Deployment.forThisFile();
const SECRET = 'First-4711-aA';

test('a user, the settings and the stations of a set are there although each answer was lost, and the next run goes on', async () => {
  const { admin, proxy } = deployment;
  const stack = deployment.stack({ USER_PASSWORD: SECRET });
  const declare = (version: number, hours: number) =>
    stack.declare({
      stationSets: {
        set: { stations: ['lost-1', 'lost-2', 'lost-3'], partitions_number: 3, owner: 'a/b/set' },
      },
      users: {
        app: {
          name: 'lost-app',
          type: 'application',
          password_env: 'USER_PASSWORD',
          password_version: version,
          owner: 'a/b/app',
        },
      },
      clusterConfigs: {
        it: { dls_retention_hours: hours, gc_producer_consumer_retention_hours: 3, owner: 'a/b/settings' },
      },
    });
  const converges = async (): Promise<void> => {
    const again = await stack.apply();
    expect(again).toMatchObject({ code: 0, errors: [] });
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
    const rows = (await admin.listStations()).filter(({ name }) => name.startsWith('lost-'));
    expect(rows.map(({ name, partitions }) => [name, partitions]).sort()).toEqual(
      [1, 2, 3].map((number) => [`lost-${number}`, [1, 2, 3]]),
    );
    expect((await admin.listUsers()).filter(({ name }) => name === 'lost-app')).toHaveLength(1);
    for (const kind of ['station', 'user', 'cluster'] as const)
      for (const record of (await admin.ledger.list(kind)).values())
        expect(record).toMatchObject({
          state: 'complete',
          owner: expect.stringMatching(/^a\/b\//) as string,
        });
  };

  declare(1, 7);
  const creations = ['/stations/createStation', '/usermgmt/addUser', '/configurations/editClusterConfig'];
  for (const path of creations) proxy.cutAnswerOf(path);
  const first = await stack.apply();
  expect(first.errors.join()).not.toMatch(/station|user/);
  expect((await admin.readClusterSettings()).dls_retention).toBe(7);
  await converges();
  const before = new Map((await admin.listStations()).map(({ name, id }) => [name, id]));

  declare(2, 8);
  const changes = ['/usermgmt/removeUser', '/configurations/editClusterConfig'];
  for (const path of changes) proxy.cutAnswerOf(path);
  const second = await stack.apply();
  expect(second.errors.join('\n')).toMatch(/remove user "lost-app"/);
  await converges();
  expect((await admin.readClusterSettings()).dls_retention).toBe(8);

  for (const path of ['/stations/removeStation', '/usermgmt/removeUser']) proxy.cutAnswerOf(path);
  const gone = await stack.destroy();
  expect(gone.code).toBe(1);
  expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
  expect(before.size).toBeGreaterThan(2);
  expect((await admin.listStations()).filter(({ name }) => name.startsWith('lost-'))).toEqual([]);
  expect((await admin.listUsers()).filter(({ name }) => name === 'lost-app')).toEqual([]);
  for (const kind of ['station', 'user', 'cluster'] as const)
    expect((await admin.ledger.list(kind)).size).toBe(0);
}, 60_000);

test('a set of which the broker made some partitions only is completed in the same run', async () => {
  const { admin, proxy } = deployment;
  const stack = deployment.stack();
  const set = { partitions_number: 3, owner: 'a/b/torn' };
  stack.declare({ stationSets: { set: { stations: ['torn-1'], ...set } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  stack.declare({ stationSets: { set: { stations: ['torn-1', 'torn-2'], ...set } } });
  proxy.cutAnswerOf('/stations/createStation', () => admin.deleteStream('torn-2$2'));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await admin.readStream('torn-2$2')).toBeDefined();
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  for (const name of ['torn-1', 'torn-2']) {
    await publish(deployment.broker, name, 3, 3);
    expect(await deployment.messages(name)).toBe(3);
  }
}, 60_000);

test('of two applies at once that declare the same stations in sets and the same user, each object gets one owner', async () => {
  const { admin } = deployment;
  const stacks = ['one', 'two'].map((owner) => {
    const stack = deployment.stack({ USER_PASSWORD: SECRET });
    stack.declare({
      stationSets: { set: { stations: ['race-1', 'race-2', 'race-3'], owner: `${owner}/s/set` } },
      users: {
        app: {
          name: 'race-app',
          type: 'application',
          password_env: 'USER_PASSWORD',
          owner: `${owner}/s/app`,
        },
      },
    });
    return stack;
  });
  for (const stack of stacks) expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  const runs = await Promise.all(stacks.map(async (stack) => stack.applyPlan()));

  const named = [
    ['station', 'race-1'],
    ['station', 'race-2'],
    ['station', 'race-3'],
    ['user', 'race-app'],
  ] as const;
  const winners = await Promise.all(
    named.map(
      async ([kind, name]) => [name, (await admin.ledger.read(kind, name))?.owner.split('/')[0]] as const,
    ),
  );
  for (const [index, owner] of ['one', 'two'].entries()) {
    const { 'memphis_station_set.set': set, 'memphis_user.app': app } =
      (await stacks[index]?.terraform.show()) ?? {};
    const has = [...Object.keys(set?.stations ?? {}), ...(app === undefined ? [] : ['race-app'])];
    const own = winners.filter((winner) => winner[1] === owner).map(([name]) => name);
    expect({ owner, has: has.sort() }).toEqual({ owner, has: own.sort() });
    // Each error names one of the objects that the other one got.
    for (const [name, winner] of winners)
      expect(runs[index]?.errors.filter((error) => error.includes(`"${name}"`))).toHaveLength(
        winner === owner ? 0 : 1,
      );
  }
  for (const stack of stacks)
    expect(await stack.destroy('-refresh=false')).toMatchObject({ code: 0, errors: [] });
  expect((await admin.listStations()).filter(({ name }) => name.startsWith('race-'))).toEqual([]);
  expect((await admin.listUsers()).filter(({ name }) => name === 'race-app')).toEqual([]);
}, 60_000);
