import { resolveConnection } from '../../../src/model/connection';
import { TimeoutError } from '../../../src/model/errors';
import { canonicalStation } from '../../../src/model/station';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import { Run, observeStation, stored } from '../../../src/runtime/reconcile';
import { createStation } from '../../../src/runtime/reconcile/station/create';
import { updateStation } from '../../../src/runtime/reconcile/station/update';
import { destroyStation } from '../../../src/runtime/reconcile/station/destroy';
import { normaliseStation } from '../../../src/runtime/reconcile/station/normalise';
import { diffStation } from '../../../src/runtime/reconcile/station/plan';
import { named } from '../../support/declarations';
import { publish } from '../../support/publish';
import { RestProxy } from '../../support/rest-proxy';

/** Calls that the broker carries out, but whose answer never comes: the next run must find what is true and go on. */
let broker: LocalBroker;
let proxy: RestProxy;
let admin: Admin;
let run: Run;
const ours = { owner: 'shop/orders/orders', adoptExisting: false };
const theirs = { owner: 'other/stack/orders', adoptExisting: false };
const forbidden = { allowMessageLoss: false };

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  proxy = await RestProxy.start(broker.restUrl);
  const settings = { ...broker.environment(), MEMPHIS_REST_URL: proxy.url };
  admin = await connectAdmin(resolveConnection({}, settings), 500);
  run = new Run(admin);
});

afterAll(async () => {
  await admin.close();
  await proxy.stop();
  await broker.stop();
});

test('a creation without an answer goes on when the station is there', async () => {
  const station = canonicalStation({ name: 'seen', partitionsNumber: 2, tags: ['a-new-tag'] });
  void proxy.keepAnswerOf('/stations/createStation');
  const live = await createStation(run, station, ours, forbidden);
  expect(diffStation(normaliseStation(live, station), station).kind).toBe('noop');
  expect(await admin.ledger.read('station', 'seen')).toMatchObject({ state: 'complete' });
});

test('a creation without an answer is gone on with by the same declaration, and by no other', async () => {
  const station = canonicalStation({ name: 'unanswered', partitionsNumber: 2 });
  const done = proxy.keepAnswerOf('/stations/createStation');
  // Nor does the run see the station when it looks for it.
  proxy.before('/stations/createStation', () => {
    for (let looks = 0; looks < 3; looks += 1) void proxy.keepAnswerOf('/stations/getStation');
    return Promise.resolve();
  });
  await expect(createStation(run, station, ours, forbidden)).rejects.toBeInstanceOf(TimeoutError);
  await done;
  await publish(broker, station.name, 2, 2);

  await expect(createStation(run, station, theirs, forbidden)).rejects.toThrow(
    'belongs to shop/orders/orders',
  );
  const live = await createStation(run, station, ours, forbidden);
  expect(diffStation(normaliseStation(live, station), station).kind).toBe('noop');
  expect(stored(live).messages).toBe(2);
});

test('a change without an answer is made again without harm', async () => {
  const before = canonicalStation({ name: 'changed', sendPoisonMsgToDls: true });
  const after = canonicalStation({ name: 'changed', sendPoisonMsgToDls: false, retentionValue: 7200 });
  await createStation(run, before, ours, forbidden);
  await publish(broker, 'changed', 3);
  const done = proxy.keepAnswerOf('/stations/updateDlsConfig');
  await expect(updateStation(run, after, forbidden)).rejects.toBeInstanceOf(TimeoutError);
  await done;
  const live = await updateStation(run, after, forbidden);
  expect(diffStation(normaliseStation(live, after), after).kind).toBe('noop');
  expect(stored(live).messages).toBe(3);
});

test('a removal without an answer has nothing left to do', async () => {
  await createStation(run, canonicalStation({ name: 'removed' }), ours, forbidden);
  const removal = { permissions: forbidden, owner: ours.owner };
  const done = proxy.keepAnswerOf('/stations/removeStation');
  await expect(destroyStation(run, named('removed'), removal)).rejects.toBeInstanceOf(TimeoutError);
  await done;
  await destroyStation(run, named('removed'), removal);
  expect(await observeStation(admin, 'removed')).toBeUndefined();
  expect(await admin.ledger.read('station', 'removed')).toBeUndefined();
});
