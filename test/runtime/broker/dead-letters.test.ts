import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { headers } from 'nats';

import { LocalBroker } from '../../../src/runtime/broker';
import { BrokerClient } from './broker-client';

let store: string;
let broker: LocalBroker | undefined;
let client: BrokerClient;
const log: string[] = [];

beforeEach(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'broker-dls-test-'));
  await start();
  await client.manage('station_creations', {
    name: 's',
    partitions_number: 1,
    dls_configuration: { poison: true },
  });
  await join();
});

afterEach(async () => {
  await client.close();
  await broker?.stop();
  await rm(store, { recursive: true, force: true });
});

async function start(): Promise<void> {
  log.length = 0;
  broker = await LocalBroker.start({ store, log: (line) => log.push(line) });
  client = await BrokerClient.connect(broker);
}

async function restartAfterKill(): Promise<void> {
  await client.close();
  await broker?.kill();
  await start();
}

const member = {
  name: 'c',
  station_name: 's',
  consumer_type: 'application',
  consumers_group: 'g',
  connection_id: 'x',
  req_version: 4,
  max_msg_deliveries: 1,
  max_ack_time_ms: 200,
  start_consume_from_sequence: 1,
  last_messages: -1,
};

async function join(): Promise<void> {
  await client.manage('consumer_creations', member);
}

/** Takes a message, does not acknowledge it in time, and asks for more. A refused message would not be told again. */
async function exhaust(): Promise<void> {
  const consumer = await client.nats.jetstream().consumers.get('s$1', 'g');
  const message = await consumer.next({ expires: 1_000 });
  expect(message?.seq).toBeDefined();
  await pause(250);
  await askForMore();
}

async function askForMore(): Promise<void> {
  const consumer = await client.nats.jetstream().consumers.get('s$1', 'g');
  expect(await consumer.next({ expires: 1_000 })).toBeNull();
}

interface DeadLetter {
  readonly id: number;
  readonly message: { readonly data: string };
}

async function deadLetters(): Promise<readonly DeadLetter[]> {
  const { poison_messages: found } = await client.rest<{ poison_messages: DeadLetter[] }>(
    'GET',
    '/monitoring/getStationOverviewData?station_name=s&partition_number=-1',
  );
  return found;
}

async function incoming(): Promise<{ messages: number; last_seq: number }> {
  const { state } = await client.jetstream<{ state: { messages: number; last_seq: number } }>(
    'STREAM.INFO.$memphis_dls_incoming',
  );
  return state;
}

/** Waits until the server has told of more messages than that, and all it told has been handled. */
async function toldMoreThan(count: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const { messages, last_seq: told } = await incoming();
    if (told > count && messages === 0) return;
    if (Date.now() > deadline)
      throw new Error(`the server told of ${told} messages, not of more than ${count}`);
    await pause(10);
  }
}

test('a dead letter outlives a kill of the server, and is not told a second time', async () => {
  await client.nats.jetstream().publish('s$1.final', 'bad');
  await exhaust();
  const before = await deadLetters();
  expect(before.map(({ message }) => message.data)).toEqual([Buffer.from('bad').toString('hex')]);
  const { last_seq: told } = await incoming();
  await restartAfterKill();
  await toldMoreThan(told);
  expect(await deadLetters()).toEqual(before);
  // A restarted server tells of it again, before and after it was dropped.
  await client.rest('POST', '/stations/dropDlsMessages', {
    dls_type: 'poison',
    dls_message_ids: before.map(({ id }) => id),
    station_name: 's',
  });
  await restartAfterKill();
  await toldMoreThan(told + 1);
  expect(await deadLetters()).toEqual([]);
  // Only the group itself can be given up on anew.
  await client.manage('consumer_destructions', member);
  await join();
  await exhaust();
  expect(await deadLetters()).toHaveLength(1);
});

test('a copy is made once, whatever the server tells after a restart', async () => {
  await client.manage('station_creations', { name: 'copies', partitions_number: 1 });
  const names = { name: 'copies', station_names: ['s'] };
  await client.rest('POST', '/stations/attachDlsStation', names);
  const block = headers();
  block.set('a', 'b');
  await client.nats.jetstream().publish('s$1.final', 'bad', { headers: block });
  await exhaust();
  const copies = async (): Promise<number> =>
    (await client.jetstream<{ state: { messages: number } }>('STREAM.INFO.copies$1')).state.messages;
  expect(await copies()).toBe(1);
  await restartAfterKill();
  await toldMoreThan(1);
  expect(await copies()).toBe(1);
});

test('the same advisory twice makes one row', async () => {
  await client.nats.jetstream().publish('s$1.final', 'bad');
  await exhaust();
  const before = await deadLetters();
  const advisory = { stream: 's$1', consumer: 'g', stream_seq: 1, deliveries: 1 };
  await client.nats
    .jetstream()
    .publish('$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.s$1.g', JSON.stringify(advisory));
  while ((await incoming()).messages > 0) await client.nats.flush();
  expect(await deadLetters()).toEqual(before);
});

test('contents and rows that a kill separated are forgotten at the next start', async () => {
  await client.nats.jetstream().publish('$memphis_dls_contents.999.1.1.data', 'without a row');
  await restartAfterKill();
  const { state } = await client.jetstream<{ state: { messages: number } }>(
    'STREAM.INFO.$memphis_dls_contents',
  );
  expect([state.messages, log]).toEqual([0, []]);
});

test('a station takes its dead letters with it', async () => {
  await client.nats.jetstream().publish('s$1.final', 'bad');
  await exhaust();
  expect(await deadLetters()).toHaveLength(1);
  await client.manage('station_destructions', { station_name: 's' });
  const { state } = await client.jetstream<{ state: { messages: number } }>(
    'STREAM.INFO.$memphis_dls_contents',
  );
  expect(state.messages).toBe(0);
});
