import { NANOSECONDS_PER_SECOND } from './stream';
import type { StreamConfig } from './stream';

/** A setting of a stream that no declaration decides, and that every partition of a station has in the same form. */
interface StreamSetting {
  /** What Memphis 1.4.4 gives to every stream of a station; undefined where the stream has no such key. */
  readonly usual: unknown;
  /** What another value does to the station, as the end of "…, so that …"; absent where nobody would notice. */
  readonly effect?: string;
  /**
   * Set where a server refuses to set it back: `kept` beside other changes of the stream, `final` where it refuses every
   * change of the stream.
   */
  readonly permanent?: 'kept' | 'final';
}

const noSuchKey = undefined;

/**
 * The settings of a stream that a station never has by itself, with what Memphis 1.4.4 gives instead (recorded from its
 * stations of every kind). Somebody with a NATS client can change them all. A key that is not listed here, and that no
 * field of a station decides, belongs to a newer server: it is left as it is. So is the metadata, which is there for the
 * marks of other tools.
 */
const streamSettings: Readonly<Record<string, StreamSetting>> = {
  no_ack: { usual: noSuchKey, effect: 'no message is acknowledged and every produce times out' },
  max_msg_size: { usual: -1, effect: 'the partition refuses larger messages' },
  max_msgs_per_subject: { usual: -1, effect: 'the partition keeps no more than so many messages' },
  discard: { usual: 'old', effect: 'a full partition refuses new messages instead of dropping old ones' },
  discard_new_per_subject: { usual: noSuchKey },
  max_consumers: {
    usual: -1,
    effect: 'the partition refuses further consumer groups',
    permanent: 'kept',
  },
  compression: { usual: 'none' },
  allow_direct: { usual: false },
  mirror_direct: { usual: false },
  allow_rollup_hdrs: { usual: false, effect: 'a message with a roll-up header removes the others' },
  deny_delete: { usual: false, effect: 'no message can be deleted', permanent: 'kept' },
  deny_purge: { usual: false, effect: 'the station cannot be purged', permanent: 'kept' },
  sealed: { usual: false, effect: 'the partition takes no message', permanent: 'final' },
  description: { usual: noSuchKey },
  mirror: {
    usual: noSuchKey,
    effect: 'the partition takes messages from another stream alone',
    permanent: 'final',
  },
  sources: { usual: noSuchKey, effect: 'messages of other streams appear in the station' },
  republish: { usual: noSuchKey, effect: 'its messages are published a second time' },
  subject_transform: { usual: noSuchKey, effect: 'its messages get other subjects' },
  consumer_limits: { usual: noSuchKey, effect: 'the server limits its consumer groups' },
  placement: { usual: noSuchKey },
  subject_delete_marker_ttl: { usual: noSuchKey, effect: 'the server adds messages of its own' },
  allow_msg_ttl: {
    usual: noSuchKey,
    effect: 'messages can end before the retention says so',
    permanent: 'kept',
  },
  allow_msg_counter: { usual: noSuchKey, effect: 'the partition takes counters alone', permanent: 'kept' },
  allow_msg_schedules: {
    usual: noSuchKey,
    effect: 'messages can appear later than they are sent',
    permanent: 'kept',
  },
  allow_atomic: { usual: noSuchKey },
  persist_mode: { usual: noSuchKey, effect: 'acknowledged messages can be lost', permanent: 'kept' },
};

/** One setting that a partition has and a station does not. */
export interface UnusualSetting {
  /** The key of the JetStream API. */
  readonly key: string;
  /** As people read it: `no_ack = true`. */
  readonly text: string;
  readonly effect: string | undefined;
  readonly permanent: StreamSetting['permanent'];
}

/** The subjects under which a partition takes messages. */
export function openSubjects(stream: string): readonly string[] {
  return [`${stream}.>`];
}

/** The settings of a partition's stream that no station has by itself. */
export function unusualSettings(config: StreamConfig): UnusualSetting[] {
  const found: UnusualSetting[] = [];
  for (const [key, { usual, effect, permanent }] of Object.entries(streamSettings)) {
    // A server that seals a stream also forbids to delete and to purge; that says nothing more.
    if (config.sealed === true && (key === 'deny_delete' || key === 'deny_purge')) continue;
    if (isUsual(config[key], usual)) continue;
    found.push({ key, text: settingText(key, config[key]), effect, permanent });
  }
  const subjects = surplusSubjects(config);
  if (subjects.length > 0) {
    const effect = 'messages under other subjects get into the station';
    found.push({ key: 'subjects', text: settingText('subjects', subjects), effect, permanent: undefined });
  }
  return found;
}

