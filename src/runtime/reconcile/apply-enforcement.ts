import { AlreadyExistsError, BrokerRefusedError, NotFoundError } from '../../model/errors';
import { externalName } from '../../model/names';
import type { SchemaEnforcementDeclaration } from '../../model/schema-enforcement';
import type { Admin, StationRow } from '../admin';
import { observeRow } from './live';
import { recordOwner } from './ownership';

/**
 * Attaches a schema to a station that enforces none yet (or this one already).
 * @throws AlreadyExistsError when another schema is attached: somebody relies on it.
 */
export async function createEnforcement(
  admin: Admin,
  enforcement: SchemaEnforcementDeclaration,
): Promise<StationRow> {
  const { stationName, schemaName } = enforcement;
  const attempted = attempt(enforcement);
  const row = await existingStation(admin, stationName, attempted);
  if (row.schemaName !== '' && row.schemaName !== externalName(schemaName)) {
    throw new AlreadyExistsError({
      attempted,
      found: `the station enforces schema "${row.schemaName}" already; nothing was changed`,
      next: `Detach that schema first, or import the enforcement (terraform import <address> ${externalName(stationName)}) to take it over`,
    });
  }
  return attach(admin, enforcement, attempted);
}

/** Attaches the declared schema in place of whatever is attached now. */
export async function updateEnforcement(
  admin: Admin,
  enforcement: SchemaEnforcementDeclaration,
): Promise<StationRow> {
  const attempted = attempt(enforcement);
  await existingStation(admin, enforcement.stationName, attempted);
  return attach(admin, enforcement, attempted);
}

/** Detaches the schema, unless another one has been attached meanwhile: that is not ours to take away. */
export async function destroyEnforcement(
  admin: Admin,
  enforcement: SchemaEnforcementDeclaration,
): Promise<void> {
  const row = await observeRow(admin, enforcement.stationName);
  if (row?.schemaName !== externalName(enforcement.schemaName)) {
    await admin.ledger.remove('enforcement', externalName(enforcement.stationName));
    return;
  }
  await admin.detachSchema(enforcement.stationName);
  await admin.ledger.remove('enforcement', externalName(enforcement.stationName));
}

async function attach(
  admin: Admin,
  enforcement: SchemaEnforcementDeclaration,
  attempted: string,
): Promise<StationRow> {
  const { stationName, schemaName } = enforcement;
  const schemas = await admin.listSchemas();
  if (!schemas.some((schema) => schema.name === externalName(schemaName))) {
    throw new NotFoundError({
      attempted,
      found: `the broker has no schema "${externalName(schemaName)}"`,
      next: 'Declare the schema in this stack and pass that construct, or check its name',
    });
  }
  await admin.attachSchema(stationName, schemaName);
  const row = await existingStation(admin, stationName, attempted);
  if (row.schemaName === externalName(schemaName)) {
    await recordOwner(
      admin,
      { kind: 'enforcement', name: row.name, uid: String(row.id) },
      { owner: enforcement.owner ?? '' },
    );
    return row;
  }
  throw new BrokerRefusedError({
    attempted,
    found: `the broker reported success, but the station enforces ${row.schemaName === '' ? 'no schema' : `"${row.schemaName}"`}`,
    next: 'Deploy again; if it stays so, look at the log of the broker',
  });
}

async function existingStation(admin: Admin, name: string, attempted: string): Promise<StationRow> {
  const row = await observeRow(admin, name);
  if (row !== undefined) return row;
  throw new NotFoundError({
    attempted,
    found: `the broker has no station "${externalName(name)}"`,
    next: 'Declare the station in this stack and pass that construct, or check its name',
  });
}

function attempt({ stationName, schemaName }: SchemaEnforcementDeclaration): string {
  return `enforce schema "${schemaName}" on station "${stationName}"`;
}
