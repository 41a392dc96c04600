/** One station, schema or group of them on the map. */
import type { LiveFacts, ObjectStatus } from '../../report';
import { hrefOf } from './links';
import type { NodeGroup } from './grouping';
import type { TopologyNode } from './topology';
import { count, counted, isOff, statusWords } from './words';

/** Pixels; the styles of the page keep to them. */
export const SIZES = {
  station: { width: 224, height: 56 },
  schema: { width: 168, height: 48 },
  group: { width: 240, height: 56 },
} as const;

/** Bars thinner than that cannot be told apart. */
const MOST_BARS = 16;

export function ObjectNode({ node: { key, kind, name, object } }: { readonly node: TopologyNode }) {
  if (object === undefined) {
    return (
      <span class={`node ${kind} absent`} title={`${name}: not part of this report`}>
        <span class="name">{name}</span>
        <span class="line">not in this report</span>
      </span>
    );
  }
  const { status, live, differences } = object;
  return (
    <a class={`node ${kind} status-${status}`} href={hrefOf(key)} title={name}>
      <span class="name">{name}</span>
      <span class="line">
        <span>{kind === 'schema' ? 'schema' : <StationFacts live={live} status={status} />}</span>
        {live !== undefined && <Spread live={live} />}
        {isOff(object) && <StatusMark status={status} fields={differences.length} />}
      </span>
    </a>
  );
}

function StatusMark({ status, fields }: { readonly status: ObjectStatus; readonly fields: number }) {
  const text = status === 'changed' && fields > 0 ? counted(fields, 'change') : statusWords[status];
  return <span class={`chip status-${status}`}>{text}</span>;
}

function StationFacts({
  live,
  status,
}: {
  readonly live: LiveFacts | undefined;
  readonly status: ObjectStatus;
}) {
  if (live === undefined) return <>{status === 'unknown' ? 'name not known yet' : 'not on the broker'}</>;
  const { partitions, messages, consumerGroups } = live;
  return (
    <>
      {count(partitions.length)}
      <abbr title="partitions">P</abbr> · {compact(messages)} msg · {count(consumerGroups)}
      <abbr title="consumer groups">G</abbr>
    </>
  );
}

/** How the messages spread over the partitions. */
function Spread({ live: { partitions } }: { readonly live: LiveFacts }) {
  if (partitions.length < 2 || partitions.length > MOST_BARS) return null;
  const largest = Math.max(1, ...partitions.map(({ messages }) => messages));
  return (
    <span class="spread" aria-hidden="true">
      {partitions.map(({ number, messages }) => (
        <span key={number} style={{ height: `${8 + (92 * messages) / largest}%` }} />
      ))}
    </span>
  );
}

export function GroupNode({ group, onOpen }: { readonly group: NodeGroup; readonly onOpen: () => void }) {
  const { kind, label, members, messages, off } = group;
  return (
    <button
      type="button"
      class={`node group ${kind} ${off > 0 ? 'status-changed' : ''}`}
      title={label}
      onClick={onOpen}
    >
      <span class="name">{label}</span>
      <span class="line">
        <span>
          {counted(members.length, kind)}
          {kind === 'station' && <> · {compact(messages)} msg</>}
        </span>
        {off > 0 && <span class="chip status-changed">{count(off)} differ</span>}
      </span>
    </button>
  );
}

const compactNumbers = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** `12.3K` */
function compact(value: number): string {
  return compactNumbers.format(value);
}
