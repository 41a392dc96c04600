import type { Values } from '../cty/value';
import type { Handlers, Request, Response } from '../wire/messages';
import type { ClientHolder } from './client';
import { unconfigured } from './client';
import { diagnosticOf } from './diagnostics';
import type { PlannedStep, Step } from './managed-resource';
import { applyChange, importObject, planChange, readObject, withDefaults } from './managed-resource';
import { ObjectCodec } from './object-codec';
import { decodePrivate, encodePrivate } from './private-state';
import type { Resource } from './resource';
import { judged } from './validation';
import { toWireDiagnostics, toWirePath } from './wire-diagnostics';

type ResourceCall =
  | 'ValidateResourceConfig'
  | 'UpgradeResourceState'
  | 'ReadResource'
  | 'PlanResourceChange'
  | 'ApplyResourceChange'
  | 'ImportResourceState'
  | 'MoveResourceState';

/** The calls about managed resources. */
export function resourceCalls<Client>(
  resources: readonly Resource<Client>[],
  holder: ClientHolder<Client>,
): Pick<Handlers, ResourceCall> {
  const byName = new Map(
    resources.map((resource) => [
      resource.typeName,
      { resource, codec: new ObjectCodec(resource.attributes) },
    ]),
  );
  const find = (typeName: string) => {
    const found = byName.get(typeName);
    if (found === undefined) throw new Error(`This provider has no resource ${typeName}.`);
    return found;
  };
  return {
    ValidateResourceConfig: async ({ typeName, config }) => {
      const { resource, codec } = find(typeName);
      return { diagnostics: toWireDiagnostics(await judged(codec.decodeExisting(config), resource)) };
    },
    UpgradeResourceState: async (request) => {
      const { resource, codec } = find(request.typeName);
      return await upgradeState(resource, codec, request);
    },
    ReadResource: async ({ typeName, currentState, private: bytes }) => {
      const { resource, codec } = find(typeName);
      const unchanged = { newState: currentState, private: bytes };
      if (holder.current === undefined) return unchanged;
      const stored = codec.decodeExisting(currentState);
      try {
        const step = await readObject(resource, holder.current, stored, decodePrivate(bytes));
        return { newState: codec.encode(step.state), ...rest(step) };
      } catch (error) {
        return { ...unchanged, diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
    PlanResourceChange: async ({ typeName, priorState, proposedNewState, config, priorPrivate }) => {
      const { resource, codec } = find(typeName);
      const change = {
        prior: codec.decode(priorState),
        config: codec.decode(config),
        isDelete: codec.decode(proposedNewState) === null,
        private: decodePrivate(priorPrivate),
      };
      try {
        return plannedResponse(codec, await planChange(resource, holder.current, change));
      } catch (error) {
        // The prior state, so that Terraform has something to show beside the error.
        return { plannedState: priorState, diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
    ApplyResourceChange: async ({ typeName, priorState, plannedState, config, plannedPrivate }) => {
      const { resource, codec } = find(typeName);
      const change = {
        prior: codec.decode(priorState),
        planned: codec.decode(plannedState),
        config: codec.decode(config),
        private: decodePrivate(plannedPrivate),
      };
      if (holder.current === undefined) {
        const diagnostics = [diagnosticOf(unconfigured(`change ${typeName}`))];
        return appliedResponse(codec, resource, {
          state: change.prior,
          private: change.private,
          diagnostics,
        });
      }
      return appliedResponse(codec, resource, await applyChange(resource, holder.current, change));
    },
    ImportResourceState: async ({ typeName, id }) => {
      const { resource, codec } = find(typeName);
      try {
        if (holder.current === undefined) throw new Error(unconfigured(`import ${typeName}`));
        const step = await importObject(resource, holder.current, id);
        const diagnostics = toWireDiagnostics(step.diagnostics);
        if (step.state === null) return { diagnostics };
        const imported = { typeName, state: codec.encode(step.state), private: encodePrivate(step.private) };
        return { importedResources: [imported], diagnostics };
      } catch (error) {
        return { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
    MoveResourceState: async (request) => {
      const { resource, codec } = find(request.targetTypeName);
      return await moveState(resource, codec, request);
    },
  };
}

function rest(step: Step): { private: Uint8Array; diagnostics: ReturnType<typeof toWireDiagnostics> } {
  return { private: encodePrivate(step.private), diagnostics: toWireDiagnostics(step.diagnostics) };
}

function plannedResponse(codec: ObjectCodec, step: PlannedStep): Response<'PlanResourceChange'> {
  return {
    plannedState: codec.encode(step.state),
    requiresReplace: step.requiresReplace.map(toWirePath),
    plannedPrivate: encodePrivate(step.private),
    diagnostics: toWireDiagnostics(step.diagnostics),
  };
}

/**
 * An object that exists must never drop out of the state because the provider returned a value of the wrong type:
 * then only the attributes that can be written are kept, with an error.
 */
function appliedResponse<Client>(
  codec: ObjectCodec,
  resource: Resource<Client>,
  step: Step,
): Response<'ApplyResourceChange'> {
  try {
    return { newState: codec.encode(step.state), ...rest(step) };
  } catch (error) {
    const diagnostics = [...step.diagnostics, diagnosticOf(error)];
    return {
      newState: codec.encode(writable(codec, resource, step.state)),
      ...rest({ ...step, diagnostics }),
    };
  }
}

function writable<Client>(codec: ObjectCodec, resource: Resource<Client>, state: Values | null): Values {
  const fits = ([name, value]: [string, Values[string]]): boolean => {
    try {
      codec.encode({ [name]: value });
      return true;
    } catch {
      return false;
    }
  };
  return withDefaults(resource, Object.fromEntries(Object.entries(state ?? {}).filter(fits)));
}

async function upgradeState<Client>(
  resource: Resource<Client>,
  codec: ObjectCodec,
  { version, rawState }: Request<'UpgradeResourceState'>,
): Promise<Response<'UpgradeResourceState'>> {
  const json = rawState?.json ?? new Uint8Array(0);
  // The same bytes: JSON numbers of any length survive, which a parse would round.
  if (version === resource.schemaVersion && json.length > 0) return { upgradedState: { json } };
  const { typeName, schemaVersion } = resource;
  try {
    if (json.length === 0) {
      throw new Error(`The stored state of ${typeName} is not JSON\nImport the object again.`);
    }
    if (version > schemaVersion) {
      throw new Error(
        `The state of ${typeName} was written by a newer version of this provider\nIts schema version is ${version}, this provider knows ${schemaVersion}. Use the newer provider.`,
      );
    }
    if (resource.upgrade === undefined) {
      throw new Error(
        `The state of ${typeName} has schema version ${version}, which this provider cannot upgrade to ${schemaVersion}\nUse an older version of the provider, or import the object again.`,
      );
    }
    const values = await resource.upgrade(version, parsed(json));
    return { upgradedState: codec.encode(withDefaults(resource, values)) };
  } catch (error) {
    return { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
  }
}

async function moveState<Client>(
  resource: Resource<Client>,
  codec: ObjectCodec,
  request: Request<'MoveResourceState'>,
): Promise<Response<'MoveResourceState'>> {
  const { sourceProviderAddress, sourceTypeName, sourceSchemaVersion } = request;
  try {
    const outcome = await resource.move?.({
      sourceProviderAddress,
      sourceTypeName,
      sourceSchemaVersion,
      sourceState: parsed(request.sourceState?.json ?? new Uint8Array(0)),
    });
    if (outcome === undefined || outcome.state === null) {
      throw new Error(
        `A ${sourceTypeName} cannot be moved to a ${resource.typeName}\nRemove the moved block; use an import block for the existing object instead.`,
      );
    }
    return {
      targetState: codec.encode(withDefaults(resource, outcome.state)),
      targetPrivate: encodePrivate(outcome.private ?? {}),
      diagnostics: toWireDiagnostics(outcome.diagnostics ?? []),
    };
  } catch (error) {
    return { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
  }
}

function parsed(json: Uint8Array): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(json).toString('utf8')) as Readonly<Record<string, unknown>>;
}
