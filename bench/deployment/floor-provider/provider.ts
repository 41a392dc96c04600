// A provider with the schema of ours that does nothing: what Terraform and our framework cost by themselves.
import { randomUUID } from 'node:crypto';
import type { Value, Values } from '../../../src/runtime/provider/cty/value';
import { isUnknown } from '../../../src/runtime/provider/cty/value';
import type { Attribute } from '../../../src/runtime/provider/framework/attribute';
import type { Provider, Resource } from '../../../src/runtime/provider/framework/resource';
import { memphisProvider } from '../../../src/runtime/provider/resources/provider';

export const floorProvider: Provider<true> = {
  attributes: memphisProvider.attributes,
  resources: memphisProvider.resources.map(({ typeName, attributes }): Resource<true> => {
    const stateOf = ({ planned }: { readonly planned: Values }) => ({
      state: completed(attributes, planned),
    });
    return {
      typeName,
      schemaVersion: 0,
      description: 'Exists in the state only.',
      attributes,
      read: (_client, state) => ({ state }),
      create: (_client, request) => stateOf(request),
      update: (_client, request) => stateOf(request),
      delete: () => undefined,
    };
  }),
  configure: () => true,
};

/** The planned values, with made-up ones for those that the plan leaves open. */
function completed(attributes: readonly Attribute[], planned: Values): Values {
  const made = attributes
    .filter(({ name }) => isUnknown(planned[name]))
    .map(({ name, type }): [string, Value] => [name, madeUp[type.kind] ?? []]);
  return { ...planned, ...Object.fromEntries(made) };
}

const madeUp: Readonly<Record<string, Value>> = { string: randomUUID(), number: 1, bool: true };
