import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { MemphisError, ProtocolError } from '../../../src/model/errors';
import type { Memphis } from '../../../src/runtime/messaging';
import { readDelivery } from '../../../src/runtime/messaging/consume/delivery';
import { readPublishAck } from '../../../src/runtime/messaging/produce/publish-ack';
import { readSchemaUpdate } from '../../../src/runtime/messaging/station/schema-update';
import { eventually, TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
let raw: Socket;
const reported: Error[] = [];
beforeAll(async () => {
  memphis = await broker.client();
  memphis.onError((error) => reported.push(error));
  raw = await rawConnection();
});
afterAll(() => raw.destroy());

/** A connection that sends what no client library would. */
async function rawConnection(): Promise<Socket> {
  const { host, port, username, password } = broker.options;
  const socket = createConnection(port, host);
  const login = { verbose: false, headers: true, name: 'raw::root', user: `${username}$1`, pass: password };
  socket.write(`CONNECT ${JSON.stringify(login)}\r\nPING\r\n`);
  await new Promise<void>((resolve) => {
    socket.on('data', (bytes) => {
      if (bytes.includes('PONG')) resolve();
      if (bytes.includes('PING\r\n')) socket.write('PONG\r\n');
    });
  });
  return socket;
}

function send(subject: string, headers: string | undefined, payload: Uint8Array): void {
  const block = headers === undefined ? undefined : Buffer.from(headers);
  const head =
    block === undefined
      ? `PUB ${subject} ${payload.length}\r\n`
      : `HPUB ${subject} ${block.length} ${block.length + payload.length}\r\n`;
  raw.write(Buffer.concat([Buffer.from(head), block ?? Buffer.alloc(0), payload, Buffer.from('\r\n')]));
}

const badHeaders = [
  'NATS/1.0 503\r\n\r\n',
  'NATS/1.0 abc\r\n\r\n',
  'NATS/1.0\r\nno colon\r\n\r\n',
  'NATS/1.0\r\n: no key\r\n\r\n',
  'NOTS/9.9\r\na: b\r\n\r\n',
  'NATS/1.0',
  '\r\n\r\n',
];

const badPayloads = [
  '',
  'no json',
  'null',
  '[]',
  '5',
  '{}',
  '{"error":5}',
  '{"error":{}}',
  '{"seq":"x","stream":1}',
];

test('whatever is said instead of an ack is a typed error, and the connection goes on', async () => {
  const station = broker.stationName();
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  await broker.jetStream(`STREAM.DELETE.${station}$1`);
  const answers: (readonly [headers: string | undefined, payload: string])[] = [];
  for (const headers of badHeaders) answers.push([headers, ''], [headers, 'text']);
  for (const payload of badPayloads) answers.push([undefined, payload]);
  let next = 0;
  const listener = broker.observer.subscribe(`${station}$1.final`, {
    callback: (_error, message) => {
      const [headers, payload] = answers[next] ?? [undefined, ''];
      next += 1;
      send(message.reply ?? '', headers, Buffer.from(payload));
    },
  });
  await broker.observer.flush();
  for (const answer of answers) {
    const error: unknown = await producer
      .produce({ message: 'm', ackWaitSec: 2 })
      .catch((thrown: unknown) => thrown);
    expect([answer, error instanceof MemphisError]).toEqual([answer, true]);
  }
  listener.unsubscribe();
  expect(memphis.isConnected()).toBe(true);
  expect((await memphis.station({ name: station.concat('-2') })).name).toContain(station);
});

test('a stored message with headers that cannot be read: its payload can, the error is typed, the next one comes', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const consumer = await memphis.consumer({
    stationName: station,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 300,
  });
  for (const headers of badHeaders) send(`${station}$1.final`, headers, Buffer.from('payload'));
  await eventually(async () => ((await broker.stream(station))?.state.messages ?? 0) > 0, 'some are stored');
  await memphis.produce({ stationName: station, producerName: 'p', message: 'last' });
  const messages = await consumer.fetch({ batchSize: 100 });
  const texts = messages.map((message) => Buffer.from(message.getData()).toString());
  expect(texts.at(-1)).toBe('last');
  for (const message of messages) {
    let thrown: unknown;
    try {
      message.getHeaders();
    } catch (error) {
      thrown = error;
    }
    expect(thrown === undefined || thrown instanceof ProtocolError).toBe(true);
    await message.ack();
  }
  await eventually(
    async () => (await broker.durable(station, 1, 'c'))?.num_ack_pending === 0,
    'all are acknowledged',
  );
});

test('broadcasts of any content are skipped and reported, and the next good one counts', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  const subjects = [
    `$memphis_schema_updates_${station}`,
    `$memphis_functions_updates_${station}`,
    '$memphis_sdk_clients_updates',
  ];
  for (const subject of subjects) {
    for (const payload of badPayloads) send(subject, undefined, Buffer.from(payload));
    for (const headers of badHeaders)
      send(subject, headers, Buffer.from('{"init":{"schema_name":"x","type":"y"}}'));
  }
  await eventually(() => reported.length > 0, 'something is reported');
  const schemaName = broker.stationName('schema');
  await memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: '{"type":"object"}' });
  await memphis.enforceSchema({ name: schemaName, stationName: station });
  await eventually(() => producer.schemaName === schemaName, 'the producer follows');
  expect(reported.every((error) => error instanceof MemphisError)).toBe(true);
});

describe('readers of what comes from the network', () => {
  const readers: readonly (readonly [name: string, read: (text: string) => unknown])[] = [
    ['acks', (text) => readPublishAck(Buffer.from(text), 'produce')],
    ['ack subjects', (text) => readDelivery(text)],
    ['schema updates', (text) => readSchemaUpdate(text)],
  ];

  test.each(readers)('%s: any text gives a value or a typed error', (_name, read) => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .array(fc.oneof(fc.string(), fc.nat().map(String)), { maxLength: 12 })
        .map((parts) => parts.join('.')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const value = read(text);
          return !(value instanceof Error) || value instanceof MemphisError;
        } catch (error) {
          return error instanceof MemphisError;
        }
      }),
    );
  });
});
