import { x86 } from 'murmurhash3js-revisited';

/** Part of the Memphis protocol: clients in every language must agree on it. */
const KEY_HASH_SEED = 31;

/** The hash by which keys are spread: MurmurHash3 x86-32 over the UTF-8 bytes, unsigned. */
export function keyHash(key: string): number {
  return x86.hash32(Buffer.from(key, 'utf8'), KEY_HASH_SEED);
}

/**
 * The place in a list of partitions to which clients send the messages with a key, counted from 0.
 * @param partitions the length of the list
 */
export function keyIndex(key: string, partitions: number): number {
  return keyHash(key) % partitions;
}

/**
 * The number of the partition to which clients send the messages with a key, counted from 1.
 * @param partitions the number of partitions of the station, which are numbered without gaps
 */
export function partitionForKey(key: string, partitions: number): number {
  return keyIndex(key, partitions) + 1;
}
