import { AlreadyExistsError, BrokerRefusedError, NotFoundError } from '../../../model/errors';
import { quotedNames } from '../../../model/error-text';
import { externalName } from '../../../model/names';
import type { Compatibility } from '../../../model/schema-compatibility';
import type { CanonicalSchema } from '../../../model/schema-declaration';
import type { Admin, SchemaDetails, SchemaVersion } from '../../admin';
import { reasonOf } from '../diff';
import type { Continuation, DeclaredOwner, Removal } from '../kind';
import { created } from '../creation';
import { digestOf } from '../made';
import type { Existing } from '../ownership';
import { NotInPlaceError, continueExisting, notMeant, recordOwner, removedWithRecord } from '../ownership';
import type { Run } from '../run';
import { incompatible } from './compatibility';
import { removeUnused, retire, standIn } from './handover';
import type { LiveSchema } from './live';
import { diffSchema, normaliseSchema, observeSchema } from './live';
import { isSameStack } from './plan';

/**
 * Creates a schema; its first version is active. An existing one is resumed when an interrupted run of the same
 * declaration created it, or adopted where that is allowed: the declared content then becomes its active version.
 *
 * Requests: 6.
 * @throws AlreadyExistsError when the broker has one of that name that is not ours.
 */
export async function createSchema(
  run: Run,
  schema: CanonicalSchema,
  claim: DeclaredOwner,
  compatibility?: Compatibility,
): Promise<LiveSchema> {
  const { admin } = run;
  const [record, early] = await Promise.all([
    claim.owner === '' ? undefined : admin.ledger.read('schema', schema.name),
    observeSchema(admin, schema.name),
  ]);
  // A record that is there was perhaps written after the schema was read.
  const found = record === undefined ? early : await observeSchema(admin, schema.name);
  if (found !== undefined) {
    const existing = existingOf(found);
    const continuation = await continueExisting(admin, existing, claim);
    refuseReplacement(found, schema, continuation);
    if (continuation === 'unfinished') await recordOwner(admin, existing, claim);
    const updated = await updateSchema(run, schema, compatibility);
    if (continuation === 'adopted') await recordOwner(admin, existing, claim);
    return updated;
  }
  const { type, content } = schema;
  const made = await created(
    admin,
    {
      kind: 'schema',
      name: schema.name,
      settings: digestOf([type, content]),
      request: async () => {
        await admin.createSchema(schema);
        return observeSchema(admin, schema.name);
      },
      read: () => observeSchema(admin, schema.name),
    },
    claim,
  );
  return checkedAsDeclared(made, schema, `create schema "${schema.name}"`);
}

/** A schema that is there, for the question whose it is. */
export function existingOf(live: LiveSchema): Existing {
  return {
    kind: 'schema',
    name: live.name,
    uid: String(live.id),
    made: () => Promise.resolve(live.made),
  };
}

function refuseReplacement(live: LiveSchema, schema: CanonicalSchema, continuation: Continuation): void {
  const change = diffSchema(normaliseSchema(live, schema), schema);
  if (change.kind !== 'replace') return;
  const NotInPlace = continuation === 'unfinished' ? NotInPlaceError : AlreadyExistsError;
  throw new NotInPlace({
    attempted: `adopt schema "${schema.name}"`,
    found: `it cannot become what is declared in place: it is of type ${live.type} on the broker, not ${schema.type}; ${reasonOf(change) ?? ''}`,
    next: 'Choose another name, or declare the type that it has',
  });
}

/**
 * Makes the declared content the active version: an older version that says the same is activated again, otherwise a
 * new one is stored. Activation alone reaches only producers that connect later, so every station that enforces the
 * schema gets it again.
 *
 * Requests: 2, + 2 to store a version, + 1 to activate it, + 1 for each station that enforces the schema, + 1 to check
 * the compatibility.
 * @throws IncompatibleSchemaError when another version has become active meanwhile, and the declared content breaks it
 */
export async function updateSchema(
  run: Run,
  schema: CanonicalSchema,
  compatibility?: Compatibility,
): Promise<LiveSchema> {
  const { admin } = run;
  await refuseIncompatible(run, schema, compatibility);
  const attempted = `update schema "${schema.name}"`;
  const version =
    (await storedVersion(admin, schema, attempted)) ?? (await storeVersion(admin, schema, attempted));
  if (!version.active) await admin.activateSchemaVersion(schema.name, version.versionNumber);
  const live = await readBack(admin, schema, attempted);
  for (const station of live.usedStations) await admin.attachSchema(station, schema.name);
  return live;
}

async function refuseIncompatible(
  run: Run,
  schema: CanonicalSchema,
  compatibility: Compatibility | undefined,
): Promise<void> {
  if (compatibility === undefined || compatibility === 'none') return;
  const live = await observeSchema(run.admin, schema.name);
  const error = live === undefined ? undefined : await incompatible(run, live, schema, compatibility);
  if (error !== undefined) throw error;
}

