import type { Handlers, StreamHandlers } from '../wire/messages';
import type { ConfiguredClient } from './client';
import { diagnosticOf, findingsOf } from './diagnostics';
import { identityCodec } from './identity-calls';
import type { ListResource } from './list-resource';
import { completeWithDefaults } from './managed-resource';
import type { Provider } from './resource';
import { ObjectCodec, toWireDiagnostics } from './wire-forms';

/** How many objects are read at once. */
const AT_ONCE = 64;

/** The check of what a query says. */
export function validateListCalls<Client>(
  lists: readonly ListResource<Client>[],
): Pick<Handlers, 'ValidateListResourceConfig'> {
  return {
    ValidateListResourceConfig: async ({ typeName, config }) => {
      const list = found(lists, typeName);
      const values = new ObjectCodec(list.attributes).decodeExisting(config);
      return { diagnostics: toWireDiagnostics(await findingsOf(list, values)) };
    },
  };
}

/** The call that lists the objects of a type. A failure ends the list with an error. */
export function listCalls<Client>(
  { listResources = [], resources }: Provider<Client>,
  client: ConfiguredClient<Client>,
): StreamHandlers {
  return {
    ListResource: async function* ({ typeName, config, includeResourceObject, limit }) {
      try {
        const list = found(listResources, typeName);
        const resource = found(resources, typeName);
        const [codec, identities] = [new ObjectCodec(resource.attributes), identityCodec(resource)];
        const given = new ObjectCodec(list.attributes).decodeExisting(config);
        const objects = [...(await list.list(client.neededTo(`list ${typeName}`), given))];
        const wanted = limit > 0 ? objects.slice(0, limit) : objects;
        for (let start = 0; start < wanted.length; start += AT_ONCE) {
          const some = wanted.slice(start, start + AT_ONCE);
          const states = includeResourceObject
            ? await Promise.all(some.map(async (each) => each.read()))
            : undefined;
          for (const [index, { identity, displayName }] of some.entries()) {
            const state = states?.[index];
            if (state === null) continue;
            yield {
              identity: identities.encode(identity),
              displayName,
              ...(state === undefined
                ? {}
                : { resourceObject: codec.encode(completeWithDefaults(resource, state)) }),
            };
          }
        }
      } catch (error) {
        yield { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
  };
}

function found<T extends { readonly typeName: string }>(all: readonly T[], typeName: string): T {
  const each = all.find((candidate) => candidate.typeName === typeName);
  if (each === undefined) throw new Error(`This provider lists no ${typeName}.`);
  return each;
}
