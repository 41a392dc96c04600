/** Links within the page: the part of its address after `#` names the object whose details are open. */
const PREFIX = '#object=';

export function hrefOf(key: string): string {
  return `${PREFIX}${encodeURIComponent(key)}`;
}

/** The key of the object that an address names. */
export function keyIn(hash: string): string | undefined {
  if (!hash.startsWith(PREFIX)) return undefined;
  try {
    return decodeURIComponent(hash.slice(PREFIX.length));
  } catch {
    return undefined;
  }
}
