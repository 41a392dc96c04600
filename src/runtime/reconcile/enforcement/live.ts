import { brokerFields } from '../../../model/field';
import type { CanonicalSchemaEnforcement, SchemaEnforcementField } from '../../../model/schema-enforcement';
import { schemaEnforcementFields } from '../../../model/schema-enforcement';
import type { Run } from '../run';

/** A station that enforces a schema. */
export interface LiveEnforcement {
  /** The broker's id of the station. */
  readonly id: number;
  /** External name of the station. */
  readonly name: string;
  readonly schemaName: string;
}

const fields: Readonly<Record<string, SchemaEnforcementField>> = schemaEnforcementFields;

/** The canonical form of a live enforcement. */
export function normaliseEnforcement(live: LiveEnforcement): CanonicalSchemaEnforcement {
  const values = brokerFields(fields).map(([name, { read }]) => [name, read.read(live)] as const);
  return Object.fromEntries(values) as unknown as CanonicalSchemaEnforcement;
}

/**
 * Reads what a station enforces while an apply is running.
 * @returns undefined when the station enforces nothing, or is not there
 */
export async function observeEnforcement(run: Run, station: string): Promise<LiveEnforcement | undefined> {
  const row = await run.admin.readStation(station);
  if (row === undefined) return undefined;
  const schemaName = await run.links.schemaOf(row.name);
  return schemaName === '' ? undefined : { id: row.id, name: row.name, schemaName };
}
