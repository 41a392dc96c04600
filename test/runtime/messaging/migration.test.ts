import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Consumer as ConsumerClass,
  Headers,
  Memphis,
  Message as MessageClass,
  Producer,
  Retention,
  Station,
  Storage,
} from '../../../src/runtime';
import type { Consumer, Message } from '../../../src/runtime';
import { TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

async function received(message: unknown = '{"id":1}'): Promise<{ message: Message; consumer: Consumer }> {
  const stationName = broker.stationName();
  await memphis.produce({ stationName, producerName: 'p', message });
  const consumer = await memphis.consumer({ stationName, consumerName: 'c', batchMaxTimeToWaitMs: 300 });
  const [first] = await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 2000 });
  if (first === undefined) throw new Error('no message came');
  return { message: first, consumer };
}

/** What each row of the table says of this client. */
const rows: Readonly<Record<string, () => Promise<void>>> = {
  connect: async () => {
    const before = { ...process.env };
    const { host, port, username, password } = broker.options;
    Object.assign(process.env, {
      ...{
        MEMPHIS_HOST: host,
        MEMPHIS_PORT: String(port),
        MEMPHIS_USERNAME: username,
        MEMPHIS_PASSWORD: password,
      },
    });
    const client = new Memphis();
    try {
      await client.connect({});
      expect(client.isConnected()).toBe(true);
    } finally {
      process.env = before;
      await client[Symbol.asyncDispose]();
    }
    expect(client.isConnected()).toBe(false);
  },
  delay: async () => {
    const { message, consumer } = await received();
    await expect(message.delay(5000 as never)).rejects.toThrow(
      'could not delay a message: the delay is 5000, without its unit; write delay({ seconds: 5000 })',
    );
    await message.delay({ seconds: 0.1 });
    expect(await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 2000 })).toHaveLength(1);
  },
  polling: async () => {
    const { message, consumer } = await received();
    await message.nack();
    consumer.setContext({ who: 'me' });
    const [messages, error, context] = await new Promise<unknown[]>((resolve) =>
      consumer.consume((...given) => resolve(given)),
    );
    expect([(messages as Message[]).length, error, context]).toEqual([1, undefined, { who: 'me' }]);
    await consumer.stop();
  },
  'errors of polling': async () => {
    const { message, consumer } = await received();
    await message.ack();
    const error = await new Promise((resolve) =>
      consumer.consume((_messages, given) => given && resolve(given)),
    );
    expect(error).toMatchObject({ code: 'MEMPHIS_TIMEOUT' });
    await consumer.stop();
  },
  payload: async () => {
    const data = (await received('text')).message.getData();
    expect(Buffer.isBuffer(data)).toBe(false);
    expect(Buffer.from(data).toString()).toBe('text');
  },
  JSON: async () => {
    expect((await received('{"id":[1,null]}')).message.json()).toEqual({ id: [1, null] });
    for (const [payload, problem] of [
      ['secret', 'the payload of 6 bytes is not JSON; use getData'],
      [Buffer.from([0x22, 0xe9, 0x22]), 'the payload is not UTF-8; use getData'],
    ] as const) {
      const { message } = await received(payload);
      expect(() => message.json()).toThrow(problem);
      expect(() => message.json()).not.toThrow('secret');
    }
  },
  blocking: async () => {
    const options = { stationName: broker.stationName(), producerName: 'p', message: 'm' };
    expect(await memphis.produce(options)).toMatchObject({ sequence: 1, duplicate: false });
    expect(await memphis.produce({ ...options, nonblocking: true })).toBeUndefined();
  },
  headers: async () => {
    const stationName = broker.stationName();
    const consumer = await memphis.consumer({ stationName, consumerName: 'c' });
    for (const headers of [{ a: '1' }, new Headers().add('a', '1')])
      await memphis.produce({ stationName, producerName: 'p', message: 'm', headers });
    const messages = await consumer.fetch({ batchSize: 2, batchMaxTimeToWaitMs: 2000 });
    expect(messages.map((message) => message.getHeaders())).toEqual([{ a: '1' }, { a: '1' }]);
  },
  'random names': async () => {
    const stationName = broker.stationName();
    const names = { stationName, producerName: 'p' };
    await expect(memphis.producer({ ...names, genUniqueSuffix: true } as never)).rejects.toThrow(
      'genUniqueSuffix is not an option of this call',
    );
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the option keeps working
    const producer = await memphis.producer({ ...names, generateRandomSuffix: true });
    expect(producer.producerName).toMatch(/^p_[0-9a-f]{8}$/);
  },
  retention: async () => {
    const name = broker.stationName();
    await expect(memphis.station({ name, retentionType: Retention.MESSAGES })).rejects.toThrow(
      'retentionValue is missing',
    );
    await memphis.station({ name, retentionType: Retention.MESSAGES, retentionValue: 5 });
  },
  storage: async () => {
    await memphis.station({ name: broker.stationName(), storageType: Storage.DISK });
  },
  end: async () => {
    const { message, consumer } = await received();
    const { stationName } = consumer;
    await message.ack();
    await consumer[Symbol.asyncDispose]();
    await expect(consumer.fetch()).rejects.toThrow('the consumer is stopped');
    await memphis.produce({ stationName, producerName: 'p', message: 'second' });
    const next = await memphis.consumer({ stationName, consumerName: 'c' });
    const rest = await next.fetch({ batchSize: 5, batchMaxTimeToWaitMs: 1000 });
    expect(rest.map((each) => Buffer.from(each.getData()).toString())).toEqual(['second']);
  },
  'several stations': async () => {
    const stationName = [broker.stationName(), broker.stationName()];
    const producer = await memphis.producer({ stationName, producerName: 'p' });
    expect(await producer.produce({ message: 'm' })).toHaveLength(2);
    await (await memphis.station({ name: stationName[0] ?? '' })).destroy();
    await expect(producer.produce({ message: 'm' })).rejects.toMatchObject({
      code: 'MEMPHIS_PARTIAL_FAILURE',
      succeeded: [stationName[1]],
    });
    await producer[Symbol.asyncDispose]();
    await expect(producer.produce({ message: 'm' })).rejects.toThrow('the producer is destroyed');
    const single = await memphis.producer({ stationName: broker.stationName(), producerName: 'p' });
    await single[Symbol.asyncDispose]();
    await expect(single.produce({ message: 'm' })).rejects.toThrow('destroyed');
  },
  'wrong options': async () => {
    const options = { name: broker.stationName(), partitions: 3 };
    await expect(memphis.station(options)).rejects.toThrow(
      'partitions is not an option of this call; use partitionsNumber, or remove it',
    );
  },
};

