// What the author of a provider imports.
export type { Attribute } from './attribute';
export type { AttributePath, Diagnostic } from './diagnostics';
export { diagnosticOf, hasError } from './diagnostics';
export type {
  Action,
  CreateRequest,
  DataSource,
  DeleteRequest,
  MoveRequest,
  Outcome,
  PlanAdjustment,
  PlanRequest,
  Private,
  Provider,
  Resource,
  UpdateRequest,
} from './resource';
export { serve } from './serve';
export type { ProviderIdentity, ProviderLoader } from './serve';
export { t } from '../cty/type';
export type { Type } from '../cty/type';
export type { Value, Values } from '../cty/value';
export {
  Dynamic,
  UNKNOWN,
  Unknown,
  booleanAt,
  isFields,
  isUnknown,
  isWhollyKnown,
  numberAt,
  stringAt,
} from '../cty/value';
