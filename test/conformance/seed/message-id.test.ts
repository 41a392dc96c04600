import { Headers } from '../../../src/runtime/messaging';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('IDP-1', async () => {
  const { name } = await traffic.station();
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: 'm', msgId: '42' });
  expect(await producer.produce({ message: 'm', msgId: '42' })).toMatchObject({ duplicate: true });
  expect((await broker.storedMessage(name, 1, 1)).headers).toContain('\r\nmsg-id: 42\r\n');
  expect((await broker.stream(name))?.state.messages).toBe(1);
});

row('IDP-2', async () => {
  const { name } = await traffic.station();
  const produce = () =>
    traffic.memphis.produce({ stationName: name, producerName: 'p', message: 'm', msgId: '123' });
  expect(await produce()).toMatchObject({ duplicate: false });
  expect(await produce()).toMatchObject({ duplicate: true });
  expect((await broker.storedMessage(name, 1, 1)).headers).toContain('\r\nmsg-id: 123\r\n');
});

row('IDP-3', async () => {
  const { name } = await traffic.station();
  const headers = new Headers().add('a', '1');
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: 'm', msgId: '1', headers });
  expect(await producer.produce({ message: 'm', headers })).toMatchObject({ duplicate: false, sequence: 2 });
  expect((await broker.storedMessage(name, 1, 2)).headers.toLowerCase()).not.toContain('msg-id');
});
