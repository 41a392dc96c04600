import { setTimeout as pause } from 'node:timers/promises';
import type { Memphis } from '../../../src/runtime/messaging';
import type { ConsumerOptions, Station, StationOptions } from '../../../src/runtime/messaging';
import type { ConnectOptions } from '../../../src/runtime/messaging';
import { Gate } from '../../runtime/messaging/gate';
import { TestBroker } from '../../support/broker';

export interface Traffic {
  readonly broker: TestBroker;
  /** A connected client, the same for all rows of a file. */
  readonly memphis: Memphis;
  /** A new station with a name of its own. */
  station(options?: Partial<StationOptions>): Promise<Station>;
  /** Stores messages `from`, `from + 1`, … one after the other. */
  fill(station: string, count: number, from?: number): Promise<void>;
  /** A consumer that polls quickly. */
  consumer(station: string, options?: Partial<ConsumerOptions>): Promise<Consumer>;
  /** What the broker's REST API tells about a station. */
  overview(station: string): Promise<Overview>;
  /** The row of a station in the REST API; the status is 406 where there is none. */
  row(
    station: string,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
}

type Consumer = Awaited<ReturnType<Memphis['consumer']>>;

/** The parts of a station's overview that rows look at. */
export interface Overview {
  readonly connected_producers: readonly { readonly name: string }[];
  readonly disconnected_producers: readonly { readonly name: string }[];
  readonly connected_cgs: readonly {
    readonly name: string;
    readonly connected_consumers: readonly { readonly name: string }[];
  }[];
  readonly disconnected_cgs: readonly { readonly name: string }[];
  readonly poison_messages: readonly DeadLetterRow[];
  readonly schema_failed_messages: readonly DeadLetterRow[];
  readonly dls_configuration_poison: boolean;
  readonly dls_configuration_schemaverse: boolean;
  readonly idempotency_window_in_ms: number;
  readonly schema: { readonly name?: string };
}

export interface DeadLetterRow {
  readonly id: number;
  readonly validation_error?: string;
  readonly message: { readonly data: string };
}

/** One broker and one client for the rows of a file. */
export function trafficForThisFile(): Traffic {
  const broker = TestBroker.forThisFile();
  let client: Memphis | undefined;
  beforeAll(async () => {
    client = await broker.client();
  });
  const memphis = (): Memphis => {
    if (client === undefined) throw new Error('the client is not connected yet');
    return client;
  };
  const json = async (path: string) => {
    const { status, body } = await broker.rest('GET', path);
    return { status, body: body as Readonly<Record<string, unknown>> };
  };
  return {
    broker,
    get memphis() {
      return memphis();
    },
    station: (options = {}) => memphis().station({ name: broker.stationName(), ...options }),
    async fill(station, count, from = 1) {
      const producer = await memphis().producer({ stationName: station, producerName: 'filler' });
      for (let number = from; number < from + count; number += 1) {
        await producer.produce({ message: String(number) });
      }
    },
    consumer: (stationName, options = {}) =>
      memphis().consumer({
        stationName,
        consumerName: 'c',
        batchMaxTimeToWaitMs: 100,
        pullIntervalMs: 10,
        ...options,
      }),
    async overview(station) {
      const query = `station_name=${encodeURIComponent(station)}&partition_number=-1`;
      const { body } = await json(`/monitoring/getStationOverviewData?${query}`);
      return body as unknown as Overview;
    },
    row: (station) => json(`/stations/getStation?station_name=${encodeURIComponent(station)}`),
  };
}

/** A gate before the broker, and the options of a client that goes through it. */
export async function gateBefore(
  broker: TestBroker,
): Promise<{ readonly gate: Gate; readonly options: ConnectOptions }> {
  const { host, port } = broker.options;
  const gate = await Gate.before(port, host);
  // A certificate is for the name, so that stays where the broker is on this machine.
  const here = host === 'localhost' ? host : '127.0.0.1';
  return { gate, options: { ...broker.options, host: here, port: gate.port } };
}

/** A station whose acks come from here instead of from the broker. */
export async function stationWithoutAcks(traffic: Traffic) {
  const { broker } = traffic;
  const { name } = await traffic.station();
  await broker.jetStream(`STREAM.DELETE.${name}$1`);
  const waiting: string[] = [];
  let most = 0;
  const subscription = broker.observer.subscribe(`${name}$1.final`, {
    callback: (_error, message) => {
      waiting.push(message.reply ?? '');
      most = Math.max(most, waiting.length);
    },
  });
  await broker.observer.flush();
  const ack = (count: number): void => {
    for (const reply of waiting.splice(0, count)) broker.observer.publish(reply, '{"stream":"s","seq":1}');
  };
  return {
    name,
    ack,
    waiting: () => waiting.length,
    most: () => most,
    end: () => subscription.unsubscribe(),
  };
}

/** Dead letters come when the broker gets to them, up to some seconds later. */
export async function within15Seconds(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not so after 15 s: ${what}`);
    await pause(50);
  }
}

/** How long something took, in milliseconds. */
export async function duration(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
