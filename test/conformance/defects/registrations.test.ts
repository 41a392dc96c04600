import { BrokerRefusedError, UnsafeRequestError } from '../../../src/model/errors';
import { Message } from '../../../src/runtime/messaging';
import { ClientConnection } from '../../../src/runtime/messaging/connection/client-connection';
import { completeConnectOptions } from '../../../src/runtime/messaging/connection/connect-options';
import { ErrorListeners } from '../../../src/runtime/messaging/connection/error-listeners';
import { unregisterConsumer } from '../../../src/runtime/messaging/connection/registration';
import { eventually } from '../../support/broker';
import { notRepeated } from './not-repeated';
import { registration, ScriptedBroker } from './scripted-broker';

// What these are about needs a broker that answers otherwise than a working one.
const broker = ScriptedBroker.forThisFile();

const names = { stationName: 'st', producerName: 'p' };
const acknowledgement = '{"stream":"st$1","seq":1}';

afterEach(async () => {
  await broker.answer('$memphis_producer_creations', JSON.stringify(registration));
  await broker.answer('$memphis_consumer_creations', JSON.stringify(registration));
  await broker.answer('$memphis_station_destructions', '');
});

notRepeated('a reply with null where lists and maps are due ends the creation', async () => {
  const reply = { ...registration, schema_update: null, partitions_update: null };
  await broker.answer(
    '$memphis_producer_creations',
    JSON.stringify({ ...reply, station_partitions_first_functions: null, station_version: null }),
  );
  await broker.answer('$memphis_consumer_creations', JSON.stringify(reply));
  const memphis = await broker.client();
  expect((await memphis.producer(names)).partitionNumbers).toEqual([0]);
  await memphis.consumer({ stationName: 'st', consumerName: 'c' });
});

notRepeated(
  'the error of a consumer creation crashes what should report it, as text and as JSON',
  async () => {
    const memphis = await broker.client();
    for (const reply of ['user u is not allowed', '{"error":"user u is not allowed"}']) {
      await broker.answer('$memphis_consumer_creations', reply);
      const created = memphis.consumer({ stationName: 'st', consumerName: 'c' });
      await expect(created).rejects.toThrow(BrokerRefusedError);
      await expect(created).rejects.toThrow('user u is not allowed');
    }
  },
);

notRepeated(
  'destroying a producer of a station of version 1 throws after the broker has done it',
  async () => {
    await broker.answer(
      '$memphis_producer_creations',
      JSON.stringify({ ...registration, station_version: 1 }),
    );
    const memphis = await broker.client();
    const producer = await memphis.producer(names);
    await producer.destroy();
  },
);

notRepeated('a station destroy that fails takes producers and consumers all the same', async () => {
  await broker.answer('$memphis_station_creations', '');
  await broker.answer('$JS.API.STREAM.INFO.*', '{"config":{"retention":"limits"},"state":{"last_seq":0}}');
  await broker.answer('$memphis_station_destructions', 'no way');
  await broker.answer('st$1.final', acknowledgement);
  const memphis = await broker.client();
  const station = await memphis.station({ name: 'st' });
  const producer = await memphis.producer(names);
  await expect(station.destroy()).rejects.toThrow('no way');
  expect(await producer.produce({ message: 'm' })).toMatchObject({ sequence: 1 });
  expect(await memphis.producer(names)).toBe(producer);
});

notRepeated(
  'a destroy that the broker calls "not exist" is an error, or leaves the producer in the cache',
  async () => {
    await broker.answer('$memphis_producer_destructions', 'Producer p at station st does not exist');
    const memphis = await broker.client();
    const producer = await memphis.producer(names);
    await producer.destroy();
    expect(await memphis.producer(names)).not.toBe(producer);
  },
);

