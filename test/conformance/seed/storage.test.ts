import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Storage } from '../../../src/model/storage';
import { LocalBroker } from '../../../src/runtime/broker';
import { Memphis } from '../../../src/runtime/messaging';
import { textOf } from '../../support/text-of';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('STO-1', async () => {
  const { name } = await traffic.station();
  expect((await broker.stream(name))?.config).toMatchObject({ storage: 'file' });
});

row('STO-2', async () => {
  const store = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-sto2-'));
  const login = { host: '127.0.0.1', username: 'root', password: 'memphis' };
  const memphis = new Memphis();
  let own = await LocalBroker.start({ store });
  try {
    const { port } = own;
    await memphis.connect({ ...login, port, reconnectIntervalMs: 50 });
    await memphis.station({ name: 'st', storageType: Storage.DISK });
    await memphis.produce({ stationName: 'st', producerName: 'p', message: 'kept' });
    await own.kill();
    own = await LocalBroker.start({ store, port });
    const [message] = await memphis.fetchMessages({ stationName: 'st', consumerName: 'c', batchSize: 1 });
    expect(textOf(message)).toBe('kept');
  } finally {
    await memphis.close();
    await own.stop();
    await rm(store, { recursive: true, force: true });
  }
});

row('STO-3', async () => {
  const { name } = await traffic.station({ storageType: Storage.MEMORY });
  expect((await broker.stream(name))?.config).toMatchObject({ storage: 'memory' });
  await traffic.fill(name, 1);
  expect((await broker.stream(name))?.state.messages).toBe(1);
});
