import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { resolveConnection } from '../../../src/model/connection';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import {
  Run,
  clusterKind,
  enforcementKind,
  schemaKind,
  stationKind,
  userKind,
} from '../../../src/runtime/reconcile';
import { RestProxy } from '../../support/rest-proxy';
import { idOfType } from '../../support/schema-text';

/**
 * What each step of an apply asks the broker for, counted on the wire: REST calls, JetStream requests, and writes to the
 * ledger. The numbers are those of docs/architecture.md, and the same however many objects the broker holds.
 */
const permissions = { allowMessageLoss: false };
const claim = { owner: 'shop/orders/requests', adoptExisting: false };
const SIZES = [10, 300, 3000];

let broker: LocalBroker;
let proxy: RestProxy;
let admin: Admin;
/** Another run, which has not seen the ledger yet, as when objects are destroyed. */
let later: Admin;
let nats: NatsConnection;
/** How many requests the engine's own connection has sent so far. */
let ownRequests: () => number;
let held = 0;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  proxy = await RestProxy.start(broker.restUrl);
  const connection = resolveConnection({}, { ...broker.environment(), MEMPHIS_REST_URL: proxy.url });
  admin = await connectAdmin(connection);
  later = await connectAdmin(connection);
  const name = `${randomUUID()}::root`;
  nats = await connect({ servers: `${broker.host}:${broker.port}`, user: 'root', pass: 'memphis', name });
  // As many users as there are stations: a broker takes seconds to add them.
  proxy.rewrite('/usermgmt/getAllUsers', (body) => {
    const lists = JSON.parse(body) as { readonly management_users: readonly object[] };
    const others = Array.from({ length: held }, (_, index) => ({
      ...lists.management_users[0],
      id: 1_000 + index,
      username: `other-${index}`,
      user_type: 'management',
    }));
    return JSON.stringify({ ...lists, management_users: [...lists.management_users, ...others] });
  });
  await admin.ledger.ensureBrokerId();
  // Before the first write of a station, a run asks whether there are users with permission lists.
  for (const each of [admin, later]) await each.removeStation('none');
  await watchRequests();
});

afterAll(async () => {
  await nats.close();
  await admin.close();
  await later.close();
  await proxy.stop();
  await broker.stop();
});

/** Notes the requests of the engine's own connection alone: the broker asks its server, too. */
async function watchRequests(): Promise<void> {
  const all: { readonly subject: string; readonly inbox: string }[] = [];
  for (const subject of ['$JS.API.>', '$KV.>']) {
    nats.subscribe(subject, {
      callback: (_, message) => all.push({ subject: message.subject, inbox: inboxOf(message.reply) }),
    });
  }
  await nats.flush();
  for (const each of [admin, later]) await each.readStream('no-such-stream$1');
  await nats.flush();
  const own = all.filter(({ subject }) => subject.includes('no-such-stream')).map(({ inbox }) => inbox);
  if (own.length !== 2) throw new Error('the requests of the engine were not seen');
  ownRequests = () => all.filter(({ inbox }) => own.includes(inbox)).length;
}

function inboxOf(reply: string | undefined): string {
  return reply?.split('.').slice(0, 2).join('.') ?? '';
}

async function counted(step: () => Promise<unknown>): Promise<number> {
  await nats.flush();
  const before = ownRequests() + proxy.requests.length;
  await step();
  await nats.flush();
  return ownRequests() + proxy.requests.length - before;
}

