/** What a stack imports. */
export { Retention } from './model/retention';
export { Storage } from './model/storage';
export type { SchemaType } from './schema';
export type { JsonValue } from './model/smoke-test';
export { MemphisProvider } from './constructs/provider';
export type { MemphisProviderProps } from './constructs/provider';
export { Station } from './constructs/station';
export type { StationProps, StationRetention, StationSettings } from './constructs/station-props';
export { Schema } from './constructs/schema';
export type { SchemaProps, SchemaSettings } from './constructs/schema';
export type { InlineSchema, SchemaFile, SchemaSource } from './constructs/schema-source';
export { SchemaEnforcement } from './constructs/schema-enforcement';
export type { SchemaEnforcementProps } from './constructs/schema-enforcement';
export { SmokeTest } from './constructs/smoke-test';
export type { SmokeTestProps } from './constructs/smoke-test';
export type { ISchema, IStation } from './constructs/named-object';
