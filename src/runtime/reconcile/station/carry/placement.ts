/** The partition of the new station that gets the messages of an old one. */
export function targetOf(partition: number, newPartitions: number): number {
  return ((partition - 1) % newPartitions) + 1;
}

/** The old partitions that hold messages, by the partition of the new station that gets them. */
export function byTarget<T extends { readonly partition: number; readonly messages: number }>(
  old: readonly T[],
  newPartitions: number,
): Map<number, T[]> {
  const targets = new Map<number, T[]>();
  for (const each of old) {
    if (each.messages === 0) continue;
    const target = targetOf(each.partition, newPartitions);
    targets.set(target, [...(targets.get(target) ?? []), each]);
  }
  return targets;
}
