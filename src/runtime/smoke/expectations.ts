import { plural } from '../../model/error-text';
import type { SmokeExpectations } from '../../model/smoke-expectations';
import type { SmokeExpectation, SmokeLatency } from './result';
import type { Traffic } from './traffic';

/** What every test expects. */
export const ALL_DELIVERED = 'all messages are delivered once and unchanged';

/** What the traffic alone shows, in the order of a report. */
export function judgeTraffic(
  traffic: Traffic,
  expected: number,
  latency: SmokeLatency | undefined,
  expect: SmokeExpectations,
  partitions: readonly number[],
): SmokeExpectation[] {
  return [
    ...delivered(traffic, expected),
    ...latencies(latency, expect),
    ...(expect.inOrder === true ? [inOrder(traffic)] : []),
    ...(expect.everyPartition === true ? [everyPartition(traffic, partitions)] : []),
  ];
}

function delivered(traffic: Traffic, expected: number): SmokeExpectation[] {
  const groups = traffic.receivedByGroup;
  const isWhole = traffic.changed === 0 && traffic.storedTwice === 0;
  const seen = [
    `${traffic.received} of ${plural(expected, 'message')}`,
    ...(traffic.changed > 0 ? [`${traffic.changed} changed`] : []),
    ...(traffic.storedTwice > 0 ? [`${traffic.storedTwice} twice`] : []),
  ].join(', ');
  const all = {
    what: ALL_DELIVERED,
    expected: plural(expected, 'message'),
    seen,
    isMet: traffic.received === expected && isWhole,
  };
  if (groups.length === 1) return [all];
  return [
    all,
    {
      what: 'independent consumer groups each receive all messages',
      expected: `${plural(groups.length, 'group')} with ${expected} each`,
      seen: groups.join(', '),
      isMet: groups.every((received) => received === expected),
    },
  ];
}

function latencies(latency: SmokeLatency | undefined, expect: SmokeExpectations): SmokeExpectation[] {
  const limits = [
    ['p50', expect.p50Ms],
    ['p95', expect.p95Ms],
    ['p99', expect.p99Ms],
    ['max', expect.maxMs],
  ] as const;
  return limits.flatMap(([name, limit]) => {
    if (limit === undefined) return [];
    const seen = latency?.[name];
    return [
      {
        what: `the ${name === 'max' ? 'longest delivery' : `${name} of delivery`} takes no longer than expected`,
        expected: `${limit} ms`,
        seen: seen === undefined ? 'nothing came' : `${seen} ms`,
        isMet: seen !== undefined && seen <= limit,
      },
    ];
  });
}

function inOrder({ outOfOrder }: Traffic): SmokeExpectation {
  return {
    what: 'messages of a key come in the order they were sent',
    expected: 'in order',
    seen: outOfOrder === 0 ? 'in order' : `${plural(outOfOrder, 'message')} out of order`,
    isMet: outOfOrder === 0,
  };
}

function everyPartition({ partitions }: Traffic, all: readonly number[]): SmokeExpectation {
  const empty = all.filter((partition) => !partitions.has(partition));
  return {
    what: 'every partition receives messages',
    expected: plural(all.length, 'partition'),
    seen:
      empty.length === 0
        ? plural(all.length, 'partition')
        : `none in partition ${empty.slice(0, 10).join(', ')}`,
    isMet: empty.length === 0,
  };
}
