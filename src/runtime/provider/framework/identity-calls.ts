import type { Values } from '../cty/value';
import { isWhollyKnown } from '../cty/value';
import type { Handlers, WireIdentity, WireIdentitySchema } from '../wire/messages';
import { diagnosticOf } from './diagnostics';
import type { ResourceIdentity } from './identity';
import type { Resource } from './resource';
import { ObjectCodec, toWireDiagnostics, toWireType } from './wire-forms';

type IdentityCall = 'GetResourceIdentitySchemas' | 'UpgradeResourceIdentity';

/** The calls about identities. Hosts that know none never make them. */
export function identityCalls<Client>(resources: readonly Resource<Client>[]): Pick<Handlers, IdentityCall> {
  const known = new Map(
    resources.flatMap(({ typeName, identity }) => (identity === undefined ? [] : [[typeName, identity]])),
  );
  return {
    GetResourceIdentitySchemas: () => ({
      identitySchemas: Object.fromEntries(
        [...known].map(([typeName, identity]) => [typeName, toWireIdentitySchema(identity)]),
      ),
    }),
    UpgradeResourceIdentity: ({ typeName, version, rawIdentity }) => {
      const current = known.get(typeName)?.version;
      const json = rawIdentity?.json ?? new Uint8Array(0);
      if (version === current && json.length > 0) return { upgradedIdentity: { identityData: { json } } };
      const error = new Error(
        `Could not read the stored identity of ${typeName}: it has version ${version}, and this provider knows ${current ?? 'none'}\nUse the version of the provider that wrote it, or a newer one.`,
      );
      return { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
    },
  };
}

function toWireIdentitySchema({ version, attributes }: ResourceIdentity): WireIdentitySchema {
  return {
    version,
    identityAttributes: attributes.map(({ name, type, description }) => ({
      name,
      type: toWireType(type),
      description,
      requiredForImport: true,
    })),
  };
}

/** An identity as it goes to the host. */
interface EncodedIdentity {
  readonly identityData: { readonly msgpack: Uint8Array };
}

/** Between the identities of a resource and what goes over the wire. */
export interface IdentityCodec {
  /** The identity of an object; nothing where there is no object, or the identity is not known yet. */
  of(state: Values | null): EncodedIdentity | undefined;
  encode(identity: Values): EncodedIdentity;
  /** The import id that an identity means. */
  importId(identity: WireIdentity | undefined): string;
}

/** The codec of the identities of a resource. */
export function identityCodec<Client>({ typeName, identity }: Resource<Client>): IdentityCodec {
  const codec = new ObjectCodec(identity?.attributes ?? []);
  const encode = (values: Values): EncodedIdentity => ({ identityData: codec.encode(values) });
  return {
    encode,
    of(state) {
      const found = state === null ? undefined : identity?.of(state);
      return found === undefined || !isWhollyKnown(found) ? undefined : encode(found);
    },
    importId(wire) {
      const given = codec.decode(wire?.identityData);
      if (identity === undefined || given === null)
        throw new Error(
          `Could not import ${typeName}: neither an id nor an identity is given\nSet id in the import block.`,
        );
      return identity.importId(given);
    },
  };
}
