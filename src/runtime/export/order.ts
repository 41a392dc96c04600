/** How the dead-letter stations of stations depend on each other. */
export interface DeadLetterOrder {
  /** Names, each dead-letter station before the stations that use it; otherwise in the given order. */
  readonly order: readonly string[];
  /** Stations whose dead-letter station would close a circle: without their references there is none. */
  readonly closing: ReadonlySet<string>;
}

/**
 * Puts stations into an order in which each dead-letter station comes first.
 * @param names in the order to keep where nothing else counts
 * @param deadLettersOf the dead-letter station of a station; undefined when it has none
 */
export function deadLetterOrder(
  names: readonly string[],
  deadLettersOf: (name: string) => string | undefined,
): DeadLetterOrder {
  const known = new Set(names);
  const done = new Set<string>();
  const closing = new Set<string>();
  for (const start of names) {
    const path: string[] = [];
    let name: string | undefined = start;
    while (name !== undefined && known.has(name) && !done.has(name)) {
      if (path.includes(name)) {
        // The last one of the path names a station that waits for it.
        closing.add(path.at(-1) ?? name);
        break;
      }
      path.push(name);
      name = deadLettersOf(name);
    }
    for (const waiting of path.reverse()) done.add(waiting);
  }
  return { order: [...done], closing };
}
