import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError, TimeoutError, ValidationError } from '../../../../src/model/errors';
import type { Consumer, Memphis, StopOptions } from '../../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../../support/broker';
import { textOf } from '../../../support/text-of';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

async function consumerOf(stationName: string): Promise<Consumer> {
  return memphis.consumer({
    stationName,
    consumerName: 'c',
    batchSize: 1,
    batchMaxTimeToWaitMs: 100,
    pullIntervalMs: 0,
    maxAckTimeMs: 1_000,
  });
}

/** A consumer of three messages whose handler has the first and acknowledges each only when it is let go on. */
async function atWork() {
  const stationName = broker.stationName();
  for (const message of ['1', '2', '3']) await memphis.produce({ stationName, producerName: 'p', message });
  const consumer = await consumerOf(stationName);
  const handled: string[] = [];
  let goOn = (): void => undefined;
  const mayGoOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  consumer.consume(async (messages) => {
    for (const message of messages) {
      handled.push(textOf(message));
      await mayGoOn;
      await message.ack();
    }
  });
  await eventually(() => handled.length === 1, 'the handler has the first message');
  return { stationName, consumer, handled, goOn };
}

test('stop waits for the handler, whose acknowledgement the broker has then, and calls it no more', async () => {
  const { stationName, consumer, handled, goOn } = await atWork();
  let isOver = false;
  const stopped = consumer.stop().then(() => {
    isOver = true;
  });
  await pause(150);
  expect(isOver).toBe(false);
  goOn();
  await stopped;
  expect(handled).toEqual(['1']);
  expect((await broker.durable(stationName, 1, 'c'))?.ack_floor.stream_seq).toBe(1);
});

test('the group keeps its position, also when the client closes', async () => {
  const { stationName, consumer, goOn } = await atWork();
  goOn();
  await consumer.stop();
  const done = (await broker.durable(stationName, 1, 'c'))?.ack_floor.stream_seq ?? 0;
  const other = await broker.client();
  const next = await other.consumer({ stationName, consumerName: 'c', batchMaxTimeToWaitMs: 1_500 });
  const rest: string[] = [];
  while (rest.length < 3 - done) rest.push(...(await next.fetch()).map(textOf));
  expect(rest).toEqual(['1', '2', '3'].slice(done));
});

test('a handler that does not return is waited for as long as wanted, and may be waited for again', async () => {
  const { consumer, handled, goOn } = await atWork();
  const late = consumer.stop({ timeoutMs: 50 });
  await expect(late).rejects.toThrow(TimeoutError);
  await expect(late).rejects.toThrow(
    'could not stop the consumer "c": a handler still works after 50 ms. Stop it again to wait longer, or give more time with timeoutMs.',
  );
  goOn();
  await consumer.stop();
  expect(handled).toEqual(['1']);
});

test('an abort ends the waiting; one from before changes nothing', async () => {
  const { consumer, handled, goOn } = await atWork();
  const reason = new Error('enough');
  await expect(consumer.stop({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const stopping = new AbortController();
  const stopped = consumer.stop({ signal: stopping.signal });
  stopping.abort(reason);
  await expect(stopped).rejects.toBe(reason);
  goOn();
  await consumer.stop();
  expect(handled).toEqual(['1']);
});

test('an iteration ends before its next message, nothing is fetched, and the consumer may be destroyed', async () => {
  const stationName = broker.stationName();
  for (const message of ['1', '2']) await memphis.produce({ stationName, producerName: 'p', message });
  const consumer = await consumerOf(stationName);
  const seen: string[] = [];
  for await (const message of consumer.messages({ batchSize: 2 })) {
    seen.push(textOf(message));
    await message.ack();
    await consumer.stop();
  }
  expect(seen).toEqual(['1']);
  const fetched = consumer.fetch();
  await expect(fetched).rejects.toThrow(ClosedError);
  await expect(fetched).rejects.toThrow('the consumer is stopped');
  await consumer.destroy();
  expect(await broker.durable(stationName, 1, 'c')).toBeUndefined();
});

test.each<[options: unknown, problem: string]>([
  [
    { timeoutMs: -1 },
    'timeoutMs is -1; it must be a whole number of 0 or more, at most 2147483647 (milliseconds)',
  ],
  [{ signal: 1 }, 'signal is 1; it must be an AbortSignal'],
  [null, 'the options are null; give an object'],
])('refused: %j', async (options, problem) => {
  const consumer = await consumerOf(broker.stationName());
  const refused = consumer.stop(options as StopOptions);
  await expect(refused).rejects.toThrow(ValidationError);
  await expect(refused).rejects.toThrow(problem);
  // It goes on.
  expect(await consumer.fetch()).toEqual([]);
});
