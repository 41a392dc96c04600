import { LocalBroker } from '../../../../src/runtime/broker';
import { BrokerClient } from '../broker-client';

let broker: LocalBroker;
let client: BrokerClient;
beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  client = await BrokerClient.connect(broker);
});
afterAll(async () => {
  await client.close();
  await broker.stop();
});

const edit = (request: object): Promise<unknown> =>
  client.rest('PUT', '/configurations/editClusterConfig', request);
const read = (): Promise<unknown> => client.rest('GET', '/configurations/getClusterConfig');
const whole = {
  dls_retention: 2,
  logs_retention: 3,
  gc_producer_consumer_retention_hours: 4,
  tiered_storage_time_sec: 60,
  max_msg_size_mb: 1,
  broker_host: 'b',
  ui_host: 'u',
  rest_gw_host: 'r',
};

test('what is set is told', async () => {
  await edit(whole);
  expect(await read()).toEqual(whole);
});

test('texts that are not sent are saved as empty', async () => {
  const { ui_host: _left, ...rest } = whole;
  await edit(rest);
  expect(await read()).toEqual({ ...whole, ui_host: '' });
});

test('a tiering period that is refused comes after the first fields were saved', async () => {
  await edit(whole);
  const message = "Tiered storage time can't be less than 5 seconds or more than 60 minutes";
  expect(await edit({ ...whole, dls_retention: 9, tiered_storage_time_sec: 4, ui_host: 'x' })).toEqual({
    message,
  });
  expect(await read()).toEqual({ ...whole, dls_retention: 9 });
});

test('the retentions are required', async () => {
  expect(await edit({ tiered_storage_time_sec: 60 })).toEqual({
    message: [
      { field: 'dls_retention', reason: 'required' },
      { field: 'logs_retention', reason: 'required' },
      { field: 'gc_producer_consumer_retention_hours', reason: 'required' },
    ],
  });
});
