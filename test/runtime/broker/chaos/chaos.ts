import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { BrokerProcess } from './broker-process';
import { Random } from './random';

export interface ChaosSettings {
  readonly seed: number;
  /** Operations of all clients together. */
  readonly operations: number;
  readonly clients: number;
  readonly kills: number;
}

/** How it ended. */
export interface ChaosResult {
  /** What must not be so. Empty: everything that was acknowledged is there. */
  readonly findings: readonly string[];
  /** How much was looked for. */
  readonly stations: number;
  readonly messages: number;
  /** Stations of streams of plain NATS clients. */
  readonly foreign: number;
}

/** The stream of a plain NATS client, and the station that comes and goes with it. */
type KnownForeign = Pick<Known, 'state'>;

/** What is known of a station: an operation whose answer was lost leaves it unknown. */
interface Known {
  state: 'there' | 'gone' | 'unknown';
  partitions: number;
  readonly messages: { readonly stream: string; readonly seq: number; readonly text: string }[];
}

interface World {
  broker: Promise<BrokerProcess>;
  done: number;
}

const ANSWER_TIMEOUT_MS = 2_000;
const NAMES_OF_A_CLIENT = 6;

/** Clients do random things while the broker is killed again and again; then what was acknowledged is looked for. */
export async function chaos(settings: ChaosSettings): Promise<ChaosResult> {
  const store = await mkdtemp(path.join(tmpdir(), 'broker-chaos-'));
  const random = new Random(settings.seed);
  const world: World = { broker: BrokerProcess.start(store), done: 0 };
  await world.broker;
  const known = new Map<string, Known>();
  const foreign = new Map<string, KnownForeign>();
  const clients = Array.from({ length: settings.clients }, (_, index) =>
    client(world, settings, new Random(random.next()), `c${index}`, known, foreign),
  );
  try {
    for (let kill = 1; kill <= settings.kills; kill++) {
      const due = (settings.operations * kill) / (settings.kills + 1);
      while (world.done < due) await pause(2);
      const which = random.pick(['server', 'control plane'] as const);
      world.broker = world.broker.then(async (broker) => {
        await broker.kill(which);
        return BrokerProcess.start(store);
      });
      await world.broker;
    }
    await Promise.all(clients);
    // Once more, so that what the last operations left is seen from the disk.
    await (await world.broker).kill('server');
    world.broker = BrokerProcess.start(store);
    const there = [...known.values()].filter(({ state }) => state === 'there');
    return {
      findings: await findings(await world.broker, known, foreign),
      stations: there.length,
      foreign: [...foreign.values()].filter(({ state }) => state === 'there').length,
      messages: there.reduce((total, { messages }) => total + messages.length, 0),
    };
  } finally {
    await world.broker.then((broker) => broker.kill('control plane')).catch(() => undefined);
    await Promise.allSettled(clients);
    await endOfServer(store);
    await rm(store, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The watchdog of a killed broker ends its server; the store can be removed after that. */
async function endOfServer(store: string): Promise<void> {
  const last = await BrokerProcess.start(store);
  await last.kill('server');
}

async function client(
  world: World,
  settings: ChaosSettings,
  random: Random,
  id: string,
  known: Map<string, Known>,
  foreign: Map<string, KnownForeign>,
): Promise<void> {
  let connection: NatsConnection | undefined;
  let plain: NatsConnection | undefined;
  while (world.done < settings.operations) {
    world.done += 1;
    try {
      const number = random.below(NAMES_OF_A_CLIENT);
      if (random.below(8) === 0) {
        plain = await connected(world, plain, `plain ${id}`);
        await operateForeign(plain, `${id}-f${number}`, foreign);
      } else {
        connection = await connected(world, connection, `${id}::root`);
        await operate(connection, random, `${id}-${number}`, known);
      }
    } catch {
      // The broker went away in the middle; the next operation waits for the next one.
      await Promise.all([connection?.close(), plain?.close()]);
      connection = plain = undefined;
      await world.broker;
    }
  }
  await Promise.all([connection?.close(), plain?.close()]);
}

async function connected(
  world: World,
  current: NatsConnection | undefined,
  name: string,
): Promise<NatsConnection> {
  if (current !== undefined && !current.isClosed()) return current;
  const { port } = await world.broker;
  const login = { user: 'root$1', pass: 'memphis', name };
  return connect({ servers: `127.0.0.1:${port}`, ...login, reconnect: false, timeout: ANSWER_TIMEOUT_MS });
}

async function operate(
  connection: NatsConnection,
  random: Random,
  name: string,
  known: Map<string, Known>,
): Promise<void> {
  const manage = async (subject: string, request: object): Promise<string> => {
    const payload = JSON.stringify({ username: 'root', req_version: 4, connection_id: name, ...request });
    return (
      await connection.request(`$memphis_${subject}`, payload, { timeout: ANSWER_TIMEOUT_MS })
    ).string();
  };
  const station = known.get(name) ?? { state: 'gone', partitions: 0, messages: [] };
  known.set(name, station);
  const operation = random.pick([
    'create',
    'create',
    'destroy',
    'produce',
    'produce',
    'produce',
    'produce',
    'group',
    'schema',
  ] as const);
  if (operation === 'create') {
    const partitions = station.state === 'gone' ? 1 + random.below(3) : station.partitions;
    const before = station.state;
    Object.assign(station, { state: before === 'there' ? 'there' : 'unknown', partitions });
    const request = { name, partitions_number: partitions, dls_configuration: { poison: true } };
    // After a lost answer a station may be there with another number of partitions; that it is there is all we know.
    if ((await manage('station_creations', request)) === '' && before === 'gone') station.state = 'there';
  } else if (operation === 'destroy') {
    station.state = 'unknown';
    station.messages.length = 0;
    const reply = await manage('station_destructions', { station_name: name });
    if (reply === '' || reply.includes('not exist')) station.state = 'gone';
  } else if (operation === 'produce' && station.state === 'there') {
    const stream = `${name}$${1 + random.below(station.partitions)}`;
    const text = `${name} ${random.next()}`;
    const ack = await connection.jetstream({ timeout: ANSWER_TIMEOUT_MS }).publish(`${stream}.final`, text);
    station.messages.push({ stream, seq: ack.seq, text });
  } else if (operation === 'group' && station.state === 'there') {
    const group = { name: 'g', station_name: name, consumer_type: 'application' };
    await manage('consumer_creations', { ...group, start_consume_from_sequence: 1, last_messages: -1 });
  } else if (operation === 'schema') {
    const content = JSON.stringify({ type: 'object', description: String(random.below(3)) });
    await manage('schema_creations', { name: `s-${name}`, type: 'json', schema_content: content });
    if (station.state === 'there')
      await manage('schema_attachments', { name: `s-${name}`, station_name: name });
  }
}

/** Makes a stream as a plain NATS client, or removes the one that is there. */
async function operateForeign(
  connection: NatsConnection,
  name: string,
  foreign: Map<string, KnownForeign>,
): Promise<void> {
  const before = foreign.get(name)?.state ?? 'gone';
  // A stream whose creation got no answer may be there without its station, as on a real broker.
  if (before === 'unknown') return;
  foreign.set(name, { state: 'unknown' });
  const verb = before === 'gone' ? 'CREATE' : 'DELETE';
  const payload = verb === 'CREATE' ? JSON.stringify({ name, subjects: [`${name}.*`] }) : '';
  const reply = await connection.request(`$JS.API.STREAM.${verb}.${name}`, payload, {
    timeout: ANSWER_TIMEOUT_MS,
  });
  if (reply.json<{ error?: object }>().error === undefined) {
    foreign.set(name, { state: before === 'gone' ? 'there' : 'gone' });
  }
}

async function findings(
  broker: BrokerProcess,
  known: ReadonlyMap<string, Known>,
  foreign: ReadonlyMap<string, KnownForeign>,
): Promise<string[]> {
  const found: string[] = [];
  const connection = await connect({ servers: `127.0.0.1:${broker.port}`, user: 'root$1', pass: 'memphis' });
  const manager = await connection.jetstreamManager();
  const rows = await stationRows(broker);
  const streams = new Set<string>();
  for await (const stream of manager.streams.list()) streams.add(stream.config.name);
  for (const [name, { state, partitions, messages }] of known) {
    const row = rows.get(name);
    if (state === 'gone' && row !== undefined) found.push(`${name} was destroyed and is there`);
    if (state !== 'there') continue;
    if (row?.length !== partitions) found.push(`${name} has partitions ${String(row)}, not ${partitions}`);
    for (const { stream, seq, text } of messages) {
      const stored = await manager.streams.getMessage(stream, { seq }).catch(() => undefined);
      if (stored?.string() !== text) found.push(`${stream} lost message ${seq}`);
    }
  }
  for (const [name, { state }] of foreign) {
    const isThere = rows.has(name) && streams.has(name);
    if (state === 'there' && !isThere) found.push(`${name} of a plain client is missing`);
    if (state === 'gone' && (rows.has(name) || streams.has(name)))
      found.push(`${name} of a plain client was removed and is there`);
    if (rows.has(name) && !streams.has(name)) found.push(`${name} of a plain client has a row and no stream`);
  }
  const expected = new Set(
    [...rows].flatMap(([name, numbers]) => numbers.map((number) => `${name}$${number}`)),
  );
  for (const stream of expected) if (!streams.has(stream)) found.push(`stream ${stream} is missing`);
  for (const stream of streams) {
    if (!/^(KV_|\$memphis)/.test(stream) && !expected.has(stream) && !foreign.has(stream))
      found.push(`stream ${stream} has no row`);
  }
  await connection.close();
  return found;
}

/** The partitions of every station, by name. */
async function stationRows({ restPort }: BrokerProcess): Promise<Map<string, readonly number[]>> {
  const api = `http://127.0.0.1:${restPort}/api`;
  const body = '{"username":"root","password":"memphis"}';
  const login = await fetch(`${api}/usermgmt/login`, { method: 'POST', body });
  const { jwt } = (await login.json()) as { jwt: string };
  const reply = await fetch(`${api}/stations/getAllStations`, {
    headers: { authorization: `Bearer ${jwt}` },
  });
  const rows = (await reply.json()) as { name: string; partitions_list: number[] }[];
  return new Map(rows.map(({ name, partitions_list: list }) => [name, list]));
}
