import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { headers as natsHeaders } from 'nats';

import { DeadLetterHands } from './dead-letter-hands';
import { GoldenBroker, type Json, type JsonObject, textOf } from './golden-broker';
import { filled } from './placeholders';
import { eventually } from '../../support/broker';

/** One flow of dls.json; what was looked at differs from flow to flow. */
type Flow = JsonObject & { readonly id: string };

const flows = new Map(
  (JSON.parse(readFileSync(path.join(__dirname, 'dls.json'), 'utf8')) as Flow[]).map((flow) => [flow.id, flow]),
);

let golden: GoldenBroker;
let hands: DeadLetterHands;
const log: string[] = [];
const replayed = new Set<string>();
beforeAll(async () => {
  golden = await GoldenBroker.start({ log: (line) => log.push(line) });
  hands = new DeadLetterHands(golden);
});
afterAll(() => golden.stop());

function recorded(id: string): Flow {
  const flow = flows.get(id);
  if (flow === undefined) throw new Error(`no flow ${id} in dls.json`);
  replayed.add(id);
  return flow;
}

/** Equal with the recording, where it has placeholders with anything of that kind. */
function expectEqual(actual: Json | undefined, expected: Json | undefined): void {
  const text = JSON.stringify(actual).replaceAll(golden.connectionId, '<connection-id>');
  const here = JSON.parse(text) as Json;
  expect(here).toEqual(filled(expected ?? null, here));
}

/** The rows as a client can see them: without the partition and the tenant, which no call tells. */
async function expectRows(station: string, expected: Json | undefined): Promise<void> {
  const rows = (expected as JsonObject[]).map(({ partition_number: _partition, tenant_name: _tenant, ...row }) => row);
  const actual = await hands.rows(station);
  expectEqual(actual.map((row, index) => (rows[index] === undefined ? row : pick(row, rows[index]))), rows);
}

function pick(actual: JsonObject, keys: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, actual[key] ?? null]));
}

async function expectOverview(station: string, expected: Json | undefined): Promise<void> {
  const overview = await hands.overview(station);
  const groups = (overview.connected_cgs as JsonObject[]).map(
    ({ name, poison_messages, unprocessed_messages, in_process_messages }) =>
      ({ name, poison_messages, unprocessed_messages, in_process_messages }) as JsonObject,
  );
  expectEqual(pick({ ...overview, connected_cgs: groups }, expected as JsonObject), expected);
}