/**
 * The settings that a deploy sets back, over all partitions of a station: `no_ack = true`, with the partitions where it
 * is not all of them.
 */
export function restorableSettings(configs: readonly StreamConfig[]): readonly string[] {
  return describedSettings(configs, ({ permanent }) => permanent === undefined);
}

/** The settings that the server does not set back, in the same form. */
export function permanentSettings(configs: readonly StreamConfig[]): readonly string[] {
  return describedSettings(configs, ({ permanent }) => permanent !== undefined);
}

/** The partitions that refuse every change of their settings, with what makes them do so: `partition 2: sealed = true`. */
export function finalSettings(configs: readonly StreamConfig[]): readonly string[] {
  return describedSettings(configs, ({ permanent }) => permanent === 'final');
}

/** What the settings do to the station, each once. */
export function effectsOfSettings(
  configs: readonly StreamConfig[],
  isMeant: (setting: UnusualSetting) => boolean,
): readonly string[] {
  const all = configs.flatMap((config) => unusualSettings(config)).filter(isMeant);
  return [...new Set(all.flatMap(({ effect }) => (effect === undefined ? [] : [effect])))];
}

/** The configuration with every setting as a station has it by itself, as far as a server sets it back. */
export function withUsualSettings(config: StreamConfig): StreamConfig {
  const restored = unusualSettings(config).filter(({ permanent }) => permanent === undefined);
  const away = new Set(
    restored.map(({ key }) => key).filter((key) => streamSettings[key]?.usual === noSuchKey),
  );
  const kept = Object.entries(config).filter(([key]) => !away.has(key));
  const usual = restored.flatMap(({ key }) =>
    away.has(key) ? [] : [[key, streamSettings[key]?.usual] as const],
  );
  const settings = Object.fromEntries([...kept, ...usual]) as StreamConfig;
  return { ...settings, subjects: openSubjects(config.name) };
}

/** As it is usual, or off, or empty: servers differ in which of these they show. */
function isUsual(value: unknown, usual: unknown): boolean {
  if (value === undefined || value === usual) return true;
  if (usual !== noSuchKey && usual !== false) return false;
  if (value === null || value === false || value === '' || value === 0 || value === 'default') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Subjects that are neither those of the partition nor those of one that refuses publishers. */
export function surplusSubjects({ name, subjects }: StreamConfig): string[] {
  return (subjects ?? []).filter((subject) => !subject.startsWith(`${name}.`));
}

function describedSettings(
  configs: readonly StreamConfig[],
  isMeant: (setting: UnusualSetting) => boolean,
): readonly string[] {
  const places = new Map<string, number[]>();
  for (const config of configs) {
    for (const setting of unusualSettings(config)) {
      if (!isMeant(setting)) continue;
      const numbers = places.get(setting.text);
      const partition = Number(config.name.slice(config.name.lastIndexOf('$') + 1));
      if (numbers === undefined) places.set(setting.text, [partition]);
      else numbers.push(partition);
    }
  }
  return [...places]
    .map(([text, numbers]) =>
      numbers.length === configs.length ? text : `${text} (${partitionList(numbers)})`,
    )
    .sort();
}

/** `partition 2`, `partitions 1-3, 7`. */
export function partitionList(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range?.[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const text = ranges
    .map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))
    .join(', ');
  return `${numbers.length === 1 ? 'partition' : 'partitions'} ${text}`;
}

/** Values that are long by nature are shown with their beginning. */
const LONGEST_VALUE = 120;

function settingText(key: string, value: unknown): string {
  const isTime = key === 'subject_delete_marker_ttl' && typeof value === 'number';
  const json = isTime ? `${value / NANOSECONDS_PER_SECOND} s` : JSON.stringify(value);
  return `${key} = ${json.length > LONGEST_VALUE ? `${json.slice(0, LONGEST_VALUE)}…` : json}`;
}
