/** Where a station keeps its messages. The values are the broker's own words. */
export enum Storage {
  /** On disk; messages survive a restart of the broker. */
  DISK = 'file',
  /** In memory; messages are gone after a restart of the broker. */
  MEMORY = 'memory',
}
