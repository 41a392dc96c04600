import { canonicalOf } from '../../../model/field';
import { externalName, internalName } from '../../../model/names';
import type {
  CanonicalSchemaEnforcement,
  SchemaEnforcementDeclaration,
} from '../../../model/schema-enforcement';
import { schemaEnforcementFields } from '../../../model/schema-enforcement';
import { diffObject } from '../diff';
import type { Kind } from '../kind';
import { createEnforcement, destroyEnforcement, updateEnforcement } from './apply';
import type { LiveEnforcement } from './live';
import { normaliseEnforcement, observeEnforcement } from './live';
import { planEnforcement } from './plan';

/** Enforcements: which schema a station enforces. The identity of one is its station. */
export const enforcementKind: Kind<
  SchemaEnforcementDeclaration,
  CanonicalSchemaEnforcement,
  LiveEnforcement
> = {
  name: 'enforcement',
  fields: schemaEnforcementFields,
  nameOf: ({ stationName }) => externalName(stationName),
  describe: (name) => `enforcement on station "${name}"`,
  canonical: (declaration) => canonicalOf(schemaEnforcementFields, declaration),
  async find(run, { name }) {
    const row = (await run.snapshot()).stations.get(internalName(name))?.row;
    return row === undefined || row.schemaName === '' ? undefined : row;
  },
  read: observeEnforcement,
  uids: ({ links }) => links.uids(({ schemaName }) => schemaName !== ''),
  // It has no permission to adopt: its import says whose it is, and takes it over.
  isTakenOverByImport: true,
  uidOf: ({ id }) => String(id),
  normalise: normaliseEnforcement,
  diff: (before, after) => diffObject(schemaEnforcementFields, before, after),
  plan: planEnforcement,
  create: createEnforcement,
  update: updateEnforcement,
  destroy: destroyEnforcement,
};
