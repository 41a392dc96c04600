// The messages of package tfplugin6 (protocol 6.0 to 6.5) as data: field names and numbers.
import type { CallName } from './call-names';
import { bool, bytes, integer, map, member, message, nested, repeated, string } from './codec';

const DynamicValue = message({ msgpack: bytes(1), json: bytes(2) });

const Step = message({
  attributeName: member(string(1)),
  elementKeyString: member(string(2)),
  elementKeyInt: member(integer(3)),
});
const AttributePath = message({ steps: repeated(1, Step) });

/** Severities of a diagnostic on the wire. */
export const Severity = { error: 1, warning: 2 } as const;

const Diagnostic = message({
  severity: integer(1),
  summary: string(2),
  detail: string(3),
  attribute: nested(4, AttributePath),
});

// Field 2, a flat map of texts, is how states looked before Terraform 0.12; a state that old is refused.
const RawState = message({ json: bytes(1) });

const Attribute = message({
  name: string(1),
  type: bytes(2),
  description: string(3),
  required: bool(4),
  optional: bool(5),
  computed: bool(6),
  sensitive: bool(7),
  descriptionKind: integer(8),
  deprecated: bool(9),
});
const Block = message({
  version: integer(1),
  attributes: repeated(2, Attribute),
  description: string(4),
  descriptionKind: integer(5),
});
const Schema = message({ version: integer(1), block: nested(2, Block) });

const ServerCapabilities = message({
  planDestroy: bool(1),
  getProviderSchemaOptional: bool(2),
  moveResourceState: bool(3),
});
const TypeName = message({ typeName: string(1) });
const ImportedResource = message({ typeName: string(1), state: nested(2, DynamicValue), private: bytes(3) });
const Nothing = message({});

const diagnostics = (number: number) => repeated(number, Diagnostic);
const value = (number: number) => nested(number, DynamicValue);

/** The calls of service `tfplugin6.Provider` that are answered; each takes and gives one message. */
export const calls = {
  GetMetadata: {
    request: Nothing,
    response: message({
      serverCapabilities: nested(1, ServerCapabilities),
      diagnostics: diagnostics(2),
      dataSources: repeated(3, TypeName),
      resources: repeated(4, TypeName),
    }),
  },
  GetProviderSchema: {
    request: Nothing,
    response: message({
      provider: nested(1, Schema),
      resourceSchemas: map(2, Schema),
      dataSourceSchemas: map(3, Schema),
      diagnostics: diagnostics(4),
      serverCapabilities: nested(6, ServerCapabilities),
    }),
  },
  ValidateProviderConfig: {
    request: message({ config: value(1) }),
    response: message({ diagnostics: diagnostics(2) }),
  },
  ConfigureProvider: {
    request: message({ terraformVersion: string(1), config: value(2) }),
    response: message({ diagnostics: diagnostics(1) }),
  },
  ValidateResourceConfig: {
    request: message({ typeName: string(1), config: value(2) }),
    response: message({ diagnostics: diagnostics(1) }),
  },
  ValidateDataResourceConfig: {
    request: message({ typeName: string(1), config: value(2) }),
    response: message({ diagnostics: diagnostics(1) }),
  },
  UpgradeResourceState: {
    request: message({ typeName: string(1), version: integer(2), rawState: nested(3, RawState) }),
    response: message({ upgradedState: value(1), diagnostics: diagnostics(2) }),
  },
  ReadResource: {
    request: message({ typeName: string(1), currentState: value(2), private: bytes(3) }),
    response: message({ newState: value(1), diagnostics: diagnostics(2), private: bytes(3) }),
  },
  PlanResourceChange: {
    request: message({
      typeName: string(1),
      priorState: value(2),
      proposedNewState: value(3),
      config: value(4),
      priorPrivate: bytes(5),
    }),
    response: message({
      plannedState: value(1),
      requiresReplace: repeated(2, AttributePath),
      plannedPrivate: bytes(3),
      diagnostics: diagnostics(4),
    }),
  },
  ApplyResourceChange: {
    request: message({
      typeName: string(1),
      priorState: value(2),
      plannedState: value(3),
      config: value(4),
      plannedPrivate: bytes(5),
    }),
    response: message({ newState: value(1), private: bytes(2), diagnostics: diagnostics(3) }),
  },
  ImportResourceState: {
    request: message({ typeName: string(1), id: string(2) }),
    response: message({ importedResources: repeated(1, ImportedResource), diagnostics: diagnostics(2) }),
  },
  MoveResourceState: {
    request: message({
      sourceProviderAddress: string(1),
      sourceTypeName: string(2),
      sourceSchemaVersion: integer(3),
      sourceState: nested(4, RawState),
      targetTypeName: string(5),
      sourcePrivate: bytes(6),
    }),
    response: message({ targetState: value(1), diagnostics: diagnostics(2), targetPrivate: bytes(3) }),
  },
  ReadDataSource: {
    request: message({ typeName: string(1), config: value(2) }),
    response: message({ state: value(1), diagnostics: diagnostics(2) }),
  },
  // Asked by OpenTofu when a configuration uses a provider function; there are none.
  GetFunctions: { request: Nothing, response: message({ diagnostics: diagnostics(2) }) },
  StopProvider: { request: Nothing, response: message({ error: string(1) }) },
} as const satisfies Record<CallName, unknown>;

export type Calls = typeof calls;
/** A decoded request of a call. */
export type Request<C extends CallName> = ReturnType<Calls[C]['request']['decode']>;
/** What a handler of a call gives back. */
export type Response<C extends CallName> = Parameters<Calls[C]['response']['encode']>[0];

/** One function per call. */
export type Handlers = {
  readonly [C in CallName]: (request: Request<C>) => Response<C> | Promise<Response<C>>;
};

/** A value on the wire as decoded; absent counts as null. */
export type WireValue = ReturnType<(typeof DynamicValue)['decode']>;
export type WireDiagnostic = Parameters<(typeof Diagnostic)['encode']>[0];
export type WireSchema = Parameters<(typeof Schema)['encode']>[0];
export type WirePath = Parameters<(typeof AttributePath)['encode']>[0];
