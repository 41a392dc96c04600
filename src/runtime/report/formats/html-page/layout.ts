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
const RANK_GAP = 56;
const NODE_GAP = 14;

type Labelled = Graph<GraphLabel, NodeLabel, EdgeLabel>;

/** @param width of the space to fill; a single part that is wider stays so. */
export function arranged(
  boxes: readonly Box[],
  links: readonly { readonly from: string; readonly to: string }[],
  width: number,
): Drawing {
  const graph: Labelled = new Graph();
  for (const { key, width: boxWidth, height } of boxes) graph.setNode(key, { width: boxWidth, height });
  for (const { from, to } of links) if (from !== to) graph.setEdge(from, to, {});
  const parts = graphlib.alg
    .components(graph as unknown as Parameters<typeof graphlib.alg.components>[0])
    .map((keys) => part(graph, keys))
    .sort((a, b) => b.places.length - a.places.length);
  return inRows(parts, width);
}

/** One connected part, from left to right. */
function part(whole: Labelled, keys: readonly string[]): Drawing {
  const graph: Labelled = new Graph();
  graph.setGraph({ rankdir: 'LR', ranksep: RANK_GAP, nodesep: NODE_GAP, edgesep: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const key of keys) graph.setNode(key, { ...whole.node(key) });
  for (const key of keys) for (const { v, w } of whole.outEdges(key) ?? []) graph.setEdge(v, w, {});
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const places = keys.map((key) => {
    const { width: boxWidth, height: boxHeight, x = 0, y = 0 } = graph.node(key);
    return { key, width: boxWidth, height: boxHeight, x: x - boxWidth / 2, y: y - boxHeight / 2 };
  });
  const routes = graph.edges().map((edge) => {
    const { points = [] } = graph.edge(edge);
    return { from: edge.v, to: edge.w, points };
  });
  return { width, height, places, routes };
}

/** Puts parts beside each other, and begins a new row where the width ends. */
function inRows(parts: readonly Drawing[], width: number): Drawing {
  const places: Place[] = [];
  const routes: Route[] = [];
  let [x, y, rowHeight, widest] = [0, 0, 0, 0];
  for (const each of parts) {
    if (x > 0 && x + each.width > width) {
      y += rowHeight + GAP;
      x = 0;
      rowHeight = 0;
    }
    const [left, top] = [x, y];
    for (const place of each.places) places.push({ ...place, x: place.x + left, y: place.y + top });
    for (const { points, ...ends } of each.routes) {
      routes.push({ ...ends, points: points.map((point) => ({ x: point.x + left, y: point.y + top })) });
    }
    x += each.width + GAP;
    rowHeight = Math.max(rowHeight, each.height);
    widest = Math.max(widest, left + each.width);
  }
  return { width: widest, height: y + rowHeight, places, routes };
}
