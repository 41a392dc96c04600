export { readConsumerGroups } from './consumer-groups';
export { anyGlob, isPlainName } from './glob';
export type { Inventory, InventorySchema, InventoryStation } from './inventory';
export { byName, takeInventory } from './inventory';
export type { Choice, Listing } from './listing';
export { chosenSchemas, chosenStations, listedStation } from './listing';
export { listingText } from './listing-text';
