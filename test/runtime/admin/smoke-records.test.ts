import { randomUUID } from 'node:crypto';
import { connect } from 'nats';
import { SmokeRecords } from '../../../src/runtime/admin/smoke-records';
import { LocalBroker } from '../../../src/runtime/broker';

test('a record that cannot be read is passed over, and the others are found', async () => {
  const broker = await LocalBroker.start({ store: 'memory' });
  const { host, port } = broker;
  const nats = await connect({
    servers: `${host}:${port}`,
    user: 'root',
    pass: broker.environment().MEMPHIS_PASSWORD ?? '',
    name: `${randomUUID()}::root`,
  });
  try {
    const records = new SmokeRecords(nats);
    const record = { test: 'orders', stations: ['smoke-0123abcd-orders'], groups: [] };
    await records.write('0123abcd', record);
    for (const [run, value] of [
      ['aaaaaaaa', '{"test":"cut off'],
      ['bbbbbbbb', '{"stations":"orders"}'],
    ] as const)
      await nats.jetstream().publish(`$KV.CDKTF_MEMPHIS.smoke.${run}`, value);
    expect([...(await records.list())]).toEqual([['0123abcd', record]]);
  } finally {
    await nats.close();
    await broker.stop();
  }
});
