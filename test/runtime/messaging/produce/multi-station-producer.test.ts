import { ClosedError } from '../../../../src/model/errors';
import { TestBroker } from '../../../support/broker';

const broker = TestBroker.forThisFile();

test('a producer of several stations that is destroyed makes no producer again', async () => {
  const memphis = await broker.client();
  const stationName = [broker.stationName(), broker.stationName()];
  const producer = await memphis.producer({ stationName, producerName: 'p' });
  await producer.produce({ message: 'm' });
  await producer.destroy();
  const registrations = await broker.tap('$memphis_producer_creations');
  await expect(producer.produce({ message: 'late' })).rejects.toThrow(ClosedError);
  await producer.destroy();
  await memphis.stationExists(stationName[0] ?? '');
  expect(await registrations.all()).toEqual([]);
});
