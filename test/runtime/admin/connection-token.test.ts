import { resolveConnection } from '../../../src/model/connection';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { Run, enforcementKind, schemaKind, stationKind } from '../../../src/runtime/reconcile';

const claim = { owner: 'shop/s/token', adoptExisting: false };
const permissions = { allowMessageLoss: false };

test('with a connection token an enforcement is destroyed, although the REST API cannot detach', async () => {
  const broker = await LocalBroker.start({
    store: 'memory',
    connectionToken: 'memphis',
    log: () => undefined,
  });
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  try {
    const run = new Run(admin);
    const station = stationKind.canonical({ name: 'with.token' });
    const schema = schemaKind.canonical({ name: 'with-token', type: 'json', content: '{"type":"object"}' });
    const enforcement = enforcementKind.canonical({ stationName: station.name, schemaName: schema.name });
    await stationKind.create(run, station, claim, permissions);
    await schemaKind.create(run, schema, claim, permissions);
    await enforcementKind.create(run, enforcement, claim, permissions);

    const login = await fetch(`${broker.restUrl}/api/usermgmt/login`, {
      method: 'POST',
      body: JSON.stringify({ username: 'root', password: broker.environment().MEMPHIS_PASSWORD }),
    });
    const { jwt } = (await login.json()) as { jwt: string };
    const refused = await fetch(`${broker.restUrl}/api/stations/removeSchemaFromStation`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${jwt}` },
      body: JSON.stringify({ station_name: station.name }),
    });
    expect(refused.status).toBe(500);

    await enforcementKind.destroy(run, enforcement, { permissions, owner: claim.owner });
    expect((await admin.listStations()).find(({ name }) => name === station.name)?.schemaName).toBe('');
    await admin.detachSchema('nowhere');
  } finally {
    await admin.close();
    await broker.stop();
  }
});
