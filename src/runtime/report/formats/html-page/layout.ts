/** Where the nodes of a topology stand and how its links run: each connected part by dagre, the parts side by side. */
import { Graph, graphlib, layout, type EdgeLabel, type GraphLabel, type NodeLabel } from '@dagrejs/dagre';

export interface Box {
  readonly key: string;
  readonly width: number;
  readonly height: number;
}

export interface Place extends Box {
  /** Of the upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface Route {
  readonly from: string;
  readonly to: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly places: readonly Place[];
  readonly routes: readonly Route[];
}

const GAP = 20;
const NODE_GAP = 14;

type Labelled = Graph<GraphLabel, NodeLabel, EdgeLabel>;

/** @param space to fill: its width, which a single part may exceed, and the gap between columns */
export function arranged(
  boxes: readonly Box[],
  links: readonly { readonly from: string; readonly to: string }[],
  { width, gap }: { readonly width: number; readonly gap: number },
): Drawing {
  const graph: Labelled = new Graph();
  for (const { key, width: boxWidth, height } of boxes) graph.setNode(key, { width: boxWidth, height });
  for (const { from, to } of links) if (from !== to) graph.setEdge(from, to, {});
  const parts = graphlib.alg
    .components(graph as unknown as Parameters<typeof graphlib.alg.components>[0])
    .map((keys) => part(graph, keys, gap))
    .sort((a, b) => b.height - a.height || b.width - a.width);
  return packed(parts, width);
}

/** `orders-2` comes before `orders-10`. */
const natural = new Intl.Collator('en', { numeric: true });

/** One connected part, from left to right. */
function part(whole: Labelled, keys: readonly string[], ranksep: number): Drawing {
  const graph: Labelled = new Graph();
  graph.setGraph({ rankdir: 'LR', ranksep, nodesep: NODE_GAP, edgesep: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  // dagre stacks the nodes of a column from the last to the first where their links leave it a choice.
  const backwards = (a: string, b: string): number => natural.compare(b, a);
  const ordered = [...keys].sort(backwards);
  for (const key of ordered) graph.setNode(key, { ...whole.node(key) });
  for (const key of ordered) {
    const targets = (whole.outEdges(key) ?? []).map(({ w }) => w).sort(backwards);
    for (const target of targets) graph.setEdge(key, target, {});
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const places = new Map(keys.map((key) => [key, placeOf(key, graph.node(key))]));
  const routes = graph.edges().flatMap((edge) => {
    const [from, to] = [places.get(edge.v), places.get(edge.w)];
    if (from === undefined || to === undefined) return [];
    return [{ from: edge.v, to: edge.w, points: between(from, to, graph.edge(edge).points ?? []) }];
  });
  return { width, height, places: [...places.values()], routes };
}

function placeOf(key: string, { width, height, x = 0, y = 0 }: NodeLabel): Place {
  return { key, width, height, x: x - width / 2, y: y - height / 2 };
}

/** A line from the right side of one box to the left side of the other, around the boxes between them. */
function between(from: Place, to: Place, points: Route['points']): Route['points'] {
  const start = { x: from.x + from.width, y: from.y + from.height / 2 };
  const end = { x: to.x, y: to.y + to.height / 2 };
  // In a circle of links one runs backwards, as dagre leads it.
  if (end.x <= start.x) return points;
  // The single bend of a link to the next column would only dent the curve.
  return [start, ...(points.length > 3 ? points.slice(1, -1) : []), end];
}

/** Puts each part as far up as it fits, and there as far to the left: large ones first, small ones into the room they leave. */
function packed(parts: readonly Drawing[], width: number): Drawing {
  const taken: { readonly left: number; readonly right: number; readonly bottom: number }[] = [];
  const places: Place[] = [];
  const routes: Route[] = [];
  for (const each of parts) {
    /** Where the part would stand at a left edge: below all that it would cover. */
    const topAt = (left: number): number => {
      const covered = taken.filter((other) => other.left < left + each.width && left < other.right);
      return Math.max(0, ...covered.map(({ bottom }) => bottom));
    };
    const lefts = [0, ...taken.map(({ right }) => right).filter((right) => right + each.width <= width)];
    const [left, top] = lefts
      .map((x) => [x, topAt(x)] as const)
      .reduce((best, next) =>
        next[1] < best[1] || (next[1] === best[1] && next[0] < best[0]) ? next : best,
      );
    taken.push({ left, right: left + each.width + GAP, bottom: top + each.height + GAP });
    for (const place of each.places) places.push({ ...place, x: place.x + left, y: place.y + top });
    for (const { points, ...ends } of each.routes) {
      routes.push({ ...ends, points: points.map(({ x, y }) => ({ x: x + left, y: y + top })) });
    }
  }
  return {
    width: Math.max(0, ...taken.map(({ right }) => right - GAP)),
    height: Math.max(0, ...taken.map(({ bottom }) => bottom - GAP)),
    places,
    routes,
  };
}
