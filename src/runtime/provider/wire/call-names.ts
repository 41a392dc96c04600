/**
 * The calls of `tfplugin6.Provider` that are answered. Apart from the messages on purpose: the names are needed
 * before the handshake line, the messages only after it.
 */
export const CALL_NAMES = [
  'GetProviderSchema',
  'ValidateProviderConfig',
  'ConfigureProvider',
  'ValidateResourceConfig',
  'ValidateDataResourceConfig',
  'UpgradeResourceState',
  'ReadResource',
  'PlanResourceChange',
  'ApplyResourceChange',
  'ImportResourceState',
  'GetResourceIdentitySchemas',
  'UpgradeResourceIdentity',
  'ValidateListResourceConfig',
  'ReadDataSource',
  'GetFunctions',
  'CallFunction',
  'StopProvider',
] as const;

export type CallName = (typeof CALL_NAMES)[number];

/** The calls that are answered with any number of messages. */
export const STREAMING_CALL_NAMES = ['ListResource'] as const;

export type StreamingCallName = (typeof STREAMING_CALL_NAMES)[number];
