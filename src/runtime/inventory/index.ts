export { readConsumerGroups } from './consumer-groups';
export type { Inventory, InventorySchema, InventoryStation, InventoryUser } from './inventory';
export { byName, takeInventory } from './inventory';
export type { Choice, Listing } from './listing';
export {
  chosenSchemas,
  chosenStations,
  chosenUsers,
  listedStation,
  listedUser,
  notReadWithoutRest,
} from './listing';
export { listingText } from './listing-text';
