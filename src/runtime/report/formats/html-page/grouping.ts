/** A topology that is too large to be drawn, with groups of nodes in place of the nodes. */
import { isOff } from './words';
import type { Topology, TopologyLink, TopologyNode } from './topology';

/** How many stations, and how many schemas, are drawn one by one. More than that fit no screen. */
const MOST = { station: 48, schema: 24 } as const;

export interface NodeGroup {
  readonly key: string;
  readonly kind: TopologyNode['kind'];
  /** `orders-…`, or `orders-001 to orders-075` */
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

/** The topology itself when it is small; otherwise its stations or schemas in groups by the beginning of their names. */
export function grouped({ nodes, links }: Topology): GroupedTopology {
  const drawn = new Map<string, TopologyNode | NodeGroup>();
  const places = new Map<string, string>();
  for (const kind of ['schema', 'station'] as const) {
    const all = [...nodes].filter(([, node]) => node.kind === kind);
    for (const part of all.length <= MOST[kind] ? all.map((each) => [each]) : parts(all, MOST[kind])) {
      const [first] = part;
      if (first === undefined) continue;
      const drawnKey = part.length === 1 ? first[0] : `group:${first[0]}`;
      drawn.set(drawnKey, part.length === 1 ? first[1] : groupOf(drawnKey, kind, part));
      for (const [key] of part) places.set(key, drawnKey);
    }
  }
  return { nodes: drawn, links: joined(links, places) };
}

type Entry = readonly [string, TopologyNode];

const collator = new Intl.Collator('en', { numeric: true });

/** At most `most` parts: by the first word in which the names differ, and where that gives too many, by ranges of names. */
function parts(entries: readonly Entry[], most: number): readonly Entry[][] {
  const sorted = [...entries].sort((a, b) => collator.compare(a[1].name, b[1].name));
  const shared = commonWords(sorted.map(([, { name }]) => name)).length;
  const byWord = new Map<string, Entry[]>();
  for (const entry of sorted) {
    const { name } = entry[1];
    const words = name.slice(0, wordEnd(name, shared));
    byWord.set(words, [...(byWord.get(words) ?? []), entry]);
  }
  const found = [...byWord.values()];
  if (found.length > 1 && found.length <= most) return found;
  const size = Math.ceil(sorted.length / (most / 2));
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, index) =>
    sorted.slice(index * size, (index + 1) * size),
  );
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

function groupOf(key: string, kind: TopologyNode['kind'], entries: readonly Entry[]): NodeGroup {
  const names = entries.map(([, { name }]) => name);
  const words = commonWords(names);
  const isRange = words === '' || entries.length > names.filter((name) => name.startsWith(words)).length;
  let messages = 0;
  let off = 0;
  for (const [, { object }] of entries) {
    messages += object?.live?.messages ?? 0;
    if (object !== undefined && isOff(object)) off += 1;
  }
  return {
    key,
    kind,
    label: isRange ? `${names[0] ?? ''} to ${names.at(-1) ?? ''}` : `${words}…`,
    members: entries.map(([each]) => each),
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
