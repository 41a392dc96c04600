import type { Value, Values } from '../cty/value';
import { isFields } from '../cty/value';
import type { Handlers, Request, Response } from '../wire/messages';
import type { Attribute } from './attribute';
import { defaultOf } from './attribute';
import type { ConfiguredClient } from './client';
import type { Diagnostic } from './diagnostics';
import { diagnosticOf, findingsOf } from './diagnostics';
import { identityCodec } from './identity-calls';
import type { PlannedStep, Step } from './managed-resource';
import { applyChange, completeWithDefaults, importObject, planChange, readObject } from './managed-resource';
import type { Resource } from './resource';
import {
  ObjectCodec,
  decodePrivate,
  encodePrivate,
  isNullOnWire,
  toWireDiagnostics,
  toWirePath,
} from './wire-forms';

type ResourceCall =
  | 'ValidateResourceConfig'
  | 'UpgradeResourceState'
  | 'ReadResource'
  | 'PlanResourceChange'
  | 'ApplyResourceChange'
  | 'ImportResourceState';

/** The calls about managed resources. */
export function resourceCalls<Client>(
  resources: readonly Resource<Client>[],
  client: ConfiguredClient<Client>,
): Pick<Handlers, ResourceCall> {
  const byName = new Map(
    resources.map((resource) => [
      resource.typeName,
      { resource, codec: new ObjectCodec(resource.attributes), identity: identityCodec(resource) },
    ]),
  );
  const find = (typeName: string) => {
    const found = byName.get(typeName);
    if (found === undefined) throw new Error(`This provider has no resource ${typeName}.`);
    return found;
  };
  return {
    ValidateResourceConfig: async ({ typeName, config, clientCapabilities }) => {
      const { resource, codec } = find(typeName);
      const values = codec.decodeExisting(config);
      const isWriteOnlyKnown = clientCapabilities?.writeOnlyAttributesAllowed === true;
      const stored = isWriteOnlyKnown ? [] : storedSecrets(resource, values);
      return { diagnostics: toWireDiagnostics([...stored, ...(await findingsOf(resource, values))]) };
    },
    UpgradeResourceState: (request) => {
      const { resource } = find(request.typeName);
      const { state, response } = upgradeState(resource, request);
      if (client.current !== undefined && state !== undefined) resource.stored?.(client.current, state);
      return response;
    },
    ReadResource: async ({ typeName, currentState, private: bytes }) => {
      const { resource, codec, identity } = find(typeName);
      const stored = codec.decodeExisting(currentState);
      const unchanged = { newState: currentState, private: bytes, newIdentity: identity.of(stored) };
      if (client.current === undefined) return unchanged;
      try {
        const step = await readObject(resource, client.current, stored, decodePrivate(bytes));
        return {
          newState: codec.encode(step.state),
          newIdentity: identity.of(step.state),
          ...privateAndDiagnostics(step),
        };
      } catch (error) {
        return { ...unchanged, diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
    PlanResourceChange: async ({ typeName, priorState, proposedNewState, config, priorPrivate }) => {
      const { resource, codec, identity } = find(typeName);
      const change = {
        prior: codec.decode(priorState),
        config: codec.decode(config),
        isDelete: isNullOnWire(proposedNewState),
        private: decodePrivate(priorPrivate),
      };
      try {
        const step = await planChange(resource, client.current, change);
        return { ...plannedResponse(codec, step), plannedIdentity: identity.of(step.state) };
      } catch (error) {
        // The prior state, so that Terraform has something to show beside the error.
        return { plannedState: priorState, diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
    ApplyResourceChange: async ({ typeName, priorState, plannedState, config, plannedPrivate }) => {
      const { resource, codec, identity } = find(typeName);
      const change = {
        prior: codec.decode(priorState),
        planned: codec.decode(plannedState),
        config: codec.decode(config),
        private: decodePrivate(plannedPrivate),
      };
      const step = await applyChange(resource, () => client.neededTo(`change ${typeName}`), change);
      return { ...appliedResponse(codec, resource, step), newIdentity: identity.of(step.state) };
    },
    ImportResourceState: async ({ typeName, id, identity: given }) => {
      const { resource, codec, identity } = find(typeName);
      try {
        const importId = id === '' ? identity.importId(given) : id;
        const step = await importObject(resource, client.neededTo(`import ${typeName}`), importId);
        const diagnostics = toWireDiagnostics(step.diagnostics);
        if (step.state === null) return { diagnostics };
        const imported = {
          typeName,
          state: codec.encode(step.state),
          private: encodePrivate(step.private),
          identity: identity.of(step.state),
        };
        return { importedResources: [imported], diagnostics };
      } catch (error) {
        return { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
  };
}

/** Refuses values that the host would write into plan and state, because it does not know what write-only means. */
function storedSecrets<Client>({ attributes }: Resource<Client>, config: Values): Diagnostic[] {
  return attributes.flatMap(({ name, writeOnly }): Diagnostic[] =>
    writeOnly === undefined || (config[name] ?? null) === null
      ? []
      : [
          {
            severity: 'error',
            summary: `Could not use ${name}: this version would write it into the state`,
            // Not at the attribute: Terraform would show its line, in which the value may be written.
            detail: `${name} needs Terraform 1.11 or later, or OpenTofu 1.11 or later. ${writeOnly.otherwise}`,
          },
        ],
  );
}

function privateAndDiagnostics(step: Step): {
  private: Uint8Array;
  diagnostics: ReturnType<typeof toWireDiagnostics>;
} {
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
    return { newState: codec.encode(step.state), ...privateAndDiagnostics(step) };
  } catch (error) {
    const diagnostics = [...step.diagnostics, diagnosticOf(error)];
    return {
      newState: codec.encode(encodablePart(codec, resource, step.state)),
      ...privateAndDiagnostics({ ...step, diagnostics }),
    };
  }
}

function encodablePart<Client>(codec: ObjectCodec, resource: Resource<Client>, state: Values | null): Values {
  const fits = ([name, value]: [string, Values[string]]): boolean => {
    try {
      codec.encode({ [name]: value });
      return true;
    } catch {
      return false;
    }
  };
  return completeWithDefaults(resource, Object.fromEntries(Object.entries(state ?? {}).filter(fits)));
}

/**
 * A state of the current version. One that was written before the schema got further attributes gets their defaults, as a
 * plan would otherwise show a change; attributes that the schema has dropped since are left out, as hosts refuse them.
 */
function upgradeState<Client>(
  { typeName, schemaVersion, attributes, fromEarlierVersion }: Resource<Client>,
  { version, rawState }: Request<'UpgradeResourceState'>,
): UpgradedState {
  const json = rawState?.json ?? new Uint8Array(0);
  const isOlder = version < schemaVersion;
  if (version > schemaVersion || (isOlder && fromEarlierVersion === undefined) || json.length === 0)
    return {
      response: {
        diagnostics: toWireDiagnostics([diagnosticOf(unreadable(typeName, schemaVersion, version, json))]),
      },
    };
  const state = JSON.parse(Buffer.from(json).toString()) as Values;
  const missing = attributes.filter(({ name }) => !Object.hasOwn(state, name));
  const filled = missing.filter((attribute) => attribute.default !== undefined);
  const known = new Map(attributes.map((attribute) => [attribute.name, attribute]));
  const dropped = Object.keys(state).filter((name) => !known.has(name));
  const upgraded = missing.length > 0 || isOlder ? fromEarlierVersion?.(state, version) : undefined;
  // The same bytes: JSON numbers of any length survive, which a parse would round.
  if (filled.length + dropped.length === 0 && upgraded === undefined)
    return { state, response: { upgradedState: { json } } };
  const completed = Object.fromEntries([
    ...Object.entries(upgraded ?? state)
      .filter(([name]) => known.has(name))
      .map(([name, value]) => [name, withNestedOf(known.get(name), value)] as const),
    ...filled.map((attribute) => [attribute.name, defaultOf(attribute)] as const),
  ]);
  return {
    state: completed,
    response: { upgradedState: { json: Buffer.from(JSON.stringify(completed)) } },
  };
}

/** Hosts drop nested attributes that the schema does not have any more from states of its own version only. */
function withNestedOf(attribute: Attribute | undefined, value: Value): Value {
  const names = attribute?.nested?.map(({ name }) => name);
  if (names === undefined || !isFields(value)) return value;
  const objects = Object.entries(value).map(([key, object]) => [
    key,
    isFields(object) ? Object.fromEntries(names.map((name) => [name, object[name] ?? null])) : object,
  ]);
  return Object.fromEntries(objects) as Values;
}

interface UpgradedState {
  readonly response: Response<'UpgradeResourceState'>;
  readonly state?: Values;
}

function unreadable(typeName: string, known: number, version: number, json: Uint8Array): Error {
  if (json.length === 0)
    return new Error(`The stored state of ${typeName} is not JSON\nImport the object again.`);
  if (version > known) {
    return new Error(
      `The state of ${typeName} was written by a newer version of this provider\nIts schema version is ${version}, this provider knows ${known}. Use the newer provider.`,
    );
  }
  return new Error(
    `The state of ${typeName} has schema version ${version}, which this provider cannot upgrade to ${known}\nUse an older version of the provider, or import the object again.`,
  );
}
