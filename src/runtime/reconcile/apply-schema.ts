import { AlreadyExistsError, BrokerRefusedError, NotFoundError } from '../../model/errors';
import { externalName } from '../../model/names';
import type { SchemaDeclaration } from '../../model/schema-declaration';
import { canonicalContent, firstMessageName } from '../../schema';
import type { Admin, SchemaDetails, SchemaVersion } from '../admin';
import type { Claim } from './ownership';
import { continueExisting, isAnother, recordOwner, recorded } from './ownership';

/** A schema as it is on the broker: what its active version says. */
export interface LiveSchema {
  readonly id: number;
  readonly name: string;
  readonly type: SchemaDeclaration['type'];
  readonly activeVersion: SchemaVersion;
  readonly usedStations: readonly string[];
}

/** Reads one schema anew. @returns undefined when the broker has no such schema. */
export async function observeSchema(admin: Admin, name: string): Promise<LiveSchema | undefined> {
  const details = await admin.readSchema(name);
  const activeVersion = details?.versions.find((version) => version.active);
  if (details === undefined || activeVersion === undefined) return undefined;
  const { id, type, usedStations } = details;
  return { id, name: details.name, type, activeVersion, usedStations };
}

/** The message that stations exchange: the declared one, else the first of the file; empty for types without. */
export function messageStructNameOf(schema: SchemaDeclaration): string {
  if (schema.type !== 'protobuf') return '';
  return schema.messageStructName ?? firstMessageName(schema.content) ?? '';
}

/** True when a stored version says what is declared. */
export function sameSchemaText(
  version: Pick<SchemaVersion, 'content' | 'messageStructName'>,
  schema: SchemaDeclaration,
): boolean {
  return (
    canonicalContent(schema.type, version.content) === canonicalContent(schema.type, schema.content) &&
    (schema.type !== 'protobuf' || version.messageStructName === messageStructNameOf(schema))
  );
}

/**
 * Makes a schema; its first version is active. One that is there already is gone on with when an earlier run of the
 * same declaration made it, or when it may be adopted: the declared text then becomes its active version.
 * @throws AlreadyExistsError when the broker has one of that name that is not ours.
 */
export async function createSchema(
  admin: Admin,
  schema: SchemaDeclaration,
  claim: Claim,
): Promise<LiveSchema> {
  const object = { kind: 'schema', name: externalName(schema.name) } as const;
  const found = await admin.readSchema(schema.name);
  if (found !== undefined) {
    const existing = { ...object, uid: String(found.id) };
    await continueExisting(admin, existing, claim);
    refuseOtherType(schema, found.type);
    const updated = await updateSchema(admin, schema);
    await recordOwner(admin, existing, claim);
    return updated;
  }
  return recorded(admin, object, claim.owner, {
    request: () => admin.createSchema(creation(schema)),
    readBack: () => readBack(admin, schema, `create schema "${schema.name}"`),
    uidOf: (made) => String(made.id),
  });
}

function refuseOtherType(schema: SchemaDeclaration, type: string): void {
  if (schema.type === type) return;
  throw new AlreadyExistsError({
    attempted: `adopt schema "${schema.name}"`,
    found: `it is of type ${type} on the broker, not ${schema.type}, and Memphis cannot change the type of a schema`,
    next: 'Choose another name, or declare the type that it has',
  });
}

/**
 * Makes the declared text the active version: an older version that says the same is activated again, otherwise a new
 * one is stored. Activation alone reaches only producers that connect later, so every station that enforces the schema
 * gets it again.
 */
export async function updateSchema(admin: Admin, schema: SchemaDeclaration): Promise<LiveSchema> {
  const attempted = `update schema "${schema.name}"`;
  const version =
    (await storedVersion(admin, schema, attempted)) ?? (await storeVersion(admin, schema, attempted));
  if (!version.active) await admin.activateSchemaVersion(schema.name, version.versionNumber);
  const live = await readBack(admin, schema, attempted);
  for (const station of live.usedStations) await admin.attachSchema(station, schema.name);
  return live;
}

async function storedVersion(
  admin: Admin,
  schema: SchemaDeclaration,
  attempted: string,
): Promise<SchemaVersion | undefined> {
  const { versions } = await existing(admin, schema.name, attempted);
  return versions.find((version) => sameSchemaText(version, schema));
}

async function storeVersion(
  admin: Admin,
  schema: SchemaDeclaration,
  attempted: string,
): Promise<SchemaVersion> {
  await admin.createSchemaVersion(creation(schema));
  const stored = await storedVersion(admin, schema, attempted);
  if (stored !== undefined) return stored;
  throw new BrokerRefusedError({
    attempted,
    found: 'the broker reported success, but no version has the declared text',
  });
}

/**
 * Removes a schema.
 * @param uid the broker's id of the schema that is meant; one of that name with another id is somebody else's
 * @throws BrokerRefusedError while a station still enforces it: the broker would silently stop enforcing it there.
 */
export async function destroySchema(admin: Admin, name: string, uid?: string): Promise<void> {
  const live = await observeSchema(admin, name);
  if (live === undefined || isAnother(uid, live.id)) return;
  if (live.usedStations.length > 0) {
    throw new BrokerRefusedError({
      attempted: `remove schema "${name}"`,
      found: `it is enforced on ${live.usedStations.map((station) => `"${station}"`).join(', ')}, which would silently accept any message; nothing was changed`,
      next: 'Detach it there first (for stations of this stack: remove their enforcement), then run again',
    });
  }
  await admin.removeSchema(name);
  await admin.ledger.remove('schema', name);
}

function creation(schema: SchemaDeclaration): Parameters<Admin['createSchema']>[0] {
  return {
    name: externalName(schema.name),
    type: schema.type,
    content: schema.content,
    messageStructName: messageStructNameOf(schema),
  };
}

async function existing(admin: Admin, name: string, attempted: string): Promise<SchemaDetails> {
  const details = await admin.readSchema(name);
  if (details !== undefined) return details;
  throw new NotFoundError({
    attempted,
    found: 'the broker has no such schema (any more)',
    next: 'Deploy again; the next plan makes it anew',
  });
}

async function readBack(admin: Admin, schema: SchemaDeclaration, attempted: string): Promise<LiveSchema> {
  const live = await observeSchema(admin, schema.name);
  if (live !== undefined && sameSchemaText(live.activeVersion, schema)) return live;
  throw new BrokerRefusedError({
    attempted,
    found: 'the broker reported success, but its active version is not the declared text',
    next: 'Deploy again; if it stays so, look at the log of the broker',
  });
}
