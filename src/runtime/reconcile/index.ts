export { createEnforcement, destroyEnforcement, updateEnforcement } from './apply-enforcement';
export type { LiveSchema } from './apply-schema';
export {
  createSchema,
  destroySchema,
  messageStructNameOf,
  observeSchema,
  sameSchemaText,
  updateSchema,
} from './apply-schema';
export { createStation, updateStation } from './apply-station';
export { destroyStation } from './destroy-station';
export { forgetAttachments, keepAttachments, putBackAttachments, replacedTooEarly } from './replacement';
export type { Change, ChangeKind, FieldChange } from './diff';
export { diffStation } from './diff';
export type { LiveBroker, LiveStation, Stored } from './live';
export { isIntact, observe, observeRow, observeStation, stored } from './live';
export { normaliseStation } from './normalise';
export type { ExistingStationPlan, Permissions, StationPlan } from './plan';
export { planExistingStation, planStation } from './plan';
export type { Claim } from './ownership';
export { continueExisting, isAnother, recordOwner } from './ownership';
