import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { resolveConnection } from '../../../src/model/connection';
import { Storage } from '../../../src/model/storage';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { takeInventory, readConsumerGroups } from '../../../src/runtime/inventory';
import {
  Run,
  clusterKind,
  enforcementKind,
  observe,
  schemaKind,
  stationKind,
  userKind,
} from '../../../src/runtime/reconcile';
import { acknowledge, publish } from '../../support/publish';
import { RestProxy } from '../../support/rest-proxy';

/**
 * A whole life of every kind, with a management user at the REST API and an application user without lists at the client
 * port. What they ask for is what docs/least-privilege.md says that they need, no more and no less.
 */
const password = 'Abc123!@#x';
let broker: LocalBroker;
let proxy: RestProxy;
let nats: NatsConnection;
let admin: Admin;
const subjects: { readonly subject: string; readonly reply: string }[] = [];

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  const root = await connectAdmin(resolveConnection({}, broker.environment()));
  await root.createUser({ ...userKind.canonical({ name: 'deploy', type: 'application' }), password });
  await root.createUser({ ...userKind.canonical({ name: 'deploy-rest', type: 'management' }), password });
  await root.close();
  proxy = await RestProxy.start(broker.restUrl);
  nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: 'a::root',
  });
  admin = await connectAdmin(
    resolveConnection(
      {},
      {
        ...broker.environment(),
        MEMPHIS_USERNAME: 'deploy',
        MEMPHIS_PASSWORD: password,
        MEMPHIS_REST_USERNAME: 'deploy-rest',
        MEMPHIS_REST_PASSWORD: password,
        MEMPHIS_REST_URL: proxy.url,
      },
    ),
  );
  // Before anybody listens: a write without a ledger is known by its having no listener.
  await admin.ledger.ensureBrokerId();
  for (const subject of ['$JS.API.>', '$KV.>']) {
    nats.subscribe(subject, {
      callback: (_, message) => subjects.push({ subject: message.subject, reply: message.reply ?? '' }),
    });
  }
  await nats.flush();
});

afterAll(async () => {
  await admin.close();
  await nats.close();
  await proxy.stop();
  await broker.stop();
});

/** `$JS.API.STREAM.INFO.orders$1` is `$JS.API.STREAM.INFO.*`. */
function kindOf(subject: string): string {
  if (subject.startsWith('$KV.')) return '$KV.CDKTF_MEMPHIS.>';
  const [js = '', api = '', what = '', verb = '', ...rest] = subject.split('.');
  const long = ['MSG', 'DURABLE'].includes(verb) ? rest.shift() : undefined;
  const name = [js, api, what, verb, long].filter((part) => part !== undefined && part !== '').join('.');
  return rest.length === 0 ? name : `${name}.>`;
}

async function wholeLife(): Promise<void> {
  const permissions = { allowMessageLoss: false };
  const claim = { owner: 'shop/orders/all', adoptExisting: false };
  const run = new Run(admin);
  run.changing();
  const letters = stationKind.canonical({ name: 'letters' });
  const orders = stationKind.canonical({
    name: 'orders',
    partitionsNumber: 2,
    dlsStation: 'letters',
    tags: ['a'],
  });
  const schema = schemaKind.canonical({ name: 'order', type: 'json', content: '{"type":"object"}' });
  const enforcement = enforcementKind.canonical({ stationName: 'orders', schemaName: 'order' });
  const user = userKind.canonical({ name: 'app', type: 'application', allowReadPermissions: ['orders'] });
  await stationKind.create(run, letters, claim, permissions);
  await stationKind.create(run, orders, claim, permissions);
  await schemaKind.create(run, schema, claim, permissions);
  await enforcementKind.create(run, enforcement, claim, permissions);
  await userKind.create(run, { ...user, password }, claim, permissions);
  await clusterKind.create(
    run,
    clusterKind.canonical({
      dlsRetentionHours: 3,
      logsRetentionDays: 3,
      gcProducerConsumerRetentionHours: 3,
    }),
    claim,
    permissions,
  );
  const changed = { ...orders, retentionValue: 7200, sendPoisonMsgToDls: false, tags: ['b'], dlsStation: '' };
  await stationKind.update(run, changed, claim, permissions);
  const number = '{"type":"object","properties":{"n":{"type":"number"}}}';
  await schemaKind.update(run, { ...schema, content: number }, claim, permissions);
  await schemaKind.update(run, schema, claim, permissions);
  await stationKind.update(run, { ...changed, dlsStation: 'letters' }, claim, permissions);
  await stationKind.update(run, changed, claim, permissions);
  await publish(broker, 'orders', 2, 2);
  await acknowledge(broker, 'orders', 1);
  // Replacements that take the messages along: with snapshots, and by streams.
  const carried = { ...permissions, carry: { from: 'orders' } };
  const wider = { ...changed, partitionsNumber: 3 };
  await stationKind.update(run, wider, claim, carried);
  const inMemory = { ...changed, storageType: Storage.MEMORY };
  await stationKind.update(run, inMemory, claim, carried);
  await acknowledge(broker, 'orders', 1);
  const isolated = { permissions, owner: claim.owner };
  await expect(stationKind.destroy(run, inMemory, isolated)).rejects.toMatchObject({
    code: 'MEMPHIS_MESSAGE_LOSS',
  });
  // Drift, lists and exports.
  await observe(admin);
  const { stations } = await takeInventory(admin);
  await readConsumerGroups(admin, stations);
  await admin.readStationHistory('orders', 1);
  // A partition that somebody removed comes back.
  await nats.request('$JS.API.STREAM.DELETE.orders$2', '', { timeout: 5_000 });
  await stationKind.update(run, inMemory, claim, permissions);
  await enforcementKind.destroy(run, enforcement, isolated);
  await schemaKind.destroy(run, schema, isolated);
  await userKind.destroy(run, user, isolated);
  const removal = { permissions: { allowMessageLoss: true }, owner: claim.owner };
  await stationKind.destroy(run, inMemory, removal);
  await stationKind.destroy(run, letters, removal);
  await clusterKind.destroy(run, clusterKind.canonical({}), isolated);
}

test('two users suffice for everything, and the documents list exactly what they ask for', async () => {
  // The inbox of the connection tells its requests from those of the broker itself.
  await admin.readStream('no-such-stream$1');
  await nats.flush();
  const inboxOf = (reply: string) => reply.split('.').slice(0, 2).join('.');
  const own = subjects.find(({ subject }) => subject.includes('no-such-stream'))?.reply ?? '';
  await wholeLife();
  await nats.flush();
  const asked = {
    nats: subjects
      .filter(({ reply }) => inboxOf(reply) === inboxOf(own))
      .map(({ subject }) => kindOf(subject)),
    rest: proxy.requests.map((request) => request.replace('/api', '')),
  };
  const text = readFileSync(join(__dirname, '../../../docs/least-privilege.md'), 'utf8');
  const listed = [...text.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, item = '']) => item);
  const unique = (items: readonly string[]) => [...new Set(items)].sort();
  expect(unique([...asked.nats, ...asked.rest])).toEqual(unique(listed));
});
