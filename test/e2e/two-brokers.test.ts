import { canonicalStation } from '../../src/model/station';
import { LocalBroker } from '../../src/runtime/broker';
import { Deployment } from '../support/deployment';

const deployment = Deployment.forThisFile();
let other: LocalBroker;

beforeAll(async () => {
  other = await LocalBroker.start({ store: 'memory' });
  const { admin, close } = await deployment.adminOf(other);
  await admin.createStation(canonicalStation({ name: 'theirs' }));
  await close();
});
afterAll(() => other.stop());

/** A stack whose client port is that of the one broker, and whose REST API that of the other. */
function mixedStack() {
  return deployment.stack({ MEMPHIS_REST_URL: other.restUrl });
}

/** The names of what both brokers have. */
async function everythingOnBoth(): Promise<unknown> {
  const { admin, close } = await deployment.adminOf(other);
  const rows = await admin.listStations();
  const [schemas, users] = [await admin.listSchemas(), await admin.listUsers()];
  await close();
  return { here: await deployment.everything(), there: { rows, schemas, users } };
}

const REFUSED = /are not the same broker: .*nothing was changed\..*Set MEMPHIS_REST_URL/s;

test.each<[what: string, declared: Parameters<ReturnType<typeof mixedStack>['declare']>[0]]>([
  ['a station', { stations: { a: { name: 'mine' } } }],
  ['a schema', { schemas: { a: { name: 'mine', type: 'json', content: '{"type":"object"}' } } }],
  ['a user', { users: { a: { name: 'mine', type: 'application', password: 'Memphis-1234' } } }],
  [
    'the settings of the broker',
    { more: { resource: { memphis_cluster_config: { a: { dls_retention_hours: 4 } } } } },
  ],
  [
    'an import',
    {
      stations: { a: { name: 'theirs' } },
      more: { import: [{ to: 'memphis_station.a', id: 'theirs' }] },
    },
  ],
  ['a look at a user', { more: { data: { memphis_user: { a: { name: 'root' } } } } }],
])('two brokers are refused before %s is planned or changed', async (_, declared) => {
  const stack = mixedStack();
  stack.declare(declared);
  const before = await everythingOnBoth();
  const { code, errors } = await stack.apply();
  expect(code).toBe(1);
  expect(errors.join()).toMatch(REFUSED);
  expect(await everythingOnBoth()).toEqual(before);
});
