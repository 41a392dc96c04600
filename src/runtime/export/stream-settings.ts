import { partitionText } from '../../model/names';
import type { StreamConfig, StreamInfo } from '../admin';

/** The settings of a stream that the declaration of a station decides, or that say which stream it is. */
const DECLARED = new Set([
  ...['name', 'subjects', 'retention', 'max_age', 'max_msgs', 'max_bytes', 'storage', 'num_replicas'],
  ...['duplicate_window', 'tiered_storage_enabled'],
]);

/** What Memphis 1.4.4 gives to all others, and servers up to 2.12. */
const USUAL: Readonly<Record<string, unknown>> = {
  max_consumers: -1,
  max_msgs_per_subject: -1,
  max_msg_size: -1,
  discard: 'old',
  compression: 'none',
};

/**
 * The settings of a partition's stream that somebody made by hand and no declaration has. A deploy keeps them, as it
 * sends the whole configuration back; what it cannot keep are subjects.
 */
export function handMadeSettings(streams: readonly StreamInfo[]): string[] {
  return streams.flatMap(({ config }) => {
    const where = partitionText(config.name).replace(/ of station .*/, '');
    const made = Object.entries(config)
      .filter(([key, value]) => !DECLARED.has(key) && key !== 'metadata' && !isUsual(key, value))
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    const kept =
      made.length === 0
        ? []
        : [
            `${where} has stream settings that a declaration cannot hold: ${made.join(', ')}. A deploy keeps them`,
          ];
    const subjects = surplusSubjects(config);
    const lost =
      subjects.length === 0
        ? []
        : [
            `${where} also takes messages from ${subjects.join(', ')}. The next deploy that changes the station ends that`,
          ];
    return [...kept, ...lost];
  });
}

/** Off, empty, or as Memphis makes it. */
function isUsual(key: string, value: unknown): boolean {
  if (value === USUAL[key]) return true;
  if (value === false || value === null || value === '' || value === 0) return USUAL[key] === undefined;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function surplusSubjects({ name, subjects }: StreamConfig): string[] {
  return (subjects ?? []).filter((subject) => subject !== `${name}.>` && !subject.startsWith(`${name}.`));
}

/** The limits of a stream beside the one that its retention is declared with. */
export function furtherLimits({ config }: StreamInfo): string[] {
  const limits = [
    ...(config.max_age > 0 ? [`max_age = ${config.max_age / 1e9} s`] : []),
    ...(config.max_msgs > 0 ? [`max_msgs = ${config.max_msgs}`] : []),
    ...(config.max_bytes > 0 ? [`max_bytes = ${config.max_bytes}`] : []),
  ];
  return config.retention === 'interest' ? limits : limits.slice(1);
}
