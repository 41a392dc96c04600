import { Retention } from '../../../../src/model/retention';
import { eventually, TestBroker } from '../../../support/broker';

const broker = TestBroker.forThisFile();

describe('deadLetter on an ACK_BASED station', () => {
  /** A message that is a dead letter by now, of a group that is the only one. */
  async function deadLetter() {
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
    const stored = async (): Promise<number> => (await broker.stream(name))?.state.messages ?? 0;
    return { name, consumer, stored };
  }

  test('the message is kept until the broker has read it, six seconds, and then it is gone for good', async () => {
    const begin = performance.now();
    const { name, consumer, stored } = await deadLetter();
    // It is not delivered again although its ack time is over, and it is still there.
    expect(await consumer.fetch({ batchSize: 1 })).toEqual([]);
    expect([await stored(), (await broker.durable(name, 1, 'c'))?.num_ack_pending]).toEqual([1, 1]);
    await eventually(async () => (await poisonOf(name)).length === 1, 'the broker has its record');
    const [record] = await poisonOf(name);
    expect(record?.message.data).toBe(Buffer.from('m').toString('hex'));
    await eventually(
      async () => performance.now() - begin > 3_000 && (await stored()) === 1,
      'it is still there',
    );
    await eventually(async () => (await stored()) === 0, 'it is ended');
    expect(performance.now() - begin).toBeGreaterThan(5_900);
    expect(await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 100 })).toEqual([]);
  });
});

interface PoisonMessage {
  readonly message: { readonly data: string };
}

async function poisonOf(station: string): Promise<readonly PoisonMessage[]> {
  const query = `station_name=${station}&partition_number=-1`;
  const { body } = await broker.rest('GET', `/monitoring/getStationOverviewData?${query}`);
  return (body as { poison_messages: readonly PoisonMessage[] | null }).poison_messages ?? [];
}
