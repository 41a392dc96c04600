import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokerRefusedError } from '../../../src/model/errors';
import type { Settle } from '../../../src/runtime/messaging/produce/producer';
import { Latencies } from '../../../src/runtime/smoke/latency';
import { numbered } from '../../../src/runtime/smoke/schedule';
import type { Schedule } from '../../../src/runtime/smoke/schedule';
import { send } from '../../../src/runtime/smoke/sender';
import { Traffic } from '../../../src/runtime/smoke/traffic';
import { eventually } from '../../support/broker';

function sending(schedule: Schedule, dispatch: (settle: Settle, number: number) => void, payload = 'x') {
  const traffic = new Traffic({
    ...{ payloads: [Buffer.from(payload)], keys: [], groups: 1 },
    ...{ latencies: Latencies.exact(), showPayloads: false, inOrder: false },
  });
  let number = 0;
  const ending = new AbortController();
  const done = send(traffic, {
    ...{ schedule, runId: '01234567', headers: {}, messageIds: false, mostUnread: Infinity },
    producers: [{ dispatch: (_message, settle) => dispatch(settle, number++) }],
    signal: ending.signal,
  });
  return { done, traffic, end: () => ending.abort() };
}

const stored = { station: 's', partition: 1, sequence: 1, duplicate: false };

test('no message is sent before it is due, and each that is due goes in the same turn', async () => {
  const begin = performance.now();
  const sentAt: number[] = [];
  const schedule = numbered(200, 2_500);
  const { done } = sending(schedule, (settle) => {
    sentAt.push(performance.now() - begin);
    settle(stored);
  });
  await done;
  const early = sentAt.filter((at, number) => at < (schedule.dueMs(number) ?? 0));
  expect([sentAt.length, early]).toEqual([200, []]);
  // A timer for each of them would take 200 ms.
  expect(new Set(sentAt.map((at) => Math.floor(at))).size).toBeLessThan(150);
});

test('a broker that acknowledges nothing holds back what it cannot take, and the time counts as waited', async () => {
  const settles: Settle[] = [];
  const { done, traffic } = sending(numbered(5_000, undefined), (settle) => settles.push(settle));
  await eventually(() => settles.length >= 4_000, 'as many as may be are under way');
  await pause(50);
  expect(settles).toHaveLength(4_000);
  for (let next = settles.shift(); next !== undefined; next = settles.shift()) {
    next(stored);
    if (settles.length === 0) await new Promise(setImmediate);
  }
  const { waitedMs } = await done;
  expect(waitedMs).toBeGreaterThan(20);
  expect(traffic.acknowledged).toBe(5_000);
});

test('large messages are held back by their size', async () => {
  const settles: Settle[] = [];
  const { end, done } = sending(
    numbered(200, undefined),
    (settle) => settles.push(settle),
    'x'.repeat(1_000_000),
  );
  await eventually(() => settles.length >= 67, 'as many as may be are under way');
  await pause(50);
  expect(settles).toHaveLength(67);
  end();
  await done;
});

test('the first message that is not stored ends the sending with its error', async () => {
  const refusal = new BrokerRefusedError({ attempted: 'produce', found: 'full', next: 'Wait' });
  let sent = 0;
  const { done } = sending(numbered(10_000, undefined), (settle, number) => {
    sent += 1;
    settle(number === 3 ? Promise.reject(refusal) : stored);
  });
  await expect(done).rejects.toBe(refusal);
  expect(sent).toBeLessThan(1_000);
});
