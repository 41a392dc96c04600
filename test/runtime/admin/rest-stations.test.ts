import { resolveConnection } from '../../../src/model/connection';
import { canonicalStation } from '../../../src/model/station';
import type { Admin, StationRow } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { RestProxy } from '../../support/rest-proxy';

let broker: LocalBroker;
let proxy: RestProxy;
let admin: Admin;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  proxy = await RestProxy.start(broker.restUrl);
  admin = await connectAdmin(resolveConnection({}, { ...broker.environment(), MEMPHIS_REST_URL: proxy.url }));
});

afterAll(async () => {
  await admin.close();
  await proxy.stop();
  await broker.stop();
});

/** The row of a station in the list of all of them, without the schema, which a read by name does not show, and the time. */
async function listedDetails(name: string): Promise<object | undefined> {
  const row = (await admin.listStations()).find((station) => station.name === name);
  if (row === undefined) return undefined;
  const { schemaName: _, schemaVersionNumber: __, createdAt: ___, ...details }: StationRow = row;
  return details;
}

test('a station read by name is the station of the list, whatever its settings', async () => {
  await admin.createStation({ ...canonicalStation({ name: 'by-name-dls' }), tags: [] });
  const plain = canonicalStation({
    name: 'by-name.plain',
    sendPoisonMsgToDls: false,
    sendSchemaFailedMsgToDls: false,
  });
  const full = canonicalStation({
    name: 'by-name.full',
    partitionsNumber: 3,
    dlsStation: 'by-name-dls',
    sendPoisonMsgToDls: true,
    sendSchemaFailedMsgToDls: true,
  });
  await admin.createStation({ ...plain, tags: [] });
  await admin.createStation(full);
  // A creation sends no tags: several that share a new one can fail after the station was made.
  await admin.addStationTags('by-name.full', ['zebra', 'ant']);
  await admin.removeStationTag('by-name.full', 'default');

  expect(await admin.readStation('by-name.plain')).toEqual({
    id: expect.any(Number) as number,
    name: 'by-name.plain',
    partitions: [1],
    partitionsNumber: 1,
    isNative: true,
    sendPoisonMsgToDls: false,
    sendSchemaFailedMsgToDls: false,
    dlsStation: '',
    tags: ['default'],
    // What REST keeps of the creation: it proves whose an interrupted creation is.
    creation: {
      by: 'root',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      retentionType: 'message_age_sec',
      retentionValue: 3600,
      storageType: 'disk',
      replicas: 1,
      idempotencyWindowMs: 120_000,
    },
  });
  expect(await admin.readStation('By-Name.Full')).toMatchObject({
    partitions: [1, 2, 3],
    sendPoisonMsgToDls: true,
    sendSchemaFailedMsgToDls: true,
    dlsStation: 'by-name-dls',
    tags: ['ant', 'zebra'],
  });
  for (const name of ['by-name.plain', 'by-name.full']) {
    // The list does not tell what the creation asked for.
    expect(await admin.readStation(name)).toEqual({
      ...(await listedDetails(name)),
      creation: expect.anything() as unknown,
    });
  }
});

test('one dead-letter flag is not taken for the other', async () => {
  const station = canonicalStation({ name: 'one-flag' });
  await admin.createStation({ ...station, tags: [] });
  await admin.setDlsConfiguration('one-flag', { sendPoisonMsgToDls: false, sendSchemaFailedMsgToDls: true });
  expect(await admin.readStation('one-flag')).toMatchObject({
    sendPoisonMsgToDls: false,
    sendSchemaFailedMsgToDls: true,
  });
});

test('reading by name finds nothing for a station that does not exist or was removed', async () => {
  expect(await admin.readStation('never-made')).toBeUndefined();
  await admin.createStation({ ...canonicalStation({ name: 'soon-gone' }), tags: [] });
  expect(await admin.readStation('soon-gone')).toMatchObject({ name: 'soon-gone' });
  await admin.removeStation('soon-gone');
  expect(await admin.readStation('soon-gone')).toBeUndefined();
});

test('reading by name is one request and never the list', async () => {
  await admin.createStation({ ...canonicalStation({ name: 'one-request' }), tags: [] });
  const before = proxy.requests.length;
  await admin.readStation('one-request');
  expect(proxy.requests.slice(before)).toEqual(['GET /api/stations/getStation']);
});
