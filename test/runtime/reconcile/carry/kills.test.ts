import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import fc from 'fast-check';
import type { StationDeclaration } from '../../../../src/model/station';
import { canonicalStation } from '../../../../src/model/station';
import { Storage } from '../../../../src/model/storage';
import { Run, isIntact, observeStation, stationKind } from '../../../../src/runtime/reconcile';
import { many, seed } from '../../../support/random';
import { CarryBroker, claim } from './carried-station';
import type { Assignment, Death } from './carry-process';

/**
 * kill -9 at every write of every path; then the same apply once more: nothing is lost or doubled, nothing is left over,
 * and until then every plan says so. The suite tries some of them, `npm run soak` all.
 */
const broker = CarryBroker.forThisFile();

const folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-carry-'));
const program = join(folder, 'carry-process.cjs');

beforeAll(async () => {
  await build({
    entryPoints: [join(__dirname, 'carry-process.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    logLevel: 'error',
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Path {
  readonly before: Omit<StationDeclaration, 'name'>;
  readonly after: Omit<StationDeclaration, 'name'>;
  readonly isRenamed?: true;
}

const paths: Readonly<Record<string, Path>> = {
  'disk to memory': {
    before: { partitionsNumber: 2 },
    after: { partitionsNumber: 2, storageType: Storage.MEMORY },
  },
  'fewer partitions': { before: { partitionsNumber: 3 }, after: { partitionsNumber: 2 } },
  'more partitions': { before: { partitionsNumber: 2 }, after: { partitionsNumber: 3 } },
  'another name': { before: {}, after: {}, isRenamed: true },
};

const MESSAGES = 30;
let count = 0;

/** Carries a station of its own in a process. @returns what it printed; undefined when it was killed */
async function carried(path: Path, death?: Pick<Assignment, 'diesAt' | 'when'>) {
  count += 1;
  const from = `station-${count}`;
  const name = path.isRenamed === true ? `renamed-${count}` : from;
  const uid = await broker.filled({ ...path.before, name: from }, MESSAGES);
  const assignment: Assignment = { from, uid, after: { ...path.after, name }, owner: claim.owner, ...death };
  const env = { ...process.env, ...broker.environment };
  const run = promisify(execFile)(process.execPath, [program, JSON.stringify(assignment)], { env });
  const printed = await run.then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      expect(error).toMatchObject({ signal: 'SIGKILL', stderr: '' });
      return undefined;
    },
  );
  return { ...assignment, printed };
}

async function numbersOf(name: string, partitions: number): Promise<number[]> {
  const all = Array.from({ length: partitions }, (_, index) => broker.numbers(name, index + 1));
  return (await Promise.all(all)).flat().sort((a, b) => a - b);
}

const everyNumber = Array.from({ length: MESSAGES }, (_, index) => index);

/** A plan says what is left to do; where nothing is, the old or the new station is whole and open. */
async function expectKnown({ from, after }: Assignment, path: Path): Promise<void> {
  if ((await stationKind.interrupted?.(new Run(broker.admin), from)) !== undefined) return;
  const [old, renewed] = await Promise.all(
    [from, after.name].map((name) => observeStation(broker.admin, name)),
  );
  const [name, live, partitions] =
    old === undefined
      ? [after.name, renewed, path.after.partitionsNumber]
      : [from, old, Math.max(path.before.partitionsNumber ?? 1, path.after.partitionsNumber ?? 1)];
  expect(live !== undefined && isIntact(live)).toBe(true);
  expect(await numbersOf(name, partitions ?? 1)).toEqual(everyNumber);
}

async function expectConverged(path: Path, diesAt: number, when: Death): Promise<void> {
  const killed = await carried(path, { diesAt, when });
  await expectKnown(killed, path);
  const { from, after, uid } = killed;
  // A write that was the last one may have done all there is.
  const isFinished = killed.printed !== undefined || (await isReplaced(from, uid));
  const permissions = { allowMessageLoss: false, carry: { from: isFinished ? after.name : from } };
  const live = await stationKind.update(
    new Run(broker.admin),
    canonicalStation(after),
    claim,
    permissions,
    isFinished ? undefined : uid,
  );
  expect(isIntact(live)).toBe(true);
  expect(live.row.partitions).toHaveLength(after.partitionsNumber ?? 1);
  expect(live.streams[0]?.config.storage).toBe(after.storageType === Storage.MEMORY ? 'memory' : 'file');
  expect(await numbersOf(after.name, live.row.partitions.length)).toEqual(everyNumber);
  expect(await broker.leftovers()).toEqual([]);
  if (from !== after.name) expect(await broker.admin.readStation(from)).toBeUndefined();
}

/** True when nothing is left to do and the old station is gone. */
async function isReplaced(from: string, uid: string): Promise<boolean> {
  if ((await stationKind.interrupted?.(new Run(broker.admin), from)) !== undefined) return false;
  return String((await broker.admin.readStation(from))?.id) !== uid;
}

test('a process dies by kill -9 at any of its writes: the next run converges', async () => {
  const deaths: (readonly [string, number, Death])[] = [];
  for (const [label, path] of Object.entries(paths)) {
    const writes = Number((await carried(path)).printed);
    expect(writes).toBeGreaterThan(8);
    for (let write = 1; write <= writes; write += 1)
      for (const when of ['before', 'during', 'after'] as const) deaths.push([label, write, when]);
  }
  const some =
    fc.sample(fc.shuffledSubarray(deaths, { minLength: 8, maxLength: 8 }), { seed, numRuns: many(1) })[0] ??
    [];
  for (const [label, write, when] of many(1) > 1 ? deaths : some) {
    const path = paths[label];
    if (path === undefined) continue;
    try {
      await expectConverged(path, write, when);
    } catch (error) {
      throw new Error(`${label}, killed ${when} write ${write}`, { cause: error });
    }
  }
});