describe('poison messages', () => {
  test('a message that no group could process becomes a row, once the group asks for more', async () => {
    const flow = recorded('poison.no-dls-station');
    await hands.station('d.src');
    await hands.group('d.src', 'Cg.One', { ack: 1000 });
    await hands.publish('d#src$1', ['hello']);
    expect(await hands.pull('d#src$1', 'cg#one')).toHaveLength(1);
    await eventually(async () => (await hands.pull('d#src$1', 'cg#one')).length === 1, 'the second delivery');
    await pause(1200);
    expect(await hands.rows('d.src')).toHaveLength(flow.rows_8s_after_second_delivery_without_further_pull as number);
    await hands.settled(() => hands.pull('d#src$1', 'cg#one'));
    await expectRows('d.src', flow.db_row);
    await expectOverview('d.src', flow.overview);
    expectEqual(await hands.messages('d#src$1'), flow.source_stream);
  });

  test('details of a row', async () => {
    const flow = recorded('poison.details');
    const [row] = await hands.rows('d.src');
    const id = row?.id ?? 0;
    expectEqual(await hands.details('d.src', id), flow.getMessageDetails);
    const journey = await golden.rest('GET', '/stations/getPoisonMessageJourney', undefined, { query: { message_id: id } });
    expectEqual({ status: journey.status, body: JSON.parse(journey.text) as Json }, flow.getPoisonMessageJourney);
    expect((await golden.stations()).get('d.src')?.has_dls_messages).toBe(flow.getAllStations_has_dls_messages);
    const { stations } = (await golden.restJson('GET', '/stations/getStations')) as { stations: JsonObject[] };
    const listed = stations.find(({ station }) => (station as JsonObject).name === 'd.src');
    expect(listed?.posion_messages).toBe(flow.getStations_posion_messages);
  });

  test('a second group joins the row', async () => {
    const flow = recorded('poison.second-group');
    await hands.group('d.src', 'cg2');
    await hands.exhaust('d#src$1', 'cg2');
    await expectRows('d.src', flow.db_row);
    await expectOverview('d.src', flow.overview);
  });

  test('sent again to both groups, by both subjects', async () => {
    const flow = recorded('resend.two-groups');
    const [row] = await hands.rows('d.src');
    const heard = await hands.hearing('$memphis_dls_>', 4, async () => {
      const request = { poison_message_ids: [row?.id ?? 0], station_name: 'd.src' };
      const reply = await golden.rest('POST', '/stations/resendPoisonMessages', request);
      expect([reply.status, JSON.parse(reply.text)]).toEqual([flow.status, flow.body]);
    });
    const published = flow.published as JsonObject[];
    expectEqual(
      heard.map((message) => JSON.parse(JSON.stringify(message).replaceAll(`"${JSON.stringify(row?.id)}"`, '"<row id>"')) as Json),
      published,
    );
    await expectRows('d.src', flow.row_after);
  });

  test.each([
    ['pm_ack.string-id', (id: number) => `{"id":"${id}","cg_name":"cg2"}`],
    ['pm_ack.unknown-group', (id: number) => `{"id":${id},"cg_name":"nope"}`],
    ['pm_ack.unknown-id', () => '{"id":999999,"cg_name":"cg2"}'],
    ['pm_ack.first-group', (id: number) => `{"id":${id},"cg_name":"cg2"}`],
    ['pm_ack.wrong-group-when-one-left', (id: number) => `{"id":${id},"cg_name":"nope"}`],
  ])('acknowledged: %s', async (flowId, payload) => {
    const flow = recorded(flowId);
    const [row] = await hands.rows('d.src');
    await hands.settled(() => golden.nats.publish('$memphis_pm_acks', payload(Number(row?.id))));
    await expectRows('d.src', flow.rows_after);
  });

  test('nothing of an acknowledged row is left', async () => {
    await expectOverview('d.src', recorded('poison.row-gone-overview').overview);
    expect((await golden.jetstream('STREAM.INFO.$memphis_dls_contents')).state).toMatchObject({ messages: 0 });
  });

  test('a message without headers', async () => {
    const flow = recorded('poison.headerless');
    await hands.station('d.bare');
    await hands.group('d.bare', 'cg');
    golden.nats.publish('d#bare$1.final', 'nohdr');
    await hands.exhaust('d#bare$1', 'cg');
    await expectRows('d.bare', flow.db_row);
    await expectOverview('d.bare', flow.overview);
  });

  test('the flag off: no row', async () => {
    await hands.station('d.off', { dls_configuration: { poison: false, schemaverse: true } });
    await hands.group('d.off', 'cg');
    await hands.publish('d#off$1', ['x']);
    await hands.exhaust('d#off$1', 'cg');
    await expectRows('d.off', recorded('poison.flag-off').rows);
  });

  test('a durable that no consumer was registered for: no row', async () => {
    await hands.station('d.plain');
    const config = { durable_name: 'plain-durable', ack_policy: 'explicit', max_deliver: 2 };
    await golden.jetstream('CONSUMER.DURABLE.CREATE.d#plain$1.plain-durable', { stream_name: 'd#plain$1', config });
    await hands.publish('d#plain$1', ['x']);
    await hands.exhaust('d#plain$1', 'plain-durable');
    await expectRows('d.plain', recorded('poison.group-without-consumer-row').rows);
  });
});

