import { setTimeout as pause } from 'node:timers/promises';
import { headers as natsHeaders } from 'nats';
import type { Consumer } from '../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../support/broker';
import { notRepeated } from './not-repeated';
import { textOf } from '../../support/text-of';
import { TappedClient } from './tapped-client';

const broker = TestBroker.forThisFile();
const client = TappedClient.forThisFile(broker);

async function consumerOf(stationName: string): Promise<Consumer> {
  const made = await client.memphis.consumer({
    stationName,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 150,
    pullIntervalMs: 1,
  });
  const subject = `$memphis_dls_${stationName}.c`;
  await eventually(() => client.tap.said.includes(`SUB ${subject} `), 'it listens to dead letters');
  // Whatever this asks for is answered after the subscription.
  await client.memphis.stationExists(stationName);
  return made;
}

/** Dead letters as the broker sends them again. */
async function sendAgain(station: string, texts: readonly string[], withHeaders = true): Promise<void> {
  for (const [index, text] of texts.entries()) {
    const headers = natsHeaders();
    headers.append('$memphis_pm_id', String(index + 1));
    headers.append('$memphis_pm_cg_name', 'c');
    headers.append('$memphis_producedBy', '$memphis_dls');
    broker.observer.publish(`$memphis_dls_${station}.c`, text, withHeaders ? { headers } : {});
  }
  await broker.observer.flush();
}

notRepeated(
  'deadLetter ends the message first, so that its record is lost with the connection, or always',
  async () => {
    const station = broker.stationName();
    const consumer = await consumerOf(station);
    await client.memphis.produce({ stationName: station, producerName: 'p', message: 'm' });
    const [message] = await consumer.fetch({ batchSize: 1 });
    const begin = client.tap.said.length;
    await message?.deadLetter('bad');
    await eventually(() => client.tap.said.slice(begin).includes('+TERM'), 'the message is ended');
    const said = client.tap.said.slice(begin);
    const [record, ping, term] = ['PUB $memphis_nacked_dls', 'PING', '+TERM'].map((text) =>
      said.indexOf(text),
    );
    // The broker has answered in between that it has read the record.
    expect([record, ping, term]).toEqual([record, ping, term].sort((a = 0, b = 0) => a - b));
    expect(record).toBeGreaterThanOrEqual(0);
  },
);

notRepeated(
  'a dead letter that is sent again goes to the handler and to the next fetch as well, in no order',
  async () => {
    const station = broker.stationName();
    const consumer = await consumerOf(station);
    const heard: string[] = [];
    consumer.consume((messages) => void heard.push(...messages.map(textOf)));
    const texts = Array.from({ length: 30 }, (_value, index) => `letter ${index}`);
    await sendAgain(station, texts);
    await eventually(() => heard.length >= texts.length, 'all of them');
    await pause(200);
    expect(heard).toEqual(texts);
    await consumer.destroy();
  },
);

notRepeated(
  'a fetch that gives dead letters takes a turn of the partitions, and forgets what was prefetched',
  async () => {
    const station = broker.stationName();
    await client.memphis.station({ name: station, partitionsNumber: 2 });
    const consumer = await consumerOf(station);
    for (const message of ['1', '2', '3', '4', '5', '6'])
      await client.memphis.produce({ stationName: station, producerName: 'p', message });
    const fetch = async (): Promise<string[]> =>
      (await consumer.fetch({ batchSize: 1, prefetch: true })).map(textOf);
    expect(await fetch()).toEqual(['1']);
    await eventually(
      async () => (await broker.durable(station, 1, 'c'))?.num_ack_pending === 3,
      'loaded ahead',
    );
    await sendAgain(station, ['letter']);
    await pause(50);
    expect(await fetch()).toEqual(['letter']);
    expect(await fetch()).toEqual(['2']);
    expect(await fetch()).toEqual(['3']);
    await consumer.destroy();
  },
);

