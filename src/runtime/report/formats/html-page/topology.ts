/** Stations, schemas and the links between them, as nodes and edges. */
import type { ObjectStatus, ReportedObject } from '../../report';
import { isOff, keyOf } from './words';

export interface TopologyNode {
  readonly key: string;
  readonly kind: 'station' | 'schema';
  readonly name: string;
  /** Absent for what an object of the report refers to and the report does not hold. */
  readonly object?: ReportedObject;
}

export interface TopologyLink {
  readonly from: string;
  readonly to: string;
  /** `schema`: its schema checks the messages; `dls`: its dead letters go there. */
  readonly kind: 'schema' | 'dls';
  /** `missing`: declared and not live; `changed`: live and not declared. */
  readonly status: Extract<ObjectStatus, 'same' | 'missing' | 'changed'>;
}

export interface Topology {
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  readonly links: readonly TopologyLink[];
}

export function topologyOf(objects: readonly ReportedObject[]): Topology {
  const nodes = new Map<string, TopologyNode>();
  for (const object of objects) {
    const { kind, name } = object;
    if (kind !== 'station' && kind !== 'schema') continue;
    nodes.set(keyOf(object), {
      key: keyOf(object),
      kind: kind === 'schema' ? 'schema' : 'station',
      name,
      object,
    });
  }
  const links = new Map<string, TopologyLink>();
  const link = (
    station: ReportedObject,
    name: unknown,
    kind: TopologyLink['kind'],
    status: LinkStatus,
  ): void => {
    if (typeof name !== 'string' || name === '') return;
    const other = nodeKey(kind === 'schema' ? 'schema' : 'station', name, station.broker);
    const own = nodeKey('station', station.name, station.broker);
    for (const [key, of] of [
      [other, { kind: kind === 'schema' ? 'schema' : 'station', name }],
      [own, { kind: 'station', name: station.name }],
    ] as const) {
      if (!nodes.has(key)) nodes.set(key, { key, ...of });
    }
    const [from, to] = kind === 'schema' ? [other, own] : [own, other];
    // The same link may be declared and live; a difference is the stronger statement.
    const key = `${from}\n${to}`;
    if (links.get(key)?.status !== undefined && status === 'same') return;
    links.set(key, { from, to, kind, status });
  };
  for (const object of objects) {
    if (object.kind === 'station') {
      link(object, object.live?.schemaName, 'schema', 'same');
      link(object, object.live?.dlsStation, 'dls', 'same');
    }
    for (const { field, declared, live } of object.differences) {
      const kind = field === 'schemaName' ? 'schema' : field === 'dlsStation' ? 'dls' : undefined;
      if (kind === undefined || (object.kind !== 'station' && object.kind !== 'enforcement')) continue;
      link(object, live, kind, 'changed');
      link(object, declared, kind, 'missing');
    }
  }
  return { nodes, links: [...links.values()] };
}

type LinkStatus = TopologyLink['status'];

function nodeKey(kind: 'station' | 'schema', name: string, broker: string | undefined): string {
  return `${kind}/${name}${broker === undefined ? '' : `@${broker}`}`;
}

/** The part of a topology that differs, with the neighbours of each node that does. */
export function differing({ nodes, links }: Topology): Topology {
  const kept = new Set<string>();
  for (const [key, { object }] of nodes) if (object !== undefined && isOff(object)) kept.add(key);
  const off = new Set(kept);
  const isKept = ({ from, to, status }: TopologyLink): boolean =>
    status !== 'same' || off.has(from) || off.has(to);
  const keptLinks = links.filter(isKept);
  for (const { from, to } of keptLinks) kept.add(from).add(to);
  return { nodes: new Map([...nodes].filter(([key]) => kept.has(key))), links: keptLinks };
}

/** Some nodes of a topology with their schemas and dead-letter stations, but not all that send dead letters to them. */
export function surrounded({ nodes, links }: Topology, keys: ReadonlySet<string>): Topology {
  const keptLinks = links.filter(
    ({ from, to, kind }) => keys.has(from) || (kind === 'schema' && keys.has(to)),
  );
  const kept = new Set([...keys, ...keptLinks.flatMap(({ from, to }) => [from, to])]);
  return { nodes: new Map([...nodes].filter(([key]) => kept.has(key))), links: keptLinks };
}
