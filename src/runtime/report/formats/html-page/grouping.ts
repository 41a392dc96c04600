/** A topology that is too large to be drawn, with groups of nodes in place of the nodes. */
import { isOff } from './words';
import type { Topology, TopologyLink, TopologyNode } from './topology';

/** How many stations, and how many schemas, are drawn one by one. More than that fit no screen. */
const MOST = { station: 48, schema: 24 } as const;

/** The same for the surroundings of a group that is looked into. */
const MOST_AROUND = 12;

export interface NodeGroup {
  readonly key: string;
  readonly kind: TopologyNode['kind'];
  /** `orders-…`, or `orders-001 to 075` */
  readonly label: string;
  readonly members: readonly string[];
  readonly messages: number;
  /** How many of its members a person has to look at. */
  readonly off: number;
}

export interface GroupedTopology {
  readonly nodes: ReadonlyMap<string, TopologyNode | NodeGroup>;
  readonly links: readonly TopologyLink[];
}

export function isGroup(node: TopologyNode | NodeGroup): node is NodeGroup {
  return 'members' in node;
}

/**
 * The topology itself when it is small; otherwise its stations or schemas in groups by the beginning of their names.
 * @param inner the members of the group that is looked into; the rest of the topology is their surroundings
 */
export function grouped({ nodes, links }: Topology, inner?: ReadonlySet<string>): GroupedTopology {
  const drawn = new Map<string, TopologyNode | NodeGroup>();
  const places = new Map<string, string>();
  for (const kind of ['schema', 'station'] as const) {
    const all = [...nodes].filter(([, node]) => node.kind === kind);
    const isInner = ([key]: Entry): boolean => inner?.has(key) ?? true;
    const around = all.filter((entry) => !isInner(entry));
    for (const part of [...parts(all.filter(isInner), MOST[kind]), ...parts(around, MOST_AROUND)]) {
      const node = nodeOf(kind, part);
      drawn.set(node.key, node);
      for (const [key] of part.entries) places.set(key, node.key);
    }
  }
  return { nodes: drawn, links: joined(links, places) };
}

type Entry = readonly [string, TopologyNode];

const collator = new Intl.Collator('en', { numeric: true });

interface Part {
  readonly entries: readonly Entry[];
  /** Whether it holds the names between its first and its last, or those with its beginning. */
  readonly isRange: boolean;
}

/** At most `most` parts: by the first word in which the names differ, and where that gives too many, by ranges of names. */
function parts(entries: readonly Entry[], most: number): readonly Part[] {
  if (entries.length <= most) return entries.map((entry) => ({ entries: [entry], isRange: false }));
  const sorted = [...entries].sort((a, b) => collator.compare(a[1].name, b[1].name));
  const shared = commonWords(sorted.map(([, { name }]) => name)).length;
  const byWord = new Map<string, Entry[]>();
  for (const entry of sorted) {
    const { name } = entry[1];
    const words = name.slice(0, wordEnd(name, shared));
    const found = byWord.get(words);
    if (found === undefined) byWord.set(words, [entry]);
    else found.push(entry);
  }
  if (byWord.size > 1 && byWord.size <= most) {
    return [...byWord.values()].map((found) => ({ entries: found, isRange: false }));
  }
  const size = Math.ceil(sorted.length / (most / 2));
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, index) => ({
    entries: sorted.slice(index * size, (index + 1) * size),
    isRange: true,
  }));
}

/** Where the word of a name ends that begins at an index; the separator belongs to it. */
function wordEnd(name: string, start: number): number {
  const length = name.slice(start).search(/[-._/:#]/);
  return length < 0 ? name.length : start + length + 1;
}

/** The words that all names begin with: `shop-eu-` of `shop-eu-orders` and `shop-eu-payments`. */
function commonWords(names: readonly string[]): string {
  const [first = ''] = names;
  let end = 0;
  for (;;) {
    const next = wordEnd(first, end);
    if (next >= first.length || next === end) return first.slice(0, end);
    const words = first.slice(0, next);
    if (!names.every((name) => name.startsWith(words))) return first.slice(0, end);
    end = next;
  }
}

function nodeOf(kind: TopologyNode['kind'], { entries, isRange }: Part): TopologyNode | NodeGroup {
  const [first, last] = [entries[0]?.[1], entries.at(-1)?.[1]];
  if (first !== undefined && entries.length === 1) return first;
  const words = commonWords(entries.map(([, { name }]) => name));
  let messages = 0;
  let off = 0;
  for (const [, { object }] of entries) {
    messages += object?.live?.messages ?? 0;
    if (object !== undefined && isOff(object)) off += 1;
  }
  return {
    key: `group:${first?.key ?? ''}`,
    kind,
    label: isRange ? `${first?.name ?? ''} to ${last?.name.slice(words.length) ?? ''}` : `${words}…`,
    members: entries.map(([key]) => key),
    messages,
    off,
  };
}

/** Links between what is drawn; many between two groups become one, and those inside a group none. */
function joined(links: readonly TopologyLink[], places: ReadonlyMap<string, string>): TopologyLink[] {
  const found = new Map<string, TopologyLink>();
  for (const link of links) {
    const from = places.get(link.from);
    const to = places.get(link.to);
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from}\n${to}`;
    if (found.get(key) === undefined || link.status !== 'same') found.set(key, { ...link, from, to });
  }
  return [...found.values()];
}
