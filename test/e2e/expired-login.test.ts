import { Deployment } from '../support/deployment';

const deployment = Deployment.forThisFile();

test('a login that expires in the middle of an apply is renewed, and nothing fails or is done twice', async () => {
  const { admin, proxy } = deployment;
  const stack = deployment.stack();
  const names = Array.from({ length: 30 }, (_, index) => `long-${index}`);
  const declared = names.map((name) => [name, { name, owner: `shop/s/${name}`, tags: ['one'] }] as const);
  stack.declare({ stations: Object.fromEntries(declared) });
  let created = 0;
  proxy.onChange = (call, isDone) => {
    if (isDone || !call.endsWith('/createStation')) return;
    created += 1;
    if (created === 12) proxy.expireLogins();
  };
  proxy.requests.length = 0;
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [], warnings: [] });
  proxy.onChange = undefined;
  // That of the plan, that of the apply, and the new one.
  expect(proxy.requests.filter((call) => call.endsWith('/login'))).toHaveLength(3);
  const rows = (await admin.listStations()).filter(({ name }) => name.startsWith('long-'));
  expect(rows.map(({ name }) => name).sort()).toEqual([...names].sort());
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
}, 60_000);
