// The messages of package tfplugin6 (protocol 6.0 to 6.10) as data: field names and numbers.
import type { CallName, StreamingCallName } from './call-names';
import {
  boolField,
  bytesField,
  numberField,
  mapField,
  memberField,
  message,
  nestedField,
  repeatedField,
  stringField,
} from './codec';

const DynamicValue = message({ msgpack: bytesField(1), json: bytesField(2) });

const Step = message({
  attributeName: memberField(stringField(1)),
  elementKeyString: memberField(stringField(2)),
  elementKeyInt: memberField(numberField(3)),
});
const AttributePath = message({ steps: repeatedField(1, Step) });

/** Severities of a diagnostic on the wire. */
export const Severity = { error: 1, warning: 2 } as const;

const Diagnostic = message({
  severity: numberField(1),
  summary: stringField(2),
  detail: stringField(3),
  attribute: nestedField(4, AttributePath),
});

// Field 2, a flat map of strings, is how states looked before Terraform 0.12; a state that old is refused.
const RawState = message({ json: bytesField(1) });

const attributeFields = {
  name: stringField(1),
  type: bytesField(2),
  description: stringField(3),
  required: boolField(4),
  optional: boolField(5),
  computed: boolField(6),
  sensitive: boolField(7),
  descriptionKind: numberField(8),
  writeOnly: boolField(11),
} as const;
/** How the objects of an attribute are put together. */
export const Nesting = { map: 4 } as const;
const NestedType = message({
  attributes: repeatedField(1, message(attributeFields)),
  nesting: numberField(3),
});
const Attribute = message({ ...attributeFields, nestedType: nestedField(10, NestedType) });
const Block = message({
  version: numberField(1),
  attributes: repeatedField(2, Attribute),
  description: stringField(4),
  descriptionKind: numberField(5),
});
const Schema = message({ version: numberField(1), block: nestedField(2, Block) });

const ServerCapabilities = message({
  planDestroy: boolField(1),
  getProviderSchemaOptional: boolField(2),
});
/** What the host can do. Field 1, deferral, is not used. */
const ClientCapabilities = message({ writeOnlyAttributesAllowed: boolField(2) });
const IdentityData = message({ identityData: nestedField(1, DynamicValue) });
const IdentitySchema = message({
  version: numberField(1),
  identityAttributes: repeatedField(
    2,
    message({
      name: stringField(1),
      type: bytesField(2),
      requiredForImport: boolField(3),
      optionalForImport: boolField(4),
      description: stringField(5),
    }),
  ),
});
const ImportedResource = message({
  typeName: stringField(1),
  state: nestedField(2, DynamicValue),
  private: bytesField(3),
  identity: nestedField(4, IdentityData),
});
const Parameter = message({
  name: stringField(1),
  type: bytesField(2),
  description: stringField(5),
  descriptionKind: numberField(6),
});
const Function = message({
  parameters: repeatedField(1, Parameter),
  return: nestedField(3, message({ type: bytesField(1) })),
  summary: stringField(4),
  description: stringField(5),
  descriptionKind: numberField(6),
});
const FunctionError = message({ text: stringField(1), functionArgument: memberField(numberField(2)) });
const Nothing = message({});

const diagnostics = (number: number) => repeatedField(number, Diagnostic);
const value = (number: number) => nestedField(number, DynamicValue);
const identity = (number: number) => nestedField(number, IdentityData);

