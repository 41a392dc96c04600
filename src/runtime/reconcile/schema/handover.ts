import { createHash } from 'node:crypto';
import { BrokerRefusedError } from '../../../model/errors';
import { externalName } from '../../../model/names';
import type { Run } from '../run';
import { isAnother, removedWithRecord } from '../ownership';
import type { LiveSchema } from './live';
import { normaliseSchema, observeSchema } from './live';

/**
 * What keeps stations protected while the schema that they enforce is replaced. Terraform removes the old schema before
 * it creates the new one, and the broker would stop enforcing it at once. So the old schema is retired: it stays until
 * the last station enforces another one. When both have one name, a copy of the old schema takes its place meanwhile.
 */

/** The name of the copy that stands in for a schema whose name the new one needs. */
export function standInName(schema: string): string {
  return `handover-${createHash('sha256').update(externalName(schema)).digest('hex').slice(0, 16)}`;
}

/** The record says that the schema goes as soon as no station enforces it. No name of a station has a colon. */
const recordName = (schema: string): string => `${PREFIX}${externalName(schema)}`;
const PREFIX = 'schema:';
const MOST_ATTEMPTS = 3;

/** Leaves a schema to the stations that enforce it, until their enforcements have moved. Requests: 1. */
export async function retire(run: Run, schema: LiveSchema, owner: string): Promise<void> {
  const record = { owner, state: 'pending', uid: String(schema.id) } as const;
  await run.admin.ledger.write('replacement', recordName(schema.name), record);
  (await run.unfinishedReplacements()).set(recordName(schema.name), record);
}

/**
 * Moves the stations of a schema to a copy of it, so that the schema can be removed. An interrupted run leaves the copy
 * to the next one.
 *
 * Requests: 5, + 1 for each station.
 */
export async function standIn(run: Run, schema: LiveSchema, owner: string): Promise<void> {
  const { admin } = run;
  const name = standInName(schema.name);
  // Not while an enforcement looks for retired schemas that no station enforces.
  await run.oneAtATime(async () => {
    if ((await admin.readSchema(name)) === undefined)
      await admin.createSchema({ ...normaliseSchema(schema), name });
    const copy = await observeSchema(admin, name);
    if (copy !== undefined) await retire(run, copy, owner);
    await attachAll(run, schema.usedStations, name);
  });
}

/** Gives a schema that was created in place of an old one the stations of that one. Requests: none if there are none. */
export async function takeOver(run: Run, schema: string): Promise<void> {
  const unfinished = await run.unfinishedReplacements();
  // It is declared again, so it does not go any more.
  if (unfinished.has(recordName(schema))) await forget(run, recordName(schema));
  if (!unfinished.has(recordName(standInName(schema)))) return;
  const copy = await observeSchema(run.admin, standInName(schema));
  await attachAll(run, copy?.usedStations ?? [], schema);
  await removeUnused(run);
}

/**
 * Removes the retired schemas that no station enforces any more. Call it after a station has got another schema, or has
 * gone with the one it had.
 *
 * Requests: one list of all replacements a run; 3 for each retired schema.
 * @param stack how the owner of the schema begins
 */
export async function removeUnused(run: Run, stack = ''): Promise<void> {
  for (const [key, record] of await run.unfinishedReplacements()) {
    if (!key.startsWith(PREFIX) || !record.owner.startsWith(stack)) continue;
    await run.oneAtATime(async () => {
      if (!(await run.unfinishedReplacements()).has(key)) return;
      const live = await observeSchema(run.admin, key.slice(PREFIX.length));
      const isOurs = live !== undefined && !isAnother(record.uid, live.id);
      if (isOurs && live.usedStations.length > 0) return;
      if (isOurs) {
        const object = { kind: 'schema', name: live.name, uid: record.uid ?? '' } as const;
        await removedWithRecord(run.admin, object, record.owner, () => run.admin.removeSchema(live.name));
      }
      await forget(run, key);
    });
  }
}

/**
 * True for a schema that waits for a run to remove it, because the one that ended its last enforcement was interrupted. What
 * was enforced stays in the state until then: a refresh that dropped it would leave nothing to deploy. While planning.
 */
export async function isLeftBehind(run: Run, schema: string): Promise<boolean> {
  if (!(await run.unfinishedReplacements()).has(recordName(schema))) return false;
  const { stations } = await run.snapshot();
  return [...stations.values()].every(({ row }) => row.schemaName !== externalName(schema));
}

async function attachAll(run: Run, stations: readonly string[], schema: string): Promise<void> {
  for (const station of stations) await attach(run, station, schema, MOST_ATTEMPTS);
}

/** The same run may destroy the station, which then needs no protection any more, or replace it, and then it is there again. */
async function attach(run: Run, station: string, schema: string, attempts: number): Promise<void> {
  try {
    run.links.schemaSet(station, await run.admin.attachSchema(station, schema));
  } catch (error) {
    if ((await run.admin.readStation(station)) === undefined) return;
    if (!(error instanceof BrokerRefusedError) || attempts === 1) throw error;
    await attach(run, station, schema, attempts - 1);
  }
}

async function forget(run: Run, key: string): Promise<void> {
  await run.admin.ledger.remove('replacement', key);
  (await run.unfinishedReplacements()).delete(key);
}
