import type { CanonicalOf, DeclarationOf, Field } from './field';
import { integerField, textField } from './field';
import { owner } from './ownership';

/** The settings of a broker, in the keys of its REST API. */
export interface ClusterSettings {
  readonly dls_retention: number;
  readonly logs_retention: number;
  readonly gc_producer_consumer_retention_hours: number;
  readonly tiered_storage_time_sec: number;
  readonly max_msg_size_mb: number;
  readonly broker_host: string;
  readonly ui_host: string;
  readonly rest_gw_host: string;
}

/** Read from the settings of the broker. */
interface SettingReader {
  readonly from: 'cluster';
  read(settings: ClusterSettings): string | number;
}

/** Written together with all other settings: the broker empties those that are left out. */
interface SettingWriter {
  readonly by: 'clusterSettings';
  readonly key: keyof ClusterSettings;
}

/** One setting of a broker. */
export type ClusterConfigField = Field<SettingReader, SettingWriter>;

const setting = <K extends keyof ClusterSettings>(key: K) =>
  ({
    absent: 'it stays as it is',
    change: { how: 'inPlace' },
    read: { from: 'cluster', read: (settings: ClusterSettings) => settings[key] },
    update: { by: 'clusterSettings', key },
  }) as const;

/** Where the broker cannot write 0, which it has until somebody sets the value. */
const positive = { minimum: 1 } as const;

const host = { pattern: /^[^\s]{1,255}$/, says: 'an address without blanks' };

/** Everything that is true of the settings of a broker. */
export const clusterConfigFields = {
  dlsRetentionHours: integerField({
    ...positive,
    unit: 'hours',
    description:
      'How long dead letters stay listed. A broker on which nobody has set it shows 0 and, unless its configuration file sets it, never drops them.',
    ...setting('dls_retention'),
  }),
  logsRetentionDays: integerField({
    ...positive,
    unit: 'days',
    description: 'How long the logs of the broker are kept.',
    ...setting('logs_retention'),
  }),
  gcProducerConsumerRetentionHours: integerField({
    ...positive,
    unit: 'hours',
    description:
      'How long producers and consumers that are gone stay listed. A broker on which nobody has set it shows 0.',
    ...setting('gc_producer_consumer_retention_hours'),
  }),
  tieredStorageTimeSec: integerField({
    minimum: 5,
    maximum: 3600,
    unit: 'seconds',
    description: 'How often messages are moved to the second tier of storage.',
    ...setting('tiered_storage_time_sec'),
  }),
  maxMsgSizeMb: integerField({
    ...positive,
    unit: 'MiB',
    description: 'The largest message that the broker takes.',
    ...setting('max_msg_size_mb'),
  }),
  brokerHost: textField({
    format: host,
    description: 'Host of the client port, as the UI shows it to people.',
    ...setting('broker_host'),
  }),
  uiHost: textField({
    format: host,
    description: 'Address of the UI, as the broker puts it into messages.',
    ...setting('ui_host'),
  }),
  restGwHost: textField({
    format: host,
    description: 'Address of the REST gateway, as the UI shows it to people.',
    ...setting('rest_gw_host'),
  }),
  owner,
} satisfies Readonly<Record<string, ClusterConfigField>>;

/** The settings of a broker as users declare them; what is left out stays as it is. */
export type ClusterConfigDeclaration = DeclarationOf<typeof clusterConfigFields>;

/** The settings in the form in which declared and live ones are compared. */
export type CanonicalClusterConfig = CanonicalOf<typeof clusterConfigFields>;

/** Settings with what is declared in place of what is there. */
export function withDeclared(settings: ClusterSettings, declared: CanonicalClusterConfig): ClusterSettings {
  const values = declared as Readonly<Record<string, unknown>>;
  const changed = Object.entries(clusterConfigFields as Readonly<Record<string, ClusterConfigField>>).flatMap(
    ([name, field]) =>
      'update' in field && values[name] !== undefined ? [[field.update.key, values[name]] as const] : [],
  );
  return { ...settings, ...Object.fromEntries(changed) };
}

/** The settings that the broker requires in every change and takes no 0 for. */
export const requiredSettings = [
  'dlsRetentionHours',
  'logsRetentionDays',
  'gcProducerConsumerRetentionHours',
] as const;
