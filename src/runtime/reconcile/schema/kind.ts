import { externalName } from '../../../model/names';
import type { CanonicalSchema, SchemaDeclaration } from '../../../model/schema-declaration';
import { schemaFields } from '../../../model/schema-declaration';
import { createdOrResumed } from '../creation';
import type { Kind } from '../kind';
import { isAnother, planExisting, recordOwner, refuseOwnedElsewhere } from '../ownership';
import { createSchema, destroySchema, existingOf, updateSchema } from './apply';
import { takeOver } from './handover';
import { planSchema } from './plan';
import type { LiveSchema } from './live';
import { canonicalSchema, diffSchema, messageStructNameOf, normaliseSchema, observeSchema } from './live';

const describe = (name: string): string => `schema "${name}"`;

/** Schemas: their active version is what is declared; older versions stay. */
export const schemaKind: Kind<SchemaDeclaration, CanonicalSchema, LiveSchema> = {
  name: 'schema',
  fields: schemaFields,
  nameOf: ({ name }) => externalName(name),
  describe,
  canonical: canonicalSchema,
  async find(run, { name, uid }, known) {
    const row = (await run.snapshot()).schemas.get(externalName(name));
    if (row === undefined || isAnother(uid, row.id)) return undefined;
    // A version never changes, so there is nothing to read when the active one is the one that the state describes.
    if (uid === undefined || row.activeVersionNumber !== known?.version)
      return observeSchema(run.admin, name);
    const { content } = known.declaration;
    const messageStructName = messageStructNameOf(known.declaration);
    const activeVersion = { versionNumber: known.version, content, messageStructName };
    return { id: row.id, name: row.name, type: row.type, activeVersion, usedStations: [] };
  },
  read: (run, name) => observeSchema(run.admin, name),
  madeOf: async (run, name) => (await observeSchema(run.admin, name))?.made,
  async uids({ admin }) {
    return new Map((await admin.listSchemas()).map(({ id, name }) => [name, String(id)]));
  },
  uidOf: ({ id }) => String(id),
  normalise: normaliseSchema,
  diff: diffSchema,
  plan(run, live, after, { creation, ...context }) {
    const plan = () => planSchema(run, live, after, context);
    if (creation === undefined || live === undefined || after === undefined) return plan();
    return planExisting(run.admin, existingOf(live), creation, describe(after.name), plan);
  },
  async create(run, after, claim, { compatibility }) {
    const live = await createdOrResumed(claim, () => createSchema(run, after, claim, compatibility));
    await takeOver(run, live.name);
    return live;
  },
  async update(run, after, claim, { compatibility }, uid) {
    if (uid !== undefined)
      await refuseOwnedElsewhere(run.admin, { kind: 'schema', name: after.name, uid }, claim);
    const live = await updateSchema(run, after, compatibility);
    await recordOwner(run.admin, { kind: 'schema', name: live.name, uid: String(live.id) }, claim);
    return live;
  },
  destroy: (run, { name }, removal) => destroySchema(run, name, removal),
};