async function storedVersion(
  admin: Admin,
  schema: CanonicalSchema,
  attempted: string,
): Promise<SchemaVersion | undefined> {
  const details = await existing(admin, schema.name, attempted);
  return details.versions.find((version) => isSame({ ...details, activeVersion: version }, schema));
}

async function storeVersion(
  admin: Admin,
  schema: CanonicalSchema,
  attempted: string,
): Promise<SchemaVersion> {
  await admin.createSchemaVersion(schema);
  const stored = await storedVersion(admin, schema, attempted);
  if (stored !== undefined) return stored;
  throw new BrokerRefusedError({
    attempted,
    found: 'the broker reported success, but no version has the declared content',
  });
}

function isSame(live: LiveSchema, schema: CanonicalSchema): boolean {
  return diffSchema(normaliseSchema(live, schema), schema).kind === 'noop';
}

/**
 * Removes a schema. One that is replaced while stations enforce it protects them until they have the new one.
 *
 * Requests: 4, + those of the handover when stations enforce it.
 * @throws BrokerRefusedError while a station still enforces it: the broker would silently stop enforcing it there.
 */
export async function destroySchema(
  run: Run,
  name: string,
  removal: Omit<Removal, 'permissions'>,
): Promise<string | undefined> {
  const { admin } = run;
  const { owner, uid, isReplacement, successor, notice } = removal;
  const live = await observeSchema(admin, name);
  if (live === undefined) {
    await admin.ledger.remove('schema', name, owner);
    return undefined;
  }
  const object = { kind: 'schema', name, uid: String(live.id) } as const;
  const why = await notMeant(admin, object, removal, await admin.ledger.read('schema', name));
  if (why !== undefined) return why;
  if (isReplacement === true && live.usedStations.length > 0) {
    if (successor !== undefined && successor !== live.name) {
      await retire(run, live, owner);
      notice?.(
        `${quotedNames(live.usedStations)} still ${live.usedStations.length === 1 ? 'enforces' : 'enforce'} schema "${name}". It protects them until their enforcements have moved to schema "${successor}"; the enforcement that moves last removes it.`,
      );
      return undefined;
    }
    await standIn(run, live, owner);
    return destroySchema(run, name, { uid, owner });
  }
  if (live.usedStations.length > 0) {
    if (removal.movesOn === true || (await isEnforcedByOwnStack(run, live, owner)))
      return removeWithLastStation(run, live, removal);
    throw new BrokerRefusedError({
      attempted: `remove schema "${name}"`,
      found: `it is enforced on ${quotedNames(live.usedStations)}, which would silently accept any message; nothing was changed`,
      next: 'Detach it there first (for stations of this stack: remove their enforcement), then run again',
    });
  }
  await removedWithRecord(admin, object, removal.owner, () => admin.removeSchema(name));
  return undefined;
}

/**
 * Terraform removes a schema before it moves enforcements from it to other schemas, and moves none when the removal fails.
 */
async function removeWithLastStation(
  run: Run,
  live: LiveSchema,
  { owner, notice }: Pick<Removal, 'owner' | 'notice'>,
): Promise<undefined> {
  await retire(run, live, owner);
  // The enforcements may have moved just before the record was written.
  await removeUnused(run);
  if ((await observeSchema(run.admin, live.name)) === undefined) return;
  notice?.(
    `${quotedNames(live.usedStations)} still ${live.usedStations.length === 1 ? 'enforces' : 'enforce'} schema "${live.name}". The enforcement that moves to another schema last, or goes last, removes it.`,
  );
}

/** True when the stack of a declaration made all enforcements of its schema. Requests: 1. */
async function isEnforcedByOwnStack(run: Run, live: LiveSchema, owner: string): Promise<boolean> {
  if (owner === '') return false;
  const enforcements = await run.admin.ledger.list('enforcement');
  return live.usedStations.every(
    (station) =>
      // Also one whose record an interrupted run has removed already.
      run.keptEnforcements.has(station) || isSameStack(enforcements.get(externalName(station))?.owner, owner),
  );
}

async function existing(admin: Admin, name: string, attempted: string): Promise<SchemaDetails> {
  const details = await admin.readSchema(name);
  if (details !== undefined) return details;
  throw new NotFoundError({
    attempted,
    found: 'the broker has no such schema (any more)',
    next: 'Deploy again; the next plan recreates it',
  });
}

async function readBack(admin: Admin, schema: CanonicalSchema, attempted: string): Promise<LiveSchema> {
  return checkedAsDeclared(await observeSchema(admin, schema.name), schema, attempted);
}

function checkedAsDeclared(
  live: LiveSchema | undefined,
  schema: CanonicalSchema,
  attempted: string,
): LiveSchema {
  if (live !== undefined && isSame(live, schema)) return live;
  throw new BrokerRefusedError({
    attempted,
    found: 'the broker reported success, but the active version does not match the declared content',
    next: "Deploy again; if the problem persists, check the broker's log",
  });
}
