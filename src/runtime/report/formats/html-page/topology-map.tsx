/** The topology: nodes as links to the details, on lines drawn below them. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Report } from '../../report';
import { grouped, isGroup, type NodeGroup } from './grouping';
import { arranged, type Box, type Route } from './layout';
import { usePrinting } from './printing';
import { GroupNode, ObjectNode, sizesFor } from './topology-node';
import { differing, surrounded, topologyOf, type TopologyLink } from './topology';
import { count, counted } from './words';

/** Pixels between the margins of a sheet of A4 or Letter. */
const PAPER_WIDTH = 690;

/** Above this number of nodes the map begins with what differs. */
const LARGE = 60;

export function TopologyMap({ report: { objects } }: { readonly report: Report }) {
  const whole = useMemo(() => topologyOf(objects), [objects]);
  const off = useMemo(() => differing(whole), [whole]);
  const [isPartial, setPartial] = useState(whole.nodes.size > LARGE && off.nodes.size > 0);
  const [path, setPath] = useState<readonly NodeGroup[]>([]);
  const frame = useRef<HTMLDivElement>(null);
  const screenWidth = useWidth(frame);
  const width = usePrinting() ? Math.min(screenWidth, PAPER_WIDTH) : screenWidth;

  const shown = isPartial && off.nodes.size > 0 ? off : whole;
  const inner = path.at(-1);
  const { nodes, links } = useMemo(() => {
    if (inner === undefined) return grouped(shown);
    const members = new Set(inner.members);
    return grouped(surrounded(shown, members), members);
  }, [shown, inner]);
  const drawing = useMemo(() => {
    const { gap, ...sizes } = sizesFor(width);
    const boxes: Box[] = [...nodes].map(([key, node]) => ({
      key,
      ...sizes[isGroup(node) ? 'group' : node.kind],
    }));
    return arranged(boxes, links, { width, gap });
  }, [nodes, links, width]);

  const show = (partial: boolean): void => {
    setPath([]);
    setPartial(partial);
  };
  const stations = [...whole.nodes.values()].filter(({ kind }) => kind === 'station').length;
  return (
    <section id="topology" aria-labelledby="topology-heading">
      <div class="heading">
        <h2 id="topology-heading">Topology</h2>
        <p class="muted">
          {counted(stations, 'station')}, {counted(whole.nodes.size - stations, 'schema')}
        </p>
        {off.nodes.size > 0 && off.nodes.size < whole.nodes.size && (
          <div class="choice" role="group" aria-label="What the topology shows">
            <button type="button" aria-pressed={isPartial} onClick={() => show(true)}>
              What differs
            </button>
            <button type="button" aria-pressed={!isPartial} onClick={() => show(false)}>
              Everything
            </button>
          </div>
        )}
      </div>
      {path.length > 0 && (
        <nav class="path" aria-label="Groups">
          <button type="button" onClick={() => setPath([])}>
            All
          </button>
          {path.map((group, index) => (
            <button
              key={group.key}
              type="button"
              {...(index === path.length - 1 ? { 'aria-current': 'true' as const } : {})}
              onClick={() => setPath(path.slice(0, index + 1))}
            >
              {group.label} <span class="muted">({count(group.members.length)})</span>
            </button>
          ))}
        </nav>
      )}
      <div class="map" ref={frame} tabIndex={0} role="region" aria-label="Map of stations and schemas">
        <div class="canvas" style={{ width: `${drawing.width}px`, height: `${drawing.height}px` }}>
          <Lines routes={drawing.routes} links={links} width={drawing.width} height={drawing.height} />
          <ul>
            {drawing.places.map(({ key, x, y, width: nodeWidth, height }) => {
              const node = nodes.get(key);
              if (node === undefined) return null;
              return (
                <li
                  key={key}
                  style={{ left: `${x}px`, top: `${y}px`, width: `${nodeWidth}px`, height: `${height}px` }}
                >
                  {isGroup(node) ? (
                    <GroupNode group={node} onOpen={() => setPath([...path, node])} />
                  ) : (
                    <ObjectNode node={node} />
                  )}
                </li>
              );
            })}
          </ul>
        </div>
      </div>
      <Legend links={links} />
    </section>
  );
}

interface LinesProps {
  readonly routes: readonly Route[];
  readonly links: readonly TopologyLink[];
  readonly width: number;
  readonly height: number;
}

/** The links; what they say stands in the details of the stations, so a screen reader skips the drawing. */
function Lines({ routes, links, width, height }: LinesProps) {
  const kinds = new Map(links.map((link) => [`${link.from}\n${link.to}`, link]));
  return (
    <svg width={width} height={height} aria-hidden="true" focusable="false">
      <defs>
        {['same', 'missing', 'changed'].map((status) => (
          <marker
            key={status}
            id={`arrow-${status}`}
            class={`arrow ${status}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0.5 L7.5 4 L0 7.5 z" />
          </marker>
        ))}
      </defs>
      {routes.map(({ from, to, points }) => {
        const { kind = 'dls', status = 'same' } = kinds.get(`${from}\n${to}`) ?? {};
        return (
          <path
            key={`${from}\n${to}`}
            class={`link ${kind} ${status}`}
            d={curve(points)}
            {...(kind === 'dls' ? { 'marker-end': `url(#arrow-${status})` } : {})}
          />
        );
      })}
    </svg>
  );
}

/** A smooth line through points, which leaves the first and reaches the last horizontally. */
function curve(points: Route['points']): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${first.x} ${first.y}`;
  let last = first;
  for (const point of rest) {
    const middle = (last.x + point.x) / 2;
    path += `C${middle} ${last.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    last = point;
  }
  return path;
}

function Legend({ links }: { readonly links: readonly TopologyLink[] }) {
  const has = (test: (link: TopologyLink) => boolean): boolean => links.some(test);
  const entries = [
    ['schema same', 'Schema of a station', has(({ kind }) => kind === 'schema')],
    ['dls same', 'Dead letters go to', has(({ kind }) => kind === 'dls')],
    ['dls missing', 'Declared, not live', has(({ status }) => status === 'missing')],
    ['dls changed', 'Live, not declared', has(({ status }) => status === 'changed')],
  ] as const;
  const present = entries.filter(([, , isPresent]) => isPresent);
  if (present.length === 0) return null;
  return (
    <ul class="legend" aria-label="Legend">
      {present.map(([style, label]) => (
        <li key={style}>
          <svg width="28" height="10" aria-hidden="true" focusable="false">
            <path
              class={`link ${style}`}
              d="M1 5H25"
              {...(style.startsWith('dls')
                ? { 'marker-end': `url(#arrow-${style.split(' ')[1] ?? ''})` }
                : {})}
            />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}

/** The inner width of an element, kept current. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(() => Math.max(320, innerWidth - 80));
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
