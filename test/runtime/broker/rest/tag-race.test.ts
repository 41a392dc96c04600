import { resolveConnection } from '../../../../src/model/connection';
import { canonicalStation } from '../../../../src/model/station';
import type { Admin } from '../../../../src/runtime/admin';
import { connectAdmin } from '../../../../src/runtime/admin';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Run, stationKind } from '../../../../src/runtime/reconcile';

const names = Array.from({ length: 10 }, (_, index) => `station-${index}`);

async function withBroker(faithful: boolean, test: (broker: LocalBroker, admin: Admin) => Promise<void>) {
  const broker = await LocalBroker.start({ faithful, log: () => undefined });
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  try {
    await test(broker, admin);
  } finally {
    await admin.close();
    await broker.stop();
  }
}

/** Creates the stations at once over REST, each with the tag. */
async function createAtOnce({ restUrl }: LocalBroker, tag: string): Promise<number[]> {
  const call = (path: string, body: object, token = '') =>
    fetch(`${restUrl}/api${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  const login = await call('/usermgmt/login', { username: 'root', password: 'memphis' });
  const { jwt } = (await login.json()) as { jwt: string };
  const tags = [{ name: tag, color: '' }];
  const replies = await Promise.all(
    names.map((name) => call('/stations/createStation', { name, partitions_number: 1, tags }, jwt)),
  );
  return replies.map(({ status }) => status);
}

test('a faithful broker makes all stations that are created at once with a new tag, and answers 500 to some', async () => {
  await withBroker(true, async (broker, admin) => {
    const statuses = await createAtOnce(broker, 'new');
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
    const made = await admin.listStations();
    expect(names.filter((name) => !made.some((station) => station.name === name))).toEqual([]);
  });
});

test('another broker gives all of them the tag', async () => {
  await withBroker(false, async (broker, admin) => {
    expect(new Set(await createAtOnce(broker, 'new'))).toEqual(new Set([200]));
    const made = await admin.listStations();
    for (const name of names) expect(made.find((station) => station.name === name)?.tags).toEqual(['new']);
  });
});

test('the engine creates ten stations with a new tag at once on a faithful broker', async () => {
  await withBroker(true, async (_, admin) => {
    const run = new Run(admin);
    const claim = { owner: 'shop/s/tagged', adoptExisting: false };
    const stations = names.map((name) => canonicalStation({ name, tags: ['team-a'] }));
    await Promise.all(
      stations.map((station) => stationKind.create(run, station, claim, { allowMessageLoss: false })),
    );
    const made = await admin.listStations();
    for (const name of names) expect(made.find((station) => station.name === name)?.tags).toEqual(['team-a']);
  });
});