notRepeated('answers to a dead letter without headers throw, and its facts do, too', async () => {
  const station = broker.stationName();
  const consumer = await consumerOf(station);
  await sendAgain(station, ['letter'], false);
  await pause(50);
  const [letter] = await consumer.fetch();
  expect([textOf(letter), letter?.isDeadLetter(), letter?.getHeaders()]).toEqual(['letter', true, {}]);
  expect([letter?.getTimeSent(), letter?.getSequenceNumber()]).toEqual([undefined, undefined]);
  await letter?.ack();
  await letter?.nack();
  await letter?.deadLetter('again');
  await expect(letter?.delay({ seconds: 1 })).rejects.toThrow('cannot delay DLS message');
  await consumer.destroy();
});

notRepeated(
  'an acknowledgement of a usual message is taken for that of a dead letter when it has such headers',
  async () => {
    const station = broker.stationName();
    await client.memphis.station({ name: station });
    const consumer = await consumerOf(station);
    const headers = natsHeaders();
    headers.append('$memphis_pm_id', '7');
    headers.append('$memphis_pm_cg_name', 'c');
    // What the broker copies to a dead-letter station keeps them.
    broker.observer.publish(`${station}$1.final`, 'copy', { headers });
    const [copy] = await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 1_000 });
    const begin = client.tap.said.length;
    await copy?.ack();
    await eventually(
      async () => (await broker.durable(station, 1, 'c'))?.num_ack_pending === 0,
      'it is acknowledged',
    );
    expect(client.tap.said.slice(begin)).not.toContain('$memphis_pm_acks');
    await consumer.destroy();
  },
);

notRepeated('the time of a message is never known, and its headers show those of Memphis', async () => {
  const station = broker.stationName();
  const consumer = await consumerOf(station);
  const begin = Date.now();
  const headers = { trace: 'x' };
  await client.memphis.produce({
    stationName: station,
    producerName: 'p',
    message: 'm',
    headers,
    msgId: '1',
  });
  const [message] = await consumer.fetch({ batchSize: 1 });
  expect(message?.getTimeSent()?.getTime()).toBeGreaterThanOrEqual(begin - 1_000);
  expect(message?.getHeaders()).toEqual({ trace: 'x' });
  await consumer.destroy();
});

notRepeated('a second answer to a message throws', async () => {
  const station = broker.stationName();
  const consumer = await consumerOf(station);
  await client.memphis.produce({ stationName: station, producerName: 'p', message: 'm' });
  const [message] = await consumer.fetch({ batchSize: 1 });
  const begin = client.tap.said.length;
  await message?.ack();
  await Promise.all([
    message?.ack(),
    message?.nack(),
    message?.delay({ seconds: 1 }),
    message?.deadLetter('late'),
  ]);
  await eventually(() => client.tap.said.slice(begin).includes('+ACK'), 'the first answer');
  await client.memphis.stationExists(station);
  expect(client.tap.said.slice(begin).match(/\+ACK|-NAK|\+TERM/g)).toEqual(['+ACK']);
  await consumer.destroy();
});

notRepeated('reading a message that does not fit the schema gives nothing, without a word', async () => {
  const station = broker.stationName();
  const consumer = await consumerOf(station);
  await client.memphis.produce({ stationName: station, producerName: 'p', message: 'older' });
  const schemaName = broker.stationName('schema');
  await client.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: '{"type":"object"}' });
  await client.memphis.enforceSchema({ name: schemaName, stationName: station });
  const [message] = await consumer.fetch({ batchSize: 1 });
  await eventually(async () => {
    await message?.getDataDeserialized();
    return message?.getSchemaMismatch() !== undefined;
  }, 'the consumer has heard of the schema');
  expect(await message?.getDataDeserialized()).toEqual(new Uint8Array(Buffer.from('older')));
  await expect(message?.getDataDeserialized({ strict: true })).rejects.toThrow(
    'Deserialization has been failed',
  );
  await consumer.destroy();
});
