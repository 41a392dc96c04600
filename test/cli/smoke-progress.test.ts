import { Writable } from 'node:stream';
import { Progress } from '../../src/cli/progress';
import type { SmokeExtent } from '../../src/cli/smoke-progress';
import { SmokeProgress } from '../../src/cli/smoke-progress';
import type { SmokeResult } from '../../src/runtime/smoke';

/** What is written to stderr, on a terminal or elsewhere. */
function watched(extent: SmokeExtent, isTTY: boolean, environment: Record<string, string> = {}) {
  const written: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString());
      done();
    },
  });
  const progress = new SmokeProgress(extent, new Progress(Object.assign(stream, { isTTY }), environment));
  return { progress, written };
}

function result(name: string, passed: boolean): SmokeResult {
  return {
    ...{ name, station: 's', target: 'shadow', runId: '0123abcd', passed, milliseconds: 12 },
    ...{ outcome: passed ? 'passed' : 'failed', expectations: [], differences: [], produced: 1, consumed: 1 },
    steps: passed ? [] : [{ name: 'consume', passed, detail: 'nothing\ncame', milliseconds: 3 }],
  };
}

const CLEAR = '\r\u001B[2K';

test('a terminal shows one line with a bar, which is taken away at the end', () => {
  const { progress, written } = watched({ runs: 4 }, true);
  progress.add(result('a', true));
  progress.add(result('b', false));
  progress.end();
  expect(written).toEqual([
    `${CLEAR}██████░░░░░░░░░░░░░░░░░░ 1 of 4 runs, 0 failed`,
    `${CLEAR}████████████░░░░░░░░░░░░ 2 of 4 runs, 1 failed`,
    CLEAR,
  ]);
});

test.each([
  ['no terminal', false, {}],
  ['a terminal in CI', true, { CI: 'true' }],
])('%s gets a plain line for each run, and no escape sequence', (_what, isTTY, environment) => {
  const { progress, written } = watched({ runs: 2 }, isTTY, environment);
  progress.add(result('a', true));
  progress.add(result('b', false));
  progress.end();
  expect(written).toEqual(['passed a (12 ms)\n', 'failed b (12 ms): consume: nothing came\n']);
});

test('a time shows what is left of it on a terminal', () => {
  const { progress, written } = watched({ forMs: 600_000 }, true);
  progress.add(result('a', true));
  expect(written).toEqual([`${CLEAR}${'░'.repeat(24)} 1 run, 0 failed, 10 min left`]);
});

test('a time writes into a log what passes once for each test, and everything that does not', () => {
  const { progress, written } = watched({ forMs: 600_000 }, false);
  for (const [name, passed] of [
    ['a', true],
    ['b', true],
    ['a', true],
    ['b', false],
    ['a', true],
    ['b', false],
  ] as const)
    progress.add(result(name, passed));
  expect(written.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'passed a',
    'passed b',
    'failed b',
    'failed b',
  ]);
});

test('an expectation that is not met is the reason where all steps succeeded', () => {
  const { progress, written } = watched({ runs: 1 }, false);
  const late = { what: 'the p99 of delivery', expected: '1 ms', seen: '9 ms', isMet: false };
  progress.add({ ...result('a', false), steps: [], expectations: [late] });
  expect(written).toEqual(['failed a (12 ms): the p99 of delivery: expected 1 ms, seen 9 ms\n']);
});
