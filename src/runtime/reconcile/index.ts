export { reasonOf } from './diff';
export type { Change } from './diff';
export { CLUSTER_SETTINGS } from './cluster/kind';
export type { LiveEnforcement } from './enforcement/live';
export type {
  CarryPermission,
  DeclaredOwner,
  Identified,
  Kind,
  Permissions,
  Plan,
  PlanContext,
} from './kind';

export * from './kinds';
export { NotInPlaceError, belongsElsewhere, notInPlace, ownerElsewhere, replacedTooEarly } from './ownership';
export { Run } from './run';
export type { LiveSchema } from './schema/live';
export { messageStructNameOf } from './schema/live';
export type { ListedStation, Snapshot } from './snapshot';
export type { ConsumerGroup } from './station/consumer-groups';
export { consumerGroupsOf } from './station/consumer-groups';
export { observe, withStream } from './snapshot';
export { removeStaleRecords } from './stale-records';
export type { CarryPlan } from './station/carry';
export { describeCarry } from './station/carry';
export { lossByLimit, lossOfAll } from './station/message-loss';
export { isToBeAttached } from './station/replacement';
export { isSameStack } from './schema/plan';
export type { LiveStation, Stored } from './station/live';
export { damageOf } from './station/repair';
export { isIntact, observeStation, stored } from './station/live';
export type { LiveUser, WantedUser } from './user/live';
export { isLeftBehind, removeUnused } from './schema/handover';
