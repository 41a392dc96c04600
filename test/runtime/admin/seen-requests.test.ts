import { resolveConnection } from '../../../src/model/connection';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin, requireOneBroker } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { observe } from '../../../src/runtime/reconcile';
import { RestProxy } from '../../support/rest-proxy';

let [one, other]: LocalBroker[] = [];
let proxy: RestProxy;
const open: Admin[] = [];

beforeAll(async () => {
  [one, other] = await Promise.all([
    LocalBroker.start({ store: 'memory' }),
    LocalBroker.start({ store: 'memory' }),
  ]);
  proxy = await RestProxy.start(other.restUrl);
});
afterAll(async () => {
  for (const admin of open) await admin.close();
  await proxy.stop();
  await Promise.all([one?.stop(), other?.stop()]);
});

/** The client port of the one broker with a REST API. */
async function adminOf(restUrl = ''): Promise<Admin> {
  const environment = { ...one?.environment(), MEMPHIS_REST_URL: restUrl };
  const admin = await connectAdmin(resolveConnection({}, environment));
  open.push(admin);
  return admin;
}

/** The same, but as if every station had been made together with its stream. */
async function withEqualTimes(restUrl = ''): Promise<Admin> {
  const admin = await adminOf(restUrl);
  const [{ created = '' } = {}] = await admin.listStreams();
  return {
    ...admin,
    listNewestStations: async () => {
      const { rows, isComplete } = await admin.listNewestStations();
      return { rows: rows.map((row) => ({ ...row, createdAt: created })), isComplete };
    },
  };
}

test('a client port sees what its own REST API asks a stream for, with one request, and then knows it', async () => {
  const own = await RestProxy.start(one?.restUrl ?? '');
  try {
    const admin = await adminOf(own.url);
    expect(await admin.canSeeRest('default', 1)).toBe(true);
    expect(await admin.canSeeRest('default', 1)).toBe(true);
    expect(own.requests.filter((call) => call.endsWith('/getMessageDetails'))).toHaveLength(1);
    await expect(requireOneBroker(admin)).resolves.toBeUndefined();
  } finally {
    await own.stop();
  }
});

test('two brokers of the same stations that were made at the same time are refused', async () => {
  const admin = await withEqualTimes(other?.restUrl);
  const refused = /are not the same broker: what the REST API asks the streams of station "default" does not/;
  await expect(requireOneBroker(admin)).rejects.toThrow(refused);
  await expect(observe(admin)).rejects.toThrow(refused);
  // What a real broker shows of its own requests is not known.
  const real: Admin = { ...admin, facts: { ...admin.facts, stock: false } };
  await expect(requireOneBroker(real)).resolves.toBeUndefined();
});

test('a REST API that does not tell proves nothing', async () => {
  const admin = await withEqualTimes(proxy.url);
  proxy.rewrite('/getMessageDetails', () => '{"message":"Station default does not exist"}');
  expect(await admin.canSeeRest('default', 1)).toBeUndefined();
  await expect(requireOneBroker(admin)).resolves.toBeUndefined();
});
