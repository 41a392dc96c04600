import { readFileSync } from 'node:fs';
import path from 'node:path';

import { TIERED_METADATA_KEY } from '../../../src/runtime/broker/jetstream/partition-stream';
import { GoldenBroker, type Json, type JsonObject, textOf } from './golden-broker';

/** One option of a station, as it was written and as every read showed it. */
interface RoundTrip {
  readonly via: 'nats' | 'rest';
  readonly option: string;
  readonly written: Json;
  readonly create_result: string;
  readonly getAllStations: Json;
  readonly getStation: Json;
  readonly stream_info: Json;
}

const cases = JSON.parse(readFileSync(path.join(__dirname, 'round-trip.json'), 'utf8')) as RoundTrip[];

let golden: GoldenBroker;
beforeAll(async () => {
  golden = await GoldenBroker.start();
});
afterAll(() => golden.stop());

/** What the recording side wrote, apart from the option itself. */
function requestFor({ option, written }: RoundTrip): JsonObject {
  const base = { name: 'q9', partitions_number: 1, username: 'root' };
  if (option === 'retention') {
    const [type, value] = written as readonly Json[];
    return { ...base, retention_type: type ?? null, retention_value: value ?? null };
  }
  // A window may be as long as a day when the retention is not a time.
  const around = /retention_type|idempotency/.test(option) ? { retention_type: 'messages', retention_value: 5 } : {};
  return { ...base, ...around, [option]: written };
}

const absent = '(key absent)';

/** The option in a read, in the form that the recording has. */
function shown(option: string, row: JsonObject): Json {
  const of = (key: string): Json => row[key] ?? absent;
  switch (option) {
    case 'retention':
      return [of('retention_type'), of('retention_value')];
    case 'schema_name':
      return 'is_deleted' in row ? (row.schema_name ?? '(no key)') : [of('schema_name'), of('schema_vesrion_number')];
    case 'partitions_number':
      return row.partitions_number ?? of('partitions_list');
    case 'dls_configuration':
      return (
        row.dls_configuration ?? { poison: of('dls_configuration_poison'), schemaverse: of('dls_configuration_schemaverse') }
      );
    default:
      return of(option);
  }
}

/** The option in the configuration of the stream of the first partition; null where the recording has none. */
function inStream(option: string, config: JsonObject): Json {
  const limits = { retention: config.retention ?? '', max_age_s: Number(config.max_age) / 1e9, max_msgs: config.max_msgs ?? 0, max_bytes: config.max_bytes ?? 0 };
  const found: Readonly<Record<string, Json>> = {
    name: config.name ?? '',
    retention: limits,
    retention_type: `${textOf(config.retention)} ${JSON.stringify(config.max_msgs)}`,
    storage_type: config.storage ?? '',
    replicas: config.num_replicas ?? 0,
    idempotency_window_in_ms: Number(config.duplicate_window) / 1e6,
    tiered_storage_enabled: (config.metadata as JsonObject | undefined)?.[TIERED_METADATA_KEY] === 'true',
  };
  return found[option] ?? null;
}

test.each(cases.map((recorded) => [`${recorded.via} ${recorded.option} ${JSON.stringify(recorded.written)}`, recorded] as const))(
  'round-trip.json: %s',
  async (_name, recorded) => {
    const { via, option } = recorded;
    const request = requestFor(recorded);
    const name = textOf(request.name).toLowerCase();
    if (via === 'nats') {
      expect(await golden.manage('$memphis_station_creations', JSON.stringify(request))).toEqual([recorded.create_result]);
    } else {
      expect((await golden.rest('POST', '/stations/createStation', request)).status).toBe(200);
    }
    const light = (await golden.stations()).get(name) ?? {};
    const details = (await golden.restJson('GET', '/stations/getStation', undefined, { station_name: name })) as JsonObject;
    const { config } = await golden.jetstream(`STREAM.INFO.${name.replaceAll('.', '#')}$1`);

    expect({
      getAllStations: shown(option, light),
      getStation: shown(option, details),
      stream_info: inStream(option, config as JsonObject),
    }).toEqual({
      getAllStations: recorded.getAllStations,
      getStation: recorded.getStation,
      stream_info: recorded.stream_info,
    });
    await golden.destroyStation(name);
  },
);