notRepeated(
  'a consumer whose creation was sent twice is removed once, and keeps its group alive',
  async () => {
    const requests: string[] = [];
    await broker.answer('$memphis_consumer_destructions', (message) => {
      requests.push(message.string());
      return requests.length < 3 ? '' : 'Consumer c at station st does not exist';
    });
    const options = { host: '127.0.0.1', port: broker.port, username: 'root', password: 'memphis' };
    const connection = await ClientConnection.open(completeConnectOptions(options), new ErrorListeners());
    await unregisterConsumer(connection, { consumerName: 'C', stationName: 'St', registrations: 6 });
    await connection.close();
    expect(requests).toHaveLength(3);
    expect(requests[0]).toContain('"name":"c","station_name":"st"');
  },
);

notRepeated(
  'the notification of a broken schema is sent only when dead letters are kept as well',
  async () => {
    const schema = {
      version_number: 1,
      descriptor: '',
      schema_content: '{"type":"object"}',
      message_struct_name: '',
    };
    await broker.answer(
      '$memphis_producer_creations',
      JSON.stringify({
        ...registration,
        schema_update: { schema_name: 's', type: 'json', active_version: schema },
        schemaverse_to_dls: false,
        send_notification: true,
      }),
    );
    const notifications: string[] = [];
    const records: string[] = [];
    await broker.answer('$memphis_notifications', (message) => void notifications.push(message.string()));
    await broker.answer('$memphis_schemaverse_dls', (message) => void records.push(message.string()));
    const memphis = await broker.client();
    const producer = await memphis.producer({ stationName: 'St', producerName: 'p' });
    await expect(producer.produce({ message: 'no JSON' })).rejects.toThrow('Schema validation has failed');
    await eventually(() => notifications.length > 0, 'the notification');
    expect(JSON.parse(notifications[0] ?? '')).toMatchObject({
      title: 'Schema validation has failed',
      msg: expect.stringMatching(/^Station: st\nProducer: p\nError: /) as string,
      code: 'no JSON',
    });
    expect(records).toEqual([]);
  },
);

notRepeated('destroying and closing forget acknowledgements that are late', async () => {
  const memphis = await broker.client();
  const late = await memphis.producer(names);
  const reported = broker.reported.length;
  await broker.answer('st$1.final', (message) => {
    setTimeout(() => message.respond(acknowledgement), 300);
    return undefined;
  });
  const receipts = [1, 2].map(() => late.produce({ message: 'm' }));
  // It is not found by its name any more, but its messages count like all others.
  const destroyed = late.destroy();
  const again = await memphis.producer(names);
  await again.produce({ message: 'm', nonblocking: true });
  await memphis.close();
  expect(await Promise.all(receipts)).toMatchObject([{ sequence: 1 }, { sequence: 1 }]);
  await destroyed.catch(() => undefined);
  expect(broker.reported.slice(reported)).toEqual([]);
});

notRepeated(
  'a dead letter of a station without partitions is sent as partition 0, which ends the broker',
  async () => {
    const sent: string[] = [];
    await broker.answer('$memphis_nacked_dls', (message) => void sent.push(message.string()));
    await broker.answer(
      '$memphis_consumer_creations',
      JSON.stringify({ ...registration, partitions_update: { partitions_list: null } }),
    );
    const memphis = await broker.client();
    const consumer = await memphis.consumer({ stationName: 'old', consumerName: 'c' });
    // The start of an ack subject belongs to the server; nobody reads it.
    await broker.answer('$JS.API.CONSUMER.MSG.NEXT.old.c', (request) => {
      broker.nats.publish(request.reply ?? '', 'm', { reply: 'any.ack.old.c.1.1.1.1700000000000000000.0' });
      return undefined;
    });
    const [message] = await consumer.fetch({ batchSize: 1 });
    expect(message).toBeInstanceOf(Message);
    await expect(message?.deadLetter('bad')).rejects.toThrow(UnsafeRequestError);
    await broker.nats.flush();
    expect(sent).toEqual([]);
  },
);
