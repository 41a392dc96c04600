import { ValidationError } from '../../../src/model/errors';
import { Retention, retentionUnits } from '../../../src/model/retention';
import { eventually } from '../../support/broker';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

row('RET-1', async () => {
  const { name } = await traffic.station();
  expect((await broker.stream(name))?.config).toMatchObject({
    retention: 'limits',
    max_age: 3600e9,
    max_msgs: -1,
    max_bytes: -1,
  });
  expect((await traffic.row(name)).body).toMatchObject({ retention_type: 'message_age_sec' });
});

row('RET-2', async () => {
  const { name } = await traffic.station({ retentionValue: 7200 });
  expect((await broker.stream(name))?.config).toMatchObject({ max_age: 7200e9 });
});

row('RET-3', async () => {
  const { name } = await traffic.station({
    retentionType: Retention.MAX_MESSAGE_AGE_SECONDS,
    retentionValue: 1,
    idempotencyWindowMs: 1000,
  });
  await traffic.fill(name, 3);
  await eventually(async () => (await broker.messagesIn(name)) === 0, 'old messages go');
});

row('RET-4', async () => {
  const { name } = await traffic.station({
    retentionType: Retention.MESSAGES,
    retentionValue: 5,
    partitionsNumber: 2,
  });
  expect((await broker.stream(name))?.config).toMatchObject({ max_msgs: 5, max_age: 0 });
  await traffic.fill(name, 20);
  for (const partition of [1, 2]) {
    // The oldest have gone.
    expect((await broker.stream(name, partition))?.state).toMatchObject({
      messages: 5,
      first_seq: 6,
      last_seq: 10,
    });
  }
});

row('RET-5', async () => {
  const { name } = await traffic.station({ retentionType: Retention.BYTES, retentionValue: 4096 });
  expect((await broker.stream(name))?.config).toMatchObject({ max_bytes: 4096 });
  for (let count = 0; count < 10; count += 1) {
    await traffic.memphis.produce({ stationName: name, producerName: 'p', message: Buffer.alloc(1000) });
  }
  const state = (await broker.stream(name))?.state;
  expect(state?.bytes).toBeLessThanOrEqual(4096);
  // As many as fit, and the oldest have gone.
  expect(state).toMatchObject({ messages: 3, first_seq: 8, last_seq: 10 });
});

async function ackBased(retentionValue?: number): Promise<void> {
  const { name } = await traffic.station({
    retentionType: Retention.ACK_BASED,
    ...(retentionValue === undefined ? {} : { retentionValue }),
  });
  expect((await broker.stream(name))?.config).toMatchObject({
    retention: 'interest',
    max_age: 0,
    max_msgs: -1,
  });
  const groups = [
    await traffic.consumer(name, { consumerName: 'one' }),
    await traffic.consumer(name, { consumerName: 'two' }),
  ];
  await traffic.fill(name, 3);
  for (const group of groups) {
    // As long as one group has not acknowledged them, they stay.
    expect(await broker.messagesIn(name)).toBe(3);
    const messages = await group.fetch({ batchSize: 3 });
    expect(messages).toHaveLength(3);
    for (const message of messages) await message.ack();
    await broker.observer.flush();
  }
  await eventually(async () => (await broker.messagesIn(name)) === 0, 'acknowledged messages go');
}

row('RET-6', () => ackBased());

row('RET-7', () => ackBased(1));

row('RET-8', async () => {
  const name = broker.stationName();
  const requests = await broker.tap('$memphis_station_creations');
  for (const retentionValue of [1.5, NaN, Infinity, '5' as unknown as number]) {
    const error = await rejection(traffic.memphis.station({ name, retentionValue }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain('it must be a whole number');
  }
  expect((await requests.all()).filter((text) => text.includes(name))).toEqual([]);
});

row('RET-9', async () => {
  const { name } = await traffic.station({ retentionType: Retention.MESSAGES, retentionValue: 10 });
  await traffic.fill(name, 25);
  expect((await broker.stream(name))?.state).toMatchObject({ messages: 10, first_seq: 16, last_seq: 25 });
});

row('RET-10', () => {
  expect(retentionUnits).toEqual({
    message_age_sec: 'seconds',
    messages: 'messages per partition',
    bytes: 'bytes per partition',
    ack_based: undefined,
  });
});
