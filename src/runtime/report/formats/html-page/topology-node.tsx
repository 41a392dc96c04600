/** One station, schema or group of them on the map. */
import type { ComponentChild } from 'preact';
import type { LiveFacts, ObjectStatus } from '../../report';
import { hrefOf } from './links';
import type { NodeGroup } from './grouping';
import type { TopologyNode } from './topology';
import { count, counted, isOff, statusWords } from './words';

/** The size of a node in pixels, and the room between two columns of them. Two columns fit on a telephone. */
export function sizesFor(width: number) {
  const isNarrow = width < 560;
  return {
    station: { width: isNarrow ? 184 : 248, height: 72 },
    schema: { width: isNarrow ? 118 : 168, height: 48 },
    group: { width: isNarrow ? 184 : 248, height: 56 },
    gap: isNarrow ? 26 : 46,
  } as const;
}

/** More bars than that do not fit beside the other facts. */
const MOST_BARS = 8;

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
  const mark = isOff(object) ? <StatusMark status={status} fields={differences.length} /> : undefined;
  return (
    <a class={`node ${kind} status-${status}`} href={hrefOf(key)} title={name}>
      <span class="name">{name}</span>
      {kind === 'station' ? (
        <StationLines {...{ live, status, mark }} />
      ) : (
        <span class="line">
          <span class="text">schema</span>
          {mark}
        </span>
      )}
    </a>
  );
}

function StatusMark({ status, fields }: { readonly status: ObjectStatus; readonly fields: number }) {
  const text = status === 'changed' && fields > 0 ? counted(fields, 'change') : statusWords[status];
  return <span class={`chip status-${status}`}>{text}</span>;
}

interface StationProps {
  readonly live: LiveFacts | undefined;
  readonly status: ObjectStatus;
  readonly mark: ComponentChild;
}

function StationLines({ live, status, mark }: StationProps) {
  if (live === undefined) {
    return (
      <span class="line">
        <span class="text">
          {status === 'unknown' ? 'name not known yet' : <Words long="not on the broker" short="not there" />}
        </span>
        {mark}
      </span>
    );
  }
  return (
    <>
      <span class="line">
        <span class="text">
          {compact(live.messages)} {live.messages === 1 ? 'message' : <Words long="messages" short="msgs" />}
        </span>
        <Spread live={live} />
        {mark}
      </span>
      <span class="line">
        <span class="text">
          {counted(live.partitions.length, 'partition')} · {counted(live.consumerGroups, 'group')}
        </span>
      </span>
    </>
  );
}

/** Words, and what a narrow node has room for beside a chip. */
function Words({ long, short }: { readonly long: string; readonly short: string }) {
  return (
    <>
      <span class="long">{long}</span>
      <span class="short">{short}</span>
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
        <span class="text">
          {counted(members.length, kind)}
          {kind === 'station' && <> · {compact(messages)} messages</>}
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
