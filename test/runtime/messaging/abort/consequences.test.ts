import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../../support/broker';
import { consumerOf, filled, listOf, producerOf } from './calls';
import { here, listenersOn, published, rejectsWithReason, settingForThisFile, stateOf } from './client';

const { broker, client } = settingForThisFile();

here('several callers of one thing', () => {
  test('producer() of one name: the abort of one does not end the waiting of the other, of both it ends the work', async () => {
    const on = await client();
    const make = (signal?: AbortSignal) =>
      on.memphis.producer({ stationName: on.station, producerName: 'p', signal });
    on.gate.cutOff();
    await eventually(() => !on.memphis.isConnected(), 'the client knows');
    const [one, other] = [new AbortController(), new AbortController()];
    const [first, second] = [make(one.signal), make(other.signal)];
    one.abort('one');
    await expect(first).rejects.toBe('one');
    expect(await stateOf(second)).toBe('pending');
    other.abort('other');
    await expect(second).rejects.toBe('other');
    const third = make();
    on.gate.letIn();
    const producer = await third;
    await producer.produce({ message: 'm' });
    expect(published(on).filter((line) => line.includes('producer_creations'))).toHaveLength(1);
  });

  test('a caller that comes in the moment of the last abort gets a producer', async () => {
    const on = await client();
    const controller = new AbortController();
    const make = (signal?: AbortSignal) =>
      on.memphis.producer({ stationName: on.station, producerName: 'p', signal });
    const first = make(controller.signal);
    controller.abort('given up');
    const second = make();
    await expect(first).rejects.toBe('given up');
    expect((await second).producerName).toBe('p');
  });

  test('destroy: who has no signal waits to its end', async () => {
    const on = await client();
    const producer = await producerOf(on);
    const consumer = await consumerOf(on);
    for (const object of [producer, consumer]) {
      const controller = new AbortController();
      const first = object.destroy({ signal: controller.signal });
      const second = object.destroy();
      controller.abort('given up');
      await expect(first).rejects.toBe('given up');
      await second;
      expect(listenersOn(controller.signal)).toBe(0);
    }
    expect(published(on).filter((line) => line.includes('_destructions'))).toHaveLength(2);
  });

  test('destroy: after an abort it may be called again', async () => {
    const on = await client();
    const producer = await producerOf(on);
    on.gate.cutOff();
    await eventually(() => !on.memphis.isConnected(), 'the client knows');
    await rejectsWithReason((signal) => producer.destroy({ signal }));
    on.gate.letIn();
    await producer.destroy();
    expect(published(on).filter((line) => line.includes('producer_destructions'))).toHaveLength(1);
  });
});

