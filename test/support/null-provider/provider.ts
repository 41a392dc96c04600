// A stand-in for hashicorp/null 3.2.4: the same plans and states, for machines that cannot reach a registry.
import { randomBytes } from 'node:crypto';
import { t } from '../../../src/runtime/provider/cty/type';
import type { Value } from '../../../src/runtime/provider/cty/value';
import { isFields } from '../../../src/runtime/provider/cty/value';
import type { Provider, Resource } from '../../../src/runtime/provider/framework/resource';

const nullResource: Resource<true> = {
  typeName: 'null_resource',
  schemaVersion: 0,
  description: 'Does nothing itself; its triggers decide when its provisioners run.',
  attributes: [
    {
      name: 'triggers',
      type: t.map(t.string),
      optional: true,
      description: 'Texts; a change replaces the resource, and so runs its provisioners again.',
    },
    { name: 'id', type: t.string, computed: true, description: 'Random, set when the resource is created.' },
  ],
  read: (_client, state) => ({ state }),
  plan: ({ action, prior, planned }) =>
    action === 'update' && !addsOnlyNulls(prior?.triggers ?? null, planned?.triggers ?? null)
      ? { requiresReplace: ['triggers'] }
      : {},
  create: (_client, { planned }) => ({ state: { ...planned, id: randomId() } }),
  update: (_client, { planned }) => ({ state: planned }),
  delete: () => undefined,
  import: () => {
    throw new Error(
      'Resource Import Not Implemented\nThis resource does not support import. Declare it only, it costs nothing to create.',
    );
  },
};

/** The real provider updates in place, without a new run, when all that is new are keys without a value. */
function addsOnlyNulls(prior: Value, planned: Value): boolean {
  if (!isFields(planned)) return false;
  const before = isFields(prior) ? prior : {};
  const added = Object.keys(planned).filter((key) => !Object.hasOwn(before, key));
  const kept = Object.keys(before);
  return (
    added.length > 0 &&
    added.every((key) => planned[key] === null) &&
    kept.every((key) => Object.hasOwn(planned, key) && planned[key] === before[key])
  );
}

/** A whole number of 63 random bits as text. */
function randomId(): string {
  return (randomBytes(8).readBigUInt64BE() >> 1n).toString();
}

export const nullProvider: Provider<true> = {
  attributes: [],
  resources: [nullResource],
  configure: () => true,
};