describe.each([
  ['poison.dls-station-one', 'd.src-one', 'd-dls-one', 1],
  ['poison.dls-station-three', 'd.src-three', 'd-dls-three', 3],
])('copies in a dead-letter station: %s', (flowId, source, target, partitions) => {
  test('one for every message and group, never in the last of several partitions', async () => {
    const flow = recorded(flowId);
    await hands.station(target, { partitions_number: partitions });
    await hands.station(source, { dls_station: target });
    const stream = `${source.replaceAll('.', '#')}$1`;
    await hands.publish(stream, ['m0', 'm1', 'm2', 'm3', 'm4', 'm5']);
    await hands.group(source, 'cg.a');
    await hands.exhaust(stream, 'cg#a', 6);
    const first = flow.copies_after_first_group as JsonObject;
    const copies = (await Promise.all(Object.keys(first).map((name) => hands.messages(name)))).flat();
    expect(copies.map(({ data }) => data).sort()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5']);
    const { headers } = (Object.values(flows.get('poison.dls-station-one')?.copies_after_first_group ?? {}) as JsonObject[][])[0]?.[0] ?? {};
    for (const copy of copies) expectEqual(lines(copy.headers), lines((headers as string).replace('d.src-one', source)));
    if (partitions > 1) expect(copies.filter(({ subject }) => subject === `${target}$${partitions}.final`)).toEqual([]);
    await hands.group(source, 'cg.b');
    await hands.exhaust(stream, 'cg#b', 6);
    const counts = await Promise.all(
      Object.keys(flow.copies_after_second_group as JsonObject).map(async (name) => (await hands.messages(name)).length),
    );
    expect(counts.reduce((total, count) => total + count, 0)).toBe(12);
    const rows = await hands.rows(source);
    expectEqual(rows.map((row) => row.poisoned_cgs ?? null), Array<Json>(6).fill(['cg.a', 'cg.b']));
    expect((await hands.overview(source)).total_dls_messages).toBe(6);
    const overview = await hands.overview(target);
    const { first_message: shown, ...others } = flow.overview_of_dls_station as JsonObject;
    expectEqual(pick(overview, others), others);
    const { data: _data, message_seq: _seq, partition: _partition, ...kept } = shown as JsonObject;
    expectEqual(pick((overview.messages as JsonObject[])[0] ?? {}, kept), kept);
  });
});

function lines(block: Json | undefined): Json {
  return textOf(block).split('\r\n').sort();
}

test('rows lose a group with its last consumer, and go with the last group', async () => {
  const flow = recorded('rows-when-groups-are-destroyed');
  const groups = async (): Promise<Json> => (await hands.rows('d.src-one')).map((row) => row.poisoned_cgs ?? null);
  expectEqual(await groups(), flow.before);
  await hands.leave('d.src-one', 'cg.a');
  expectEqual(await groups(), flow.after_first_destroy);
  await hands.leave('d.src-one', 'cg.b');
  expectEqual(await groups(), flow.after_second_destroy);
});

test('drop some, send all again, purge all', async () => {
  const flow = recorded('drop-resend-all-purge');
  const rows = await hands.rows('d.src-three');
  expect(rows).toHaveLength(flow.rows_before as number);
  const ids = rows.slice(0, 2).map(({ id }) => id ?? null);
  await golden.rest('POST', '/stations/dropDlsMessages', { dls_type: 'poison', dls_message_ids: ids, station_name: 'd.src-three' });
  expect(await hands.rows('d.src-three')).toHaveLength(flow.after_drop_of_2 as number);
  const request = { poison_message_ids: [], station_name: 'd.src-three' };
  const heard = await hands.hearing('$memphis_dls_d#src-three.*', flow.published_new_style as number, async () => {
    const reply = await golden.rest('POST', '/stations/resendPoisonMessages', request);
    expect(reply.status).toBe(flow.resend_all_status);
  });
  expect(heard).toHaveLength(8);
  await eventually(async () => (await golden.stations()).get('d.src-three')?.resend_disabled === false, 'the end of the task');
  const tasks = await golden.rest('GET', '/asyncTasks/getAsyncTasks');
  expect({ status: tasks.status, body: tasks.text }).toEqual(flow.async_tasks_after);
  expect(await hands.rows('d.src-three')).toHaveLength(flow.rows_after_resend_all as number);
  const purge = { station_name: 'd.src-three', purge_dls: true, partitions_list: [-1] };
  await golden.rest('DELETE', '/stations/purgeStation', purge);
  expect(await hands.rows('d.src-three')).toHaveLength(flow.rows_after_purge_dls as number);
  expect(await hands.messages('d#src-three$1')).toHaveLength(flow.source_messages_after_purge_dls as number);
});

describe('messages that a consumer gave up on', () => {
  const nack = (request: Json): Promise<void> =>
    hands.settled(() => golden.nats.publish('$memphis_nacked_dls', typeof request === 'string' ? request : JSON.stringify(request)));

  test('a row', async () => {
    const flow = recorded('nacked.without-dls-station');
    await hands.station('d.nack');
    await hands.group('d.nack', 'cg.n');
    await hands.publish('d#nack$1', ['bad one']);
    await nack(flow.payload ?? null);
    await expectRows('d.nack', flow.rows);
    const { connected_cgs: _groups, ...overview } = flow.overview as JsonObject;
    await expectOverview('d.nack', overview);
  });

  test('odd inputs make no row, and say so', async () => {
    recorded('nacked.odd-inputs');
    const request = { station_name: 'd#nack', error: 'e', cg_name: 'cg.n', seq: 1, partition: 1 };
    const before = await hands.rows('d.nack');
    log.length = 0;
    for (const odd of [
      { ...request, seq: 99 },
      { ...request, station_name: 'unknown' },
      '{',
      { ...request, cg_name: 'unknown' },
      // The first two end a real broker, the third stalls it.
      { ...request, partition: 0 },
      { station_name: 'd#nack', cg_name: 'cg.n', seq: 1 },
      { ...request, station_name: 'd.nack' },
    ]) {
      await nack(odd);
    }
    expect(await hands.rows('d.nack')).toEqual(before);
    expect(log).toEqual([
      '$memphis_nacked_dls: a message is ignored: unexpected end of JSON input',
      '$memphis_nacked_dls for d#nack without a partition is ignored; a real broker ends',
      '$memphis_nacked_dls for d#nack without a partition is ignored; a real broker ends',
      '$memphis_nacked_dls names d.nack instead of its internal name is ignored; a real broker stalls for 40 s',
    ]);
  });

  test('a copy in the dead-letter station; none of a message without headers, which ends a real broker', async () => {
    const flow = recorded('nacked.with-dls-station');
    await hands.station('d-dls');
    await golden.rest('POST', '/stations/attachDlsStation', { name: 'd-dls', station_names: ['d.nack'] });
    await nack(flow.payload ?? null);
    const copies = await hands.messages('d-dls$1');
    expect(copies.map(({ data, subject }) => [data, subject])).toEqual([['bad one', 'd-dls$1.final']]);
    const [copy] = flow.copies_in_dls_station as JsonObject[];
    expectEqual(lines(copies[0]?.headers), lines(copy?.headers));
    golden.nats.publish('d#nack$1.final', 'bare');
    await golden.barrier();
    log.length = 0;
    await nack({ ...(flow.payload as JsonObject), seq: 2 });
    expect(await hands.messages('d-dls$1')).toHaveLength(1);
    expect(log).toEqual(['a dead letter of d.nack has no headers and is not copied to d-dls; a real broker ends there']);
  });

  test('the flag off: no row', async () => {
    await hands.publish('d#off$1', ['y']);
    await nack({ station_name: 'd#off', error: 'e', cg_name: 'cg', seq: 2, partition: 1 });
    await expectRows('d.off', recorded('nacked.poison-flag-off').rows);
  });
});

describe('messages that a producer refused', () => {
  const refuse = (request: Json): Promise<void> =>
    hands.settled(() => {
      const text = typeof request === 'string' ? request : JSON.stringify(request);
      golden.nats.publish('$memphis_schemaverse_dls', text.replaceAll('<connection-id>', golden.connectionId));
    });
  const drop = async (): Promise<void> => {
    const ids = (await hands.rows('d.sf')).map(({ id }) => id ?? null);
    await golden.rest('POST', '/stations/dropDlsMessages', { dls_type: 'schema', dls_message_ids: ids, station_name: 'd.sf' });
  };

  test.each(['schema-failed.without-dls-station', 'schema-failed.flag-off', 'schema-failed.with-dls-station'])('%s', async (flowId) => {
    const flow = recorded(flowId);
    if (flowId.endsWith('without-dls-station')) await hands.station('d.sf');
    await golden.rest('PUT', '/stations/updateDlsConfig', { station_name: 'd.sf', poison: true, schemaverse: !flowId.endsWith('off') });
    if (flow.copies_in_dls_station !== undefined) {
      await golden.rest('DELETE', '/stations/purgeStation', { station_name: 'd-dls', purge_station: true, partitions_list: [-1] });
      await golden.rest('POST', '/stations/attachDlsStation', { name: 'd-dls', station_names: ['d.sf'] });
    }
    await refuse(flow.payload ?? null);
    await expectRows('d.sf', flow.rows);
    await expectOverview('d.sf', flow.overview);
    const [row] = await hands.rows('d.sf');
    expectEqual(await hands.details('d.sf', row?.id ?? 0), flow.getMessageDetails);
    if (flow.copies_in_dls_station !== undefined) {
      const [copy] = flow.copies_in_dls_station as JsonObject[];
      const copies = await hands.messages('d-dls$1');
      expect(copies.map(({ data }) => data)).toEqual([copy?.data]);
      expectEqual(lines(copies[0]?.headers), lines(copy?.headers));
    }
    if (flowId.endsWith('without-dls-station')) {
      const resend = recorded('schema-failed.resend');
      const request = { poison_message_ids: [row?.id ?? 0], station_name: 'd.sf' };
      expect((await golden.rest('POST', '/stations/resendPoisonMessages', request)).status).toBe(resend.status);
      expect(await hands.rows('d.sf')).toHaveLength(resend.rows_after as number);
    }
    await drop();
  });

  test('odd inputs', async () => {
    const flow = recorded('schema-failed.odd-inputs');
    await golden.rest('DELETE', '/stations/detachDlsStation', { name: 'd-dls', station_names: ['d.sf'] });
    const request = flows.get('schema-failed.without-dls-station')?.payload as JsonObject;
    await refuse(request);
    const { partition_number: _none, ...withoutPartition } = request;
    await refuse({ ...withoutPartition, message: { data: '78', headers: null } });
    await refuse({ ...request, station_name: 'unknown' });
    await refuse('{');
    log.length = 0;
    await refuse({ ...request, message: { data: 'no hex', headers: {} } });
    expect(log).toEqual(['$memphis_schemaverse_dls for d.sf with data that is not hex is ignored; a real broker keeps it 10 times']);
    await expectRows('d.sf', flow.rows);
  });
});

test('a message that was refused at every delivery', async () => {
  const flow = recorded('nak-until-exhausted');
  await hands.station('d.nak');
  await hands.group('d.nak', 'cg', { deliveries: 3 });
  await hands.publish('d#nak$1', ['x']);
  expect(await hands.exhaust('d#nak$1', 'cg')).toBe(flow.deliveries);
  await expectRows('d.nak', flow.rows);
});

test('an ack_based station keeps the message', async () => {
  const flow = recorded('ack_based');
  await hands.station('d.int', { retention_type: 'ack_based' });
  const ack = await golden.nats.jetstream().publish('d#int$1.final', 'lost');
  expect({ stream: ack.stream, seq: ack.seq }).toEqual(flow.publish_ack_without_group);
  expect(await hands.messages('d#int$1')).toHaveLength(flow.messages_after_publish_without_group as number);
  await hands.group('d.int', 'cg');
  await hands.publish('d#int$1', ['after']);
  await hands.exhaust('d#int$1', 'cg');
  expect((await golden.jetstream('STREAM.INFO.d#int$1')).state).toMatchObject({ messages: flow.messages_after_exhaustion });
  await expectRows('d.int', flow.rows);
});

describe('times', () => {
  /** Milliseconds until the station has a dead letter. */
  const msToRow = async (station: string, since: number, poll: () => Promise<unknown> = () => Promise.resolve()): Promise<number> => {
    await eventually(async () => {
      await poll();
      return (await hands.rows(station)).length > 0;
    }, `a dead letter of ${station}`);
    return performance.now() - since;
  };

  test('a message that is given up on has its row after the last time to acknowledge it, and no later than recorded', async () => {
    const trials = recorded('poison.timings').trials as readonly { deliveries: number; ms_from_last_delivery_to_row: number }[];
    await hands.station('d.time');
    await hands.group('d.time', 'cg', { ack: 1000, deliveries: 2 });
    await hands.publish('d#time$1', ['x']);
    const deliveries: number[] = [];
    const ms = await msToRow('d.time', 0, async () => {
      for (let { length } = await hands.pull('d#time$1', 'cg'); length > 0; length--) deliveries.push(performance.now());
    });
    const [trial] = trials;
    expect(deliveries).toHaveLength(trial?.deliveries ?? 0);
    const late = ms - (deliveries.at(-1) ?? 0);
    // The server's clock and this one do not start at the same moment.
    expect(late).toBeGreaterThan(900);
    expect(late).toBeLessThan(Math.max(...trials.map((each) => each.ms_from_last_delivery_to_row)));
  });

  test('a message that a consumer gave up on itself has its row no later than recorded', async () => {
    const most = Math.max(...(recorded('nacked.timings').ms_from_publish_to_row as readonly number[]));
    await hands.station('d.soon');
    await hands.group('d.soon', 'cg');
    await hands.publish('d#soon$1', ['x']);
    const since = performance.now();
    const request = { station_name: 'd#soon', error: 'e', partition: 1, cg_name: 'cg', seq: 1 };
    golden.nats.publish('$memphis_nacked_dls', JSON.stringify(request));
    expect(await msToRow('d.soon', since)).toBeLessThan(most);
  });
});

test('every recorded flow is replayed', () => {
  expect([...replayed].sort()).toEqual([...flows.keys()].sort());
});

test.each<[header: string, length: number, why: string]>([
  ['big', 60_000, 'headers count, too'],
  ['msg-id', 30_000, 'the header that stock servers know comes on top of it, with as many bytes'],
  ['msg-id', 60_000, 'such an id cannot stand there twice: no server stores more than 64 KiB of headers'],
])('a message of the greatest size is kept, shown, copied and sent again, with %s of %d bytes: %s', async (header, length) => {
  const station = `d.large-${header}-${length}`;
  const stream = `d#large-${header}-${length}$1`;
  await hands.station(`${station}-copies`);
  await hands.station(station, { dls_station: `${station}-copies` });
  await hands.group(station, 'cg');
  const value = 'h'.repeat(length);
  const block = natsHeaders();
  block.set(header, value);
  const room = 1_048_576 - value.length - `NATS/1.0\r\n${header}: \r\n\r\n`.length;
  expect(golden.nats.info?.max_payload).toBe(1_048_576);
  log.length = 0;
  const data = 'd'.repeat(room);
  await golden.nats.jetstream().publish(`${stream}.final`, data, { headers: block });
  await hands.exhaust(stream, 'cg');
  const id = (await hands.rows(station)).at(-1)?.id ?? 0;
  const { message } = (await hands.details(station, id)).body as { message: { data: string; headers: JsonObject } };
  expect(Buffer.from(message.data, 'hex').toString() === data).toBe(true);
  expect(message.headers).toEqual({ [header]: value });
  const heard = await hands.hearing(`$memphis_dls_${stream.slice(0, -2)}.cg`, 1, async () => {
    const reply = await golden.rest('POST', '/stations/resendPoisonMessages', { poison_message_ids: [id], station_name: station });
    expect(reply.status).toBe(200);
  });
  expect(heard.map((each) => each.data === data)).toEqual([true]);
  const copies = await hands.messages(`${stream.slice(0, -2)}-copies$1`);
  expect(copies.map((copy) => [copy.data === data, copy.headers.includes(`\r\n${header}: ${value}\r\n`)])).toEqual([[true, true]]);
  expect(log).toEqual([]);
});