here('an abort loses nothing and undoes nothing', () => {
  test('a message that was handed over is stored, and the next flush waits for it', async () => {
    const on = await client();
    const producer = await producerOf(on);
    const controller = new AbortController();
    const produced = producer.produce({ message: 'm', signal: controller.signal });
    controller.abort('given up');
    await expect(produced).rejects.toBe('given up');
    await producer.flush();
    expect((await broker.stream(on.station))?.state.messages).toBe(1);
  });

  test('of several stations those that come later get no message', async () => {
    const on = await client();
    const list = await listOf(on);
    const controller = new AbortController();
    const produced = list.produce({ message: 'm', signal: controller.signal });
    // The first is on its way as soon as its producer was found.
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort('given up');
    await expect(produced).rejects.toBe('given up');
    await list.flush();
    expect((await broker.stream(on.station))?.state.messages).toBe(2);
    expect((await broker.stream(`${on.station}-2`))?.state.messages).toBe(1);
  });

  test('the failure of a non-blocking message is left for the next flush', async () => {
    const on = await client();
    const producer = await producerOf(on);
    on.gate.swallow();
    await producer.produce({ message: 'm', nonblocking: true, ackWaitSec: 0.1 });
    await rejectsWithReason((signal) => producer.flush({ signal }));
    await expect(producer.flush()).rejects.toThrow('did not acknowledge');
  });

  test('messages that came before the batch was full are for the next fetch', async () => {
    const on = await client();
    const consumer = await consumerOf(on);
    await filled(on);
    await filled(on);
    await rejectsWithReason((signal) => consumer.fetch({ batchSize: 5, signal }));
    const texts = await consumer.fetch({ batchSize: 2, batchMaxTimeToWaitMs: 200 });
    expect(texts.map((message) => message.getSequenceNumber())).toEqual([1, 2]);
    const { num_ack_pending: pending } = (await broker.durable(on.station, 1, 'c')) ?? {};
    expect(pending).toBe(2);
  });

  test('at any moment of a fetch: every message is delivered exactly once, in order, and at the first try', async () => {
    const on = await client();
    // With one delivery a message that the server took for delivered would not come again.
    const consumer = await on.memphis.consumer({
      stationName: on.station,
      consumerName: 'c',
      maxMsgDeliveries: 1,
    });
    const producer = await producerOf(on);
    const all = Array.from({ length: 2_000 }, (_value, index) => index + 1);
    for (const number of all) await producer.produce({ message: String(number), nonblocking: true });
    await producer.flush();
    const seen: (number | undefined)[] = [];
    let aborted = 0;
    while (seen.length < all.length) {
      const controller = new AbortController();
      const fetched = consumer.fetch({ batchSize: 50, batchMaxTimeToWaitMs: 200, signal: controller.signal });
      const soon = setImmediate(() => setImmediate(() => setImmediate(() => controller.abort())));
      await fetched.then(
        (messages) => seen.push(...messages.map((message) => message.getSequenceNumber())),
        () => (aborted += 1),
      );
      clearImmediate(soon);
      expect(listenersOn(controller.signal)).toBe(0);
    }
    expect(seen).toEqual(all);
    expect(aborted).toBeGreaterThan(0);
  });

  test.each<[how: 'break' | 'abort', why: string]>([
    ['break', 'the language calls return'],
    ['abort', 'the iteration throws'],
  ])('what is left of a batch when an iteration ends by %s (%s) is for the next fetch', async (how) => {
    const on = await client();
    const consumer = await consumerOf(on);
    const producer = await producerOf(on);
    for (let count = 0; count < 5; count += 1) await producer.produce({ message: 'm' });
    const controller = new AbortController();
    const seen: (number | undefined)[] = [];
    try {
      for await (const message of consumer.messages({ batchSize: 5, signal: controller.signal })) {
        seen.push(message.getSequenceNumber());
        if (seen.length < 2) continue;
        if (how === 'break') break;
        controller.abort('enough');
      }
    } catch (reason) {
      expect(reason).toBe('enough');
    }
    expect(seen).toEqual([1, 2]);
    const rest = await consumer.fetch({ batchSize: 5 });
    expect(rest.map((message) => message.getSequenceNumber())).toEqual([3, 4, 5]);
  });
});

here('one signal for very much', () => {
  test('ten thousand messages cost one listener, no warning, and not much more time than without', async () => {
    const on = await client();
    const producer = await producerOf(on);
    const { signal } = new AbortController();
    const warnings: string[] = [];
    const hear = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', hear);
    const timed = async (options: object): Promise<number> => {
      const begin = performance.now();
      await Promise.all(
        Array.from({ length: 10_000 }, async () => producer.produce({ message: 'm', ...options })),
      );
      return performance.now() - begin;
    };
    await timed({});
    const without = await timed({});
    const within = timed({ signal });
    expect(listenersOn(signal)).toBe(1);
    expect(await within).toBeLessThan(without * 5 + 1_000);
    expect(listenersOn(signal)).toBe(0);
    await pause(5);
    process.removeListener('warning', hear);
    expect(warnings).toEqual([]);
  });
});
