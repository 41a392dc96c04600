import { Retention } from '../../../src/model/retention';
import type { SmokeExpectations } from '../../../src/model/smoke-expectations';
import type { SmokeTestSpec } from '../../../src/model/smoke-test';
import type { Memphis, Producer } from '../../../src/runtime/messaging';
import type { SmokeResult } from '../../../src/runtime/smoke';
import { runSmokeTest } from '../../../src/runtime/smoke';
import { checkDuplicates } from '../../../src/runtime/smoke/duplicates';
import { judgeTraffic } from '../../../src/runtime/smoke/expectations';
import { Latencies } from '../../../src/runtime/smoke/latency';
import { Traffic } from '../../../src/runtime/smoke/traffic';
import { TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

interface Arriving {
  readonly number: number;
  readonly partition?: number;
  readonly sequence?: number;
  readonly payload?: string;
  readonly deliveries?: number;
  readonly group?: number;
}

interface Seen {
  readonly unmet: readonly unknown[];
  readonly differences: readonly unknown[];
}

/** What is judged of four messages, with the keys a and b in turn, that arrive like this. */
function judged(arrivals: readonly Arriving[], expect: SmokeExpectations = {}, showPayloads = false): Seen {
  const latencies = Latencies.exact();
  const groups = Math.max(1, ...arrivals.map(({ group = 0 }) => group + 1));
  const traffic = new Traffic({
    ...{ payloads: [Buffer.from('secret payload')], keys: ['a', 'b'], groups, latencies, showPayloads },
    inOrder: expect.inOrder === true,
  });
  for (let number = 0; number < 4; number += 1) {
    traffic.begin(0);
    traffic.acknowledge(number, 1 + (number % 2), 10 + number);
  }
  for (const { number, partition = 1 + (number % 2), sequence = 10 + number, ...others } of arrivals) {
    const { payload = 'secret payload', deliveries = 1, group = 0 } = others;
    const message = { group, number, partition, sequence, deliveries };
    traffic.arrive({ ...message, payload: Buffer.from(payload), at: 5 + number * 10 });
  }
  if (traffic.received < 4) traffic.missing();
  const all = judgeTraffic(traffic, 4, latencies.summary(), expect, [1, 2]);
  return { unmet: all.filter(({ isMet }) => !isMet), differences: traffic.differences };
}

const inTurn = [0, 1, 2, 3].map((number) => ({ number }));

const delivered = (seen: string): object => ({
  ...{ what: 'all messages are delivered once and unchanged', expected: '4 messages', seen, isMet: false },
});

test('all expectations of the traffic hold where it is as expected', () => {
  const expect_ = { p50Ms: 30, p95Ms: 36, p99Ms: 36, maxMs: 36, inOrder: true, everyPartition: true };
  expect(judged(inTurn, expect_)).toEqual({ unmet: [], differences: [] });
  // One that is delivered again comes late, and says nothing.
  expect(judged([...inTurn, { number: 0, deliveries: 2 }], expect_).unmet).toEqual([]);
});

test.each<[what: string, arrivals: readonly Arriving[], expected: SmokeExpectations, seen: Seen]>([
  [
    'a message that is missing',
    inTurn.slice(0, 3),
    {},
    {
      unmet: [delivered('3 of 4 messages')],
      differences: [{ id: 'partition 2, sequence 13', what: 'was stored and did not come back' }],
    },
  ],
  [
    'a message that was changed',
    [...inTurn.slice(0, 3), { number: 3, payload: 'another' }],
    {},
    {
      unmet: [delivered('4 of 4 messages, 1 changed')],
      differences: [{ id: 'partition 2, sequence 13', what: 'message 3 came with another payload' }],
    },
  ],
  [
    'a message that is stored twice',
    [...inTurn, { number: 2, sequence: 99 }],
    {},
    {
      unmet: [delivered('4 of 4 messages, 1 twice')],
      differences: [{ id: 'partition 1, sequence 99', what: 'message 2 came twice, also from this place' }],
    },
  ],
  [
    'messages of a key out of order',
    [{ number: 2 }, { number: 1 }, { number: 0 }, { number: 3 }],
    { inOrder: true },
    {
      unmet: [
        {
          what: 'messages of a key come in the order they were sent',
          ...{ expected: 'in order', seen: '1 message out of order', isMet: false },
        },
      ],
      differences: [{ id: 'partition 1, sequence 10', what: 'message 0 came after message 2' }],
    },
  ],
  [
    'latencies that are too long',
    inTurn,
    { p50Ms: 14, p95Ms: 34, p99Ms: 34, maxMs: 34 },
    {
      unmet: [
        ['p50 of delivery', '14 ms', '15 ms'],
        ['p95 of delivery', '34 ms', '35 ms'],
        ['p99 of delivery', '34 ms', '35 ms'],
        ['longest delivery', '34 ms', '35 ms'],
      ].map(([name, expected, seen]) => ({
        ...{ what: `the ${name} takes no longer than expected`, expected, seen, isMet: false },
      })),
      differences: [],
    },
  ],
  [
    'a second group that misses a message',
    [...inTurn, ...inTurn.slice(1).map(({ number }) => ({ number, group: 1 }))],
    {},
    {
      unmet: [
        delivered('3 of 4 messages'),
        {
          what: 'independent consumer groups each receive all messages',
          ...{ expected: '2 groups with 4 each', seen: '4, 3', isMet: false },
        },
      ],
      differences: [{ id: 'partition 1, sequence 10', what: 'did not come to every consumer group' }],
    },
  ],
])('%s: expected, seen and the first messages that differ', (_what, arrivals, expected, seen) => {
  expect(judged(arrivals, expected)).toEqual(seen);
});

test('payloads of messages that differ are shown only when the test asks for them', () => {
  const arrivals = [...inTurn.slice(0, 2), { number: 3, payload: 'another' }];
  expect(JSON.stringify(judged(arrivals))).not.toMatch(/secret|another"/);
  expect(judged(arrivals, {}, true).differences).toMatchObject([
    { payload: 'another' },
    { payload: 'secret payload' },
  ]);
});

test('duplicates that are not dropped are seen', async () => {
  let sequence = 0;
  const producer = {
    partitionNumbers: [1],
    produce: () => Promise.resolve({ partition: 1, sequence: (sequence += 1), duplicate: false }),
  } as unknown as Producer;
  expect(await checkDuplicates(producer, Buffer.from('x'), '0123abcd', () => undefined)).toMatchObject({
    ...{ expected: '10 of 10 second messages dropped', seen: '0 of 10 dropped', isMet: false },
  });
});

const live = (spec: Omit<SmokeTestSpec, 'name'>, onStep?: (name: string) => void): Promise<SmokeResult> =>
  runSmokeTest({ name: 'check', target: 'live', timeoutMs: 15_000, ...spec }, broker.environment, {
    onStep: ({ name }) => onStep?.(name),
  });

test('dead letters are expected, and the station has no dead-letter station', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const result = await live({ station, messages: 1, maxMsgDeliveries: 3, expect: { deadLettered: true } });
  expect([result.outcome, result.expectations.filter(({ isMet }) => !isMet)]).toEqual([
    'failed',
    [
      {
        what: 'it is found in the dead-letter station',
        ...{ expected: 'a dead-letter station', seen: 'the station has none', isMet: false },
      },
    ],
  ]);
  expect((await broker.stream(station))?.state.messages).toBe(0);
});

test('a station that keeps less than its retention says is seen', async () => {
  const [station, dead] = [broker.stationName(), broker.stationName('dead')];
  await memphis.station({ name: dead });
  await memphis.station({ name: station, dlsStation: dead, retentionValue: 3_600 });
  const result = await live(
    { station, messages: 10, expect: { deadLettered: true, retention: true } },
    // While the dead letter is waited for.
    (name) => {
      if (name === 'consume') void broker.jetStream(`STREAM.PURGE.${station}$1`);
    },
  );
  expect(result.outcome).toBe('failed');
  expect(result.expectations.filter(({ isMet }) => !isMet)).toEqual([
    {
      what: 'the station keeps or drops messages as its retention says',
      ...{ expected: '3600 seconds: 10 of 10 kept', seen: '0 of 10 kept', isMet: false },
    },
  ]);
}, 20_000);

test.each([
  ['in messages', { retentionType: Retention.MESSAGES, retentionValue: 20 }],
  ['in bytes', { retentionType: Retention.BYTES, retentionValue: 8_000 }],
])(
  'a live station at its limit %s delivers all, and is left without a message of the test',
  async (_what, limit) => {
    const station = broker.stationName();
    await memphis.station({ name: station, ...limit });
    const producer = await memphis.producer({ stationName: station, producerName: 'other' });
    for (let count = 0; count < 40; count += 1) await producer.produce({ message: `theirs ${count}` });
    expect(await live({ station, messages: 100 })).toMatchObject({ outcome: 'passed', consumed: 100 });
    expect((await broker.stream(station))?.state.messages).toBe(0);
  },
);