/** The calls of service `tfplugin6.Provider` that are answered; each takes and gives one message. */
export const calls = {
  GetProviderSchema: {
    request: Nothing,
    response: message({
      provider: nestedField(1, Schema),
      resourceSchemas: mapField(2, Schema),
      dataSourceSchemas: mapField(3, Schema),
      diagnostics: diagnostics(4),
      serverCapabilities: nestedField(6, ServerCapabilities),
      functions: mapField(7, Function),
      listResourceSchemas: mapField(9, Schema),
    }),
  },
  ValidateProviderConfig: {
    request: message({ config: value(1) }),
    response: message({ diagnostics: diagnostics(2) }),
  },
  ConfigureProvider: {
    request: message({ terraformVersion: stringField(1), config: value(2) }),
    response: message({ diagnostics: diagnostics(1) }),
  },
  ValidateResourceConfig: {
    request: message({
      typeName: stringField(1),
      config: value(2),
      clientCapabilities: nestedField(3, ClientCapabilities),
    }),
    response: message({ diagnostics: diagnostics(1) }),
  },
  ValidateDataResourceConfig: {
    request: message({ typeName: stringField(1), config: value(2) }),
    response: message({ diagnostics: diagnostics(1) }),
  },
  UpgradeResourceState: {
    request: message({
      typeName: stringField(1),
      version: numberField(2),
      rawState: nestedField(3, RawState),
    }),
    response: message({ upgradedState: value(1), diagnostics: diagnostics(2) }),
  },
  ReadResource: {
    request: message({ typeName: stringField(1), currentState: value(2), private: bytesField(3) }),
    response: message({
      newState: value(1),
      diagnostics: diagnostics(2),
      private: bytesField(3),
      newIdentity: identity(5),
    }),
  },
  PlanResourceChange: {
    request: message({
      typeName: stringField(1),
      priorState: value(2),
      proposedNewState: value(3),
      config: value(4),
      priorPrivate: bytesField(5),
    }),
    response: message({
      plannedState: value(1),
      requiresReplace: repeatedField(2, AttributePath),
      plannedPrivate: bytesField(3),
      diagnostics: diagnostics(4),
      plannedIdentity: identity(7),
    }),
  },
  ApplyResourceChange: {
    request: message({
      typeName: stringField(1),
      priorState: value(2),
      plannedState: value(3),
      config: value(4),
      plannedPrivate: bytesField(5),
    }),
    response: message({
      newState: value(1),
      private: bytesField(2),
      diagnostics: diagnostics(3),
      newIdentity: identity(5),
    }),
  },
  ImportResourceState: {
    request: message({ typeName: stringField(1), id: stringField(2), identity: identity(4) }),
    response: message({ importedResources: repeatedField(1, ImportedResource), diagnostics: diagnostics(2) }),
  },
  GetResourceIdentitySchemas: {
    request: Nothing,
    response: message({ identitySchemas: mapField(1, IdentitySchema), diagnostics: diagnostics(2) }),
  },
  UpgradeResourceIdentity: {
    request: message({
      typeName: stringField(1),
      version: numberField(2),
      rawIdentity: nestedField(3, RawState),
    }),
    response: message({ upgradedIdentity: identity(1), diagnostics: diagnostics(2) }),
  },
  ValidateListResourceConfig: {
    request: message({ typeName: stringField(1), config: value(2) }),
    response: message({ diagnostics: diagnostics(1) }),
  },
  ReadDataSource: {
    request: message({ typeName: stringField(1), config: value(2) }),
    response: message({ state: value(1), diagnostics: diagnostics(2) }),
  },
  // Asked by OpenTofu for a function that the schema does not list.
  GetFunctions: {
    request: Nothing,
    response: message({ functions: mapField(1, Function), diagnostics: diagnostics(2) }),
  },
  CallFunction: {
    request: message({ name: stringField(1), arguments: repeatedField(2, DynamicValue) }),
    response: message({ result: value(1), error: nestedField(2, FunctionError) }),
  },
  StopProvider: { request: Nothing, response: message({ error: stringField(1) }) },
} as const satisfies Record<CallName, unknown>;

/** The calls that take one message and give any number of them. */
export const streamingCalls = {
  ListResource: {
    request: message({
      typeName: stringField(1),
      config: value(2),
      includeResourceObject: boolField(3),
      limit: numberField(4),
    }),
    response: message({
      identity: identity(1),
      displayName: stringField(2),
      resourceObject: value(3),
      diagnostics: diagnostics(4),
    }),
  },
} as const satisfies Record<StreamingCallName, unknown>;

export type Calls = typeof calls;
type StreamingCalls = typeof streamingCalls;
/** A decoded request of a call. */
export type Request<C extends CallName> = ReturnType<Calls[C]['request']['decode']>;
/** What a handler of a call gives back. */
export type Response<C extends CallName> = Parameters<Calls[C]['response']['encode']>[0];

/** One function per call. */
export type Handlers = {
  readonly [C in CallName]: (request: Request<C>) => Response<C> | Promise<Response<C>>;
};

/** One function per streaming call. */
export type StreamHandlers = {
  readonly [C in StreamingCallName]: (
    request: ReturnType<StreamingCalls[C]['request']['decode']>,
  ) => AsyncIterable<Parameters<StreamingCalls[C]['response']['encode']>[0]>;
};

/** A value on the wire as decoded; absent counts as null. */
export type WireValue = ReturnType<(typeof DynamicValue)['decode']>;
export type WireIdentity = ReturnType<(typeof IdentityData)['decode']>;
export type WireIdentitySchema = Parameters<(typeof IdentitySchema)['encode']>[0];
export type WireDiagnostic = Parameters<(typeof Diagnostic)['encode']>[0];
export type WireSchema = Parameters<(typeof Schema)['encode']>[0];
export type WireFunction = Parameters<(typeof Function)['encode']>[0];
export type WireAttribute = Parameters<(typeof Attribute)['encode']>[0];
export type WirePath = Parameters<(typeof AttributePath)['encode']>[0];
