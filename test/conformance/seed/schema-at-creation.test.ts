import { NotFoundError, SchemaValidationError } from '../../../src/model/errors';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('SCS-1', async () => {
  const { name } = await traffic.station();
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  expect(producer.schemaName).toBeUndefined();
  await producer.produce({ message: Uint8Array.of(0xff, 0xfe) });
  expect((await traffic.overview(name)).schema.name ?? '').toBe('');
});

row('SCS-2', async () => {
  const schemaName = broker.stationName('schema');
  const schemaContent = '{"type":"object","required":["a"]}';
  await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent });
  const { name } = await traffic.station({ schemaName });
  const producer = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  expect(producer.schemaName).toBe(schemaName);
  expect(await rejection(producer.produce({ message: { b: 1 } }))).toBeInstanceOf(SchemaValidationError);
  await producer.produce({ message: { a: 1 } });
  expect((await broker.stream(name))?.state.messages).toBe(1);
  expect((await traffic.overview(name)).schema.name).toBe(schemaName);
});

row('SCS-3', async () => {
  const name = broker.stationName();
  const error = await rejection(traffic.memphis.station({ name, schemaName: 'there-is-none' }));
  expect(error).toBeInstanceOf(NotFoundError);
  expect(await broker.stream(name)).toBeUndefined();
});
