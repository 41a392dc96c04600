import { Retention } from '../../../src/model/retention';
import { eventually, TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

test('deadLetter on an ACK_BASED station holds the message, so that the broker can still read it', async () => {
  const name = broker.stationName();
  const memphis = await broker.client();
  await memphis.station({ name, retentionType: Retention.ACK_BASED });
  const consumer = await memphis.consumer({
    stationName: name,
    consumerName: 'c',
    maxAckTimeMs: 400,
    maxMsgDeliveries: 5,
    batchMaxTimeToWaitMs: 1_500,
  });
  await memphis.produce({ stationName: name, producerName: 'p', message: 'm' });
  const [message] = await consumer.fetch({ batchSize: 1 });
  await message?.deadLetter('bad');
  // It is not delivered again although its ack time is over, and it is still there.
  expect(await consumer.fetch({ batchSize: 1 })).toEqual([]);
  expect((await broker.stream(name))?.state.messages).toBe(1);
  expect((await broker.durable(name, 1, 'c'))?.num_ack_pending).toBe(1);
});

test('a slow handler: no more than one batch is in memory, whatever waits in the station', async () => {
  const name = broker.stationName();
  const memphis = await broker.client();
  for (let count = 0; count < 3_000; count += 1) {
    await memphis.produce({ stationName: name, producerName: 'p', message: 'm', nonblocking: true });
  }
  await memphis.flush();
  const consumer = await memphis.consumer({
    stationName: name,
    consumerName: 'c',
    batchSize: 20,
    pullIntervalMs: 0,
  });
  let handled = 0;
  let most = 0;
  consumer.consume(async (messages) => {
    most = Math.max(most, (await broker.durable(name, 1, 'c'))?.num_ack_pending ?? 0);
    await pause(20);
    for (const message of messages) await message.ack();
    handled += messages.length;
  });
  await eventually(() => handled >= 100, 'five slow batches');
  await consumer.destroy();
  // The acks of the batches before may still be on their way; three thousand wait.
  expect(most).toBeLessThanOrEqual(100);
});