/** Makes the broker hold so many stations and schemas, as others would. */
async function fill(size: number): Promise<void> {
  const numbers = Array.from({ length: size - held }, (_, index) => held + index);
  held = size;
  const next = numbers[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const number of next) {
      const request = { name: `other-${number}`, username: 'root', partitions_number: 1 };
      await nats.request('$memphis_station_creations', JSON.stringify(request), { timeout: 20_000 });
      const schema = {
        name: `other-${number}`,
        type: 'json',
        created_by_username: 'root',
        schema_content: '{}',
      };
      await nats.request('$memphis_schema_creations', JSON.stringify(schema), { timeout: 20_000 });
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

/** Each step with the requests that it costs; the first steps of a run also read once what a run needs. */
function steps(
  run: Run,
  laterRun: Run,
  suffix: string,
): Readonly<Record<string, readonly [number, () => Promise<unknown>]>> {
  const station = stationKind.canonical({ name: `s-${suffix}`, partitionsNumber: 2 });
  const letters = stationKind.canonical({ name: `d-${suffix}`, dlsStation: station.name });
  const unowned = stationKind.canonical({ name: `u-${suffix}` });
  const schema = schemaKind.canonical({ name: `c-${suffix}`, type: 'json', content: idOfType('string') });
  const changed = { ...schema, content: idOfType('number') };
  const enforcement = enforcementKind.canonical({ stationName: station.name, schemaName: schema.name });
  const removal = { permissions, owner: claim.owner };
  const user = userKind.canonical({ name: `r-${suffix}`, type: 'application', team: 'ours' });
  const operator = userKind.canonical({ name: `m-${suffix}`, type: 'management' });
  const password = 'Abc123!@#x';
  const settings = clusterKind.canonical({
    dlsRetentionHours: 10 + held,
    logsRetentionDays: 7,
    gcProducerConsumerRetentionHours: 24,
  });
  return {
    'create a station of two partitions': [10, () => stationKind.create(run, station, claim, permissions)],
    'create a station without an owner': [
      4,
      () => stationKind.create(run, unowned, { ...claim, owner: '' }, permissions),
    ],
    'create a station with a dead-letter station': [
      9,
      () => stationKind.create(run, letters, claim, permissions),
    ],
    'read a station of two partitions': [3, () => stationKind.read(run, station.name)],
    'update both streams of a station': [
      6,
      () => stationKind.update(run, { ...station, retentionValue: 7200 }, claim, permissions),
    ],
    'update nothing of a station': [
      4,
      () => stationKind.update(run, { ...station, retentionValue: 7200 }, claim, permissions),
    ],
    'create a schema': [6, () => schemaKind.create(run, schema, claim, permissions)],
    'store and activate a new version': [6, () => schemaKind.update(run, changed, claim, permissions)],
    'activate an older version': [4, () => schemaKind.update(run, schema, claim, permissions)],
    'enforce a schema': [3, () => enforcementKind.create(run, enforcement, claim, permissions)],
    'read what only the list of stations tells, once a run': [1, () => laterRun.links.schemaOf(station.name)],
    'read the replacements that earlier runs left, once a run': [1, () => laterRun.unfinishedReplacements()],
    'read the recorded enforcements, once a run': [1, () => laterRun.recordsOf('enforcement')],
    'end an enforcement': [4, () => enforcementKind.destroy(laterRun, enforcement, removal)],
    'destroy a schema': [4, () => schemaKind.destroy(laterRun, schema, removal)],
    'destroy a station with a dead-letter station': [
      6,
      () => stationKind.destroy(laterRun, letters, removal),
    ],
    'destroy an empty station of two partitions': [8, () => stationKind.destroy(laterRun, station, removal)],
    'list the users, once a run': [1, () => run.users.find(user.name)],
    // An application user logs in by a connection of its own, which is not counted.
    'create an application user': [4, () => userKind.create(run, { ...user, password }, claim, permissions)],
    'create a management user': [
      5,
      () => userKind.create(run, { ...operator, password }, claim, permissions),
    ],
    'record another owner of a user': [2, () => userKind.update(run, user, claim, permissions)],
    'list the users, once a later run': [1, () => laterRun.users.find(user.name)],
    'destroy a user': [3, () => userKind.destroy(laterRun, user, removal)],
    'destroy a management user': [3, () => userKind.destroy(laterRun, operator, removal)],
    'change the settings of the broker': [5, () => clusterKind.create(run, settings, claim, permissions)],
    'change nothing of the settings': [3, () => clusterKind.update(run, settings, claim, permissions)],
    'give up the settings': [1, () => clusterKind.destroy(run, settings, removal)],
  };
}

test.each(SIZES)(
  'the requests of each step are the same beside %d stations, schemas and users',
  async (size) => {
    await fill(size);
    expect((await admin.listSchemas()).length).toBeGreaterThanOrEqual(size);
    expect((await admin.listUsers()).length).toBeGreaterThanOrEqual(size);
    const run = new Run(admin);
    const laterRun = new Run(later);
    // Once a run: the links of all stations, and the replacements that an interrupted run left.
    const once = await counted(async () => {
      await run.links.schemaOf('none');
      await run.unfinishedReplacements();
    });
    expect(once).toBeLessThanOrEqual(4);
    const costs: Record<string, number> = {};
    const expected: Record<string, number> = {};
    for (const [name, [cost, step]] of Object.entries(steps(run, laterRun, String(size)))) {
      costs[name] = await counted(step);
      expected[name] = cost;
    }
    expect(costs).toEqual(expected);
  },
  120_000,
);

test('the snapshot of a plan costs a page for 256 streams, and three calls', async () => {
  const pages = Math.ceil((await admin.listStreams()).length / 256);
  expect(await counted(() => new Run(admin).snapshot())).toBeLessThanOrEqual(pages + 1 + 2);
});
