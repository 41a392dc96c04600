/** JetStream's codes for a store that has no room, or cannot write. */
const NO_ROOM = /\((?:10012|10023|10028|10047|10049)\)$|no space left on device|disk quota exceeded/i;

/** JetStream's codes for a server that has switched it off, as it may after a full disk. */
const SWITCHED_OFF = /\((?:10035|10039|10076)\)$|JetStream not enabled/i;

/**
 * What to do about a refusal that comes from the broker's disk: its own words do not say that the disk is the reason.
 * @param found the words of the broker
 */
export function storeAdvice(found: string): { readonly next?: string } {
  if (NO_ROOM.test(found)) {
    return {
      next: 'The broker has no room to store it: free disk space there, or purge or remove stations. If it still refuses then, start the broker again; its log names the reason',
    };
  }
  if (SWITCHED_OFF.test(found)) {
    return {
      next: 'The broker has switched its storage off, as it does when its disk is full: free disk space there, then start the broker again',
    };
  }
  return {};
}