const page = readFileSync(join(__dirname, '../../../docs/migrating-from-memphis-dev.md'), 'utf8');
const [table = '', names = ''] = page.split('## Where each name is');
const subjects = [...table.matchAll(/^\| ([^|`]+?) +\|/gm)].map(([, subject]) => subject).slice(2);

test('every difference of the table has a test, and every test a row', () => {
  expect(subjects).toEqual(Object.keys(rows));
});

test.each(Object.entries(rows))('%s', async (_, check) => check());

const classes = { Memphis, Producer, Consumer: ConsumerClass, Message: MessageClass, Station };

test('every name that is said to be the same exists', () => {
  const same = [...names.matchAll(/^\| `(\w+)`: (.+?) +\| the same +\|$/gm)];
  expect(same.map(([, name]) => name)).toEqual(Object.keys(classes));
  for (const [, name, members = ''] of same) {
    const { prototype } = classes[name as keyof typeof classes];
    for (const [, member = ''] of members.matchAll(/`(\w+)`/g))
      expect([name, member, typeof Reflect.get(prototype, member)]).toEqual([name, member, 'function']);
  }
});

test('the former name of the retries is reported with the new one', async () => {
  await expect(memphis.station({ name: broker.stationName(), timeoutRetry: 1 } as never)).rejects.toThrow(
    'timeoutRetry is not an option of this call; use timeoutRetries, or remove it',
  );
});
