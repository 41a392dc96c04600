import type { Kill } from '../support/kill-rig';
import { KillRig } from '../support/kill-rig';
import { many, seed } from '../support/random';
import type { RandomStack } from '../support/random-stack';
import { carriedNames, randomOf, randomStack, upTo } from '../support/random-stack';
import { Stack } from '../support/stack';
import { StateServer } from '../support/state-server';
import { SteadyPublisher } from '../support/steady-publisher';

/**
 * Applies of random stacks of all kinds of objects in which the provider, Terraform or the broker is killed at a random
 * moment, one to three times, while messages are published into a station that is replaced. The next apply converges, its
 * plan is empty, the broker has what is declared and nothing else, in the ledger, too, and every acknowledged message is
 * there once.
 */
const MOST_IN_A_ROW = 3;
const isLong = process.env.TIMES !== undefined;
/** The suite has twelve kills of one stack, in as few runs as that takes: three changes and the destroy, three kills each. */
const KILLS_BEFORE_DESTROY = isLong ? 4 : 3 * MOST_IN_A_ROW;
/** Twenty runs of Terraform, on a busy machine. */
const TIMEOUT_MS = 600_000;

/** One keeps its state in a file, the other one with a server; stacks of even numbers use the first. */
let local: Stack | undefined;
let remote: Stack | undefined;

beforeAll(async () => {
  const states = await StateServer.start();
  if (isLong || seed % 2 === 0) local = await Stack.create({});
  if (isLong || seed % 2 === 1) remote = await Stack.create(states.environment, { http: {} });
  await states.stop();
});

const kills: Kill[] = [];

afterAll(() => {
  local?.remove();
  remote?.remove();
  // What a long run is reported with.
  if (isLong) console.log(summary(kills));
});

function summary(all: readonly Kill[]): string {
  const counts = new Map<string, number>();
  for (const { victim, when, hasHappened, tornState } of all) {
    const moment =
      when.startsWith('at ') || /^after \d/.test(when) ? 'at a random time' : 'at a change over REST';
    const what = hasHappened ? `${victim} killed ${moment}` : `${victim} survived`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
    if (tornState) counts.set('empty state files', (counts.get('empty state files') ?? 0) + 1);
  }
  return [...counts]
    .sort()
    .map(([what, count]) => `${count} x ${what}`)
    .join('\n');
}

/** What happened before a failure, in its order. */
function told(happened: readonly Kill[]): string {
  return happened
    .map(({ victim, when, hasHappened, tornState }) => {
      const fate = hasHappened ? `${victim} killed ${when}` : `${victim} survived`;
      return tornState ? `${fate} (empty state file)` : fate;
    })
    .join(', ');
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// A long run has at least 500 kills, those that come too late left out.
const stacks = isLong ? Math.max(100, many(2)) : many(1);

test.each(Array.from({ length: stacks }, (_, index) => seed + index))(
  'stack %d converges after each kill, and leaves nothing behind',
  async (number) => {
    const random = randomOf(number);
    const isRemote = number % 2 === 1;
    const template = isRemote ? remote : local;
    if (template === undefined) throw new Error('no such stack was made');
    const rig = await KillRig.start(template, isRemote);
    const publisher = await SteadyPublisher.start(rig.broker);
    const happened: Kill[] = [];
    let stack: RandomStack | undefined;
    let before: RandomStack | undefined;
    const isDone = async (what: Promise<{ readonly code: number; readonly errors: readonly string[] }>) => {
      const { code, errors } = await what;
      expect({ code, errors }).toEqual({ code: 0, errors: [] });
    };
    const leaves = async ({ objects, records }: Pick<RandomStack, 'objects' | 'records'>) => {
      expect(await rig.found()).toEqual({ objects, records, damaged: [] });
      expect(await publisher.copies()).toEqual([]);
    };
    try {
      const killRepeatedly = async (): Promise<void> => {
        const times = isLong ? 1 + upTo(random, MOST_IN_A_ROW) : MOST_IN_A_ROW;
        for (let time = 0; time < times; time += 1) happened.push(await rig.applyAndKill(random));
      };
      while (happened.length < KILLS_BEFORE_DESTROY) {
        before = stack;
        stack = randomStack(random, before);
        rig.stack.declare(stack.declared);
        publisher.publish(carriedNames);
        await killRepeatedly();
        await isDone(rig.apply());
        await publisher.pause();
        const planned = await rig.stack.plan();
        const changes = planned.code === 2 ? await rig.stack.changes() : {};
        expect([planned.errors, changes]).toEqual([[], {}]);
        await leaves(stack);
        const stored = await publisher.stored(stack.carried);
        const lost = [...publisher.acknowledged].filter((id) => !stored.includes(id));
        const doubled = stored.filter((id, index) => stored.indexOf(id) !== index);
        expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
      }
      await publisher.empty(stack?.carried ?? '');
      rig.stack.declare({});
      await killRepeatedly();
      await isDone(rig.apply());
      await leaves({ objects: [], records: [] });
    } catch (error) {
      const declared = JSON.stringify([before?.declared, stack?.declared]);
      throw new Error(`after ${told(happened)}: ${messageOf(error)}\nof ${declared}`, { cause: error });
    } finally {
      kills.push(...happened);
      await publisher.stop();
      await rig.stop();
    }
  },
  TIMEOUT_MS,
);
