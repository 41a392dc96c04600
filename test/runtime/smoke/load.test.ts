import type { SmokeLoad } from '../../../src/model/smoke-load';
import type { Memphis } from '../../../src/runtime/messaging';
import type { SmokeResult } from '../../../src/runtime/smoke';
import { runSmokeTest } from '../../../src/runtime/smoke';
import { scheduleOf } from '../../../src/runtime/smoke/schedule';
import { TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

async function station(): Promise<string> {
  const name = broker.stationName();
  await memphis.station({ name, partitionsNumber: 2 });
  return name;
}

const load = async (given: SmokeLoad, during?: () => void): Promise<SmokeResult> =>
  runSmokeTest({ name: 'load', station: await station(), load: given }, broker.environment, {
    onStep: ({ name }) => {
      if (name === 'schema') during?.();
    },
  });

test('the rate rises for the time of the ramp, and stays', () => {
  const { total, dueMs } = scheduleOf({
    name: 'a',
    station: 'a',
    load: { rate: 1_000, durationMs: 2_000, rampMs: 1_000 },
  });
  expect(total).toBe(2_500);
  const due = Array.from({ length: total }, (_, number) => dueMs(number) ?? -1);
  expect(due).toEqual([...due].sort((a, b) => a - b));
  const between = (from: number, to: number): number => due.filter((at) => at >= from && at < to).length;
  expect(between(0, 500)).toBeCloseTo(125, -1);
  expect(between(500, 1_000)).toBeCloseTo(375, -1);
  expect(between(1_000, 3_000)).toBe(2_000);
});

test('a load is delivered by all producers to all consumers, and says that its rate was reached', async () => {
  const result = await load({
    ...{ rate: 400, durationMs: 600, rampMs: 200, payloadBytes: 512, producers: 2, consumers: 2 },
  });
  expect(result).toMatchObject({ outcome: 'passed', produced: 280, consumed: 280 });
  expect(result.steps.find(({ name }) => name === 'produce')?.detail).toContain('512 bytes each');
  expect(result.limitedBy).toBeDefined();
  expect(result.latency?.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(280);
});

test('latency counts from the time a message was due, also when this process could not send it then', async () => {
  const stallMs = 500;
  const result = await load({ rate: 200, durationMs: 1_000 }, () => {
    setTimeout(() => {
      const end = performance.now() + stallMs;
      while (performance.now() < end);
    }, 400);
  });
  // Half of the messages were due while nothing ran; measured from the sending they would look fast.
  expect(result.latency?.p95).toBeGreaterThan(stallMs / 2);
  expect(result.consumed).toBe(200);
});

test('a rate that cannot be reached is reported with what limited it', async () => {
  const result = await load({ rate: 1_000_000, durationMs: 100, payloadBytes: 64 });
  expect(result.outcome).toBe('passed');
  expect(result.produced).toBe(100_000);
  expect(result.limitedBy).toMatch(/^(this process|the broker|the acknowledgements of the last messages)/);
}, 60_000);

test('the consumers ask for no more than what comes, and a batch ahead', async () => {
  let asked = 0;
  const tap = broker.observer.subscribe('$JS.API.CONSUMER.MSG.NEXT.>', {
    callback: (_error, message) => {
      asked += message.json<{ batch: number }>().batch;
    },
  });
  await broker.observer.flush();
  const result = await load({ rate: 50_000, durationMs: 200, payloadBytes: 16 });
  await broker.observer.flush();
  tap.unsubscribe();
  expect(result).toMatchObject({ outcome: 'passed', consumed: 10_000 });
  // Two partitions, each with a batch of 1,000 ahead.
  expect(asked).toBeLessThanOrEqual(12_000);
});
