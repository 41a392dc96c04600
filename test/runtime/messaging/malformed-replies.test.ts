import fc from 'fast-check';
import { MemphisError } from '../../../src/model/errors';
import type { Memphis, Message } from '../../../src/runtime/messaging';
import { registration, ScriptedBroker } from '../../conformance/defects/scripted-broker';
import { eventually } from '../../support/broker';
import { headerBlocks, mutatedJson } from '../../support/mutated';
import { many } from '../../support/random';

// Anything may come instead of what a broker says. Each time: a value or a typed error, the connection stays, and the next
// right answer counts. `npm run soak` tries ten times as many, and others.
const broker = ScriptedBroker.forThisFile();
// Not shrunk: each try takes its time.
const settings = { numRuns: many(40), endOnFailure: true };

const TIME_IS_OVER = 'NATS/1.0 408 Request Timeout\r\n\r\n';
const streamFacts = { config: { retention: 'limits' }, state: { last_seq: 1 } };

let memphis: Memphis;
let count = 0;
beforeAll(async () => {
  memphis = await broker.client();
});
afterEach(() => {
  expect(memphis.isConnected()).toBe(true);
  expect(broker.reported.filter((error) => !(error instanceof MemphisError))).toEqual([]);
});

/** The error of a call, which must be one of ours; undefined when it went well. */
async function typed(call: () => unknown): Promise<MemphisError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof MemphisError) return error;
    throw error;
  }
}

const right = JSON.stringify(registration);
const withSchema = {
  ...registration,
  schema_update: {
    schema_name: 's',
    type: 'json',
    active_version: { version_number: 1, descriptor: '', schema_content: '{}', message_struct_name: '' },
  },
  station_partitions_first_functions: { '1': 7 },
};

test.each([
  [
    '$memphis_producer_creations',
    async (stationName: string) => {
      const producer = await memphis.producer({ stationName, producerName: 'p' });
      // It is of some use, or it is an error.
      expect(producer.partitionNumbers.every((number) => Number.isInteger(number) && number >= 0)).toBe(true);
      await typed(() => producer.produce({ message: '{}', ackWaitSec: 0.01 }));
      await producer.destroy();
    },
  ],
  [
    '$memphis_consumer_creations',
    async (stationName: string) => {
      const consumer = await memphis.consumer({ stationName, consumerName: 'c' });
      await consumer.destroy();
    },
  ],
])('registrations: %s', async (subject, use) => {
  const replies = fc.tuple(mutatedJson(withSchema), fc.option(headerBlocks, { nil: undefined }));
  await fc.assert(
    fc.asyncProperty(replies, async ([payload, block]) => {
      const name = `st${(count += 1)}`;
      await broker.answer(subject, () => (block === undefined ? payload : { payload, block }));
      await typed(() => use(name));
      await broker.answer(subject, right);
      await use(name);
    }),
    settings,
  );
});

test('acknowledgements of published messages', async () => {
  const producer = await memphis.producer({ stationName: 'acks', producerName: 'p' });
  const subject = 'acks$1.final';
  const acks = fc.tuple(
    mutatedJson({
      stream: 'acks$1',
      seq: 5,
      duplicate: true,
      error: { code: 503, err_code: 1, description: 'd' },
    }),
    fc.option(headerBlocks, { nil: undefined }),
  );
  await fc.assert(
    fc.asyncProperty(acks, async ([payload, block]) => {
      await broker.answer(subject, () => (block === undefined ? payload : { payload, block }));
      await typed(async () => {
        const receipt = await producer.produce({ message: 'm', ackWaitSec: 1 });
        expect(Number.isSafeInteger(receipt.sequence)).toBe(true);
      });
      await broker.answer(subject, '{"stream":"acks$1","seq":7}');
      expect(await producer.produce({ message: 'm', ackWaitSec: 1 })).toMatchObject({ sequence: 7 });
    }),
    settings,
  );
});

test('broadcasts', async () => {
  const station = 'broadcasts';
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  const update = { UpdateType: 1, init: withSchema.schema_update };
  const broadcasts = fc.oneof(
    mutatedJson(update).map((text) => [`$memphis_schema_updates_${station}`, text] as const),
    mutatedJson({ functions: { '1': 7 } }).map(
      (text) => [`$memphis_functions_updates_${station}`, text] as const,
    ),
    // One that is right would end the producer, or change what it knows.
    mutatedJson({ station_name: 'other', type: 'schemaverse_to_dls', update: true }).map(
      (text) => ['$memphis_sdk_clients_updates', text] as const,
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      broadcasts,
      fc.option(headerBlocks, { nil: undefined }),
      async ([subject, payload], block) => {
        broker.send(subject, block === undefined ? payload : { payload, block });
        const name = `s${(count += 1)}`;
        broker.send(`$memphis_functions_updates_${station}`, '{"functions":{}}');
        broker.send(
          `$memphis_schema_updates_${station}`,
          JSON.stringify({ ...update, init: { ...update.init, schema_name: name } }),
        );
        await eventually(() => producer.schemaName === name, 'the right one counts');
      },
    ),
    settings,
  );
});

/** Everything that can be asked of a message. */
async function askAll(message: Message | undefined): Promise<void> {
  if (message === undefined) return;
  const asked: readonly (() => unknown)[] = [
    () => message.getData(),
    () => message.getDataDeserialized(),
    () => message.getHeaders(),
    () => message.getMsgId(),
    () => message.getProducerName(),
    () => message.getSequenceNumber(),
    () => message.getPartitionNumber(),
    () => message.getTimeSent(),
    () => message.isDeadLetter(),
    () => message.deadLetter('reason'),
    () => message.delay({ seconds: 1 }),
    () => message.nack(),
    () => message.ack(),
  ];
  for (const ask of asked) await typed(ask);
}

test('dead letters that are sent again', async () => {
  const consumer = await memphis.consumer({ stationName: 'letters', consumerName: 'c' });
  await broker.answer('$JS.API.CONSUMER.MSG.NEXT.letters$1.c', () => ({ payload: '', block: TIME_IS_OVER }));
  await fc.assert(
    fc.asyncProperty(fc.string(), headerBlocks, async (payload, block) => {
      broker.send('$memphis_dls_letters.c', { payload, block });
      broker.send('$memphis_dls_letters.c', 'right');
      const texts: string[] = [];
      await eventually(async () => {
        const letters = await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 100 });
        for (const letter of letters) {
          texts.push(Buffer.from(letter.getData()).toString());
          await askAll(letter);
        }
        return texts.at(-1) === 'right';
      }, 'the right one comes');
      expect(texts).toEqual([payload, 'right']);
    }),
    settings,
  );
});

test('what comes instead of messages, and ack subjects', async () => {
  const consumer = await memphis.consumer({ stationName: 'pulls', consumerName: 'c' });
  const subject = '$JS.API.CONSUMER.MSG.NEXT.pulls$1.c';
  const word = fc.constantFrom(
    'any',
    'ack',
    'pulls$1',
    'c',
    '1',
    '0',
    '-1',
    'x',
    '99999999999999999999',
    '1.5',
  );
  const replySubjects = fc.oneof(
    fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join('.')),
    fc
      .tuple(
        fc.constantFrom('pulls$1', 'old', '$', 'a$b$3'),
        fc.bigInt(0n, 2n ** 64n),
        fc.bigInt(0n, 2n ** 64n),
      )
      .map(([stream, number, time]) => `any.ack.${stream}.c.1.${number}.1.${time}.0`),
  );
  const comes = fc.tuple(
    fc.string(),
    fc.option(headerBlocks, { nil: undefined }),
    fc.option(replySubjects, { nil: undefined }),
  );
  await broker.answer('$memphis_nacked_dls', '');
  await broker.answer('$JS.API.STREAM.INFO.*', JSON.stringify(streamFacts));
  await fc.assert(
    fc.asyncProperty(comes, async ([payload, block, reply]) => {
      await broker.answer(subject, (pull) => {
        broker.send(pull.reply ?? '', { payload, ...(block === undefined ? {} : { block }) }, reply);
        // Should it mean nothing, the pull ends as pulls do.
        broker.send(pull.reply ?? '', { payload: '', block: TIME_IS_OVER });
        return undefined;
      });
      await typed(async () => {
        for (const message of await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 100 })) {
          await askAll(message);
        }
      });
      await broker.answer(subject, (pull) => {
        broker.send(pull.reply ?? '', 'right', 'any.ack.pulls$1.c.1.4.1.1700000000000000000.0');
        return undefined;
      });
      const texts: string[] = [];
      await eventually(async () => {
        const messages = await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 100 });
        texts.push(...messages.map((message) => Buffer.from(message.getData()).toString()));
        return texts.at(-1) === 'right';
      }, 'the right one comes');
    }),
    settings,
  );
});

test.each([
  [
    'facts of a consumer group',
    '$JS.API.CONSUMER.INFO.*.*',
    { name: 'c', error: { err_code: 10_014, description: 'consumer not found' } },
    { name: 'c' },
    async (name: string) => (await memphis.consumer({ stationName: name, consumerName: 'c' })).destroy(),
  ],
  [
    'facts of a stream',
    '$JS.API.STREAM.INFO.*',
    {
      config: { retention: 'limits' },
      state: { last_seq: 1 },
      error: { err_code: 10_059, description: 'no' },
    },
    streamFacts,
    (name: string) => memphis.stationExists(name),
  ],
])('%s', async (_what, subject, reply, good, use) => {
  await broker.answer('$JS.API.CONSUMER.DURABLE.CREATE.*.*', '{"name":"c"}');
  await broker.answer('$JS.API.STREAM.INFO.*', JSON.stringify(streamFacts));
  await fc.assert(
    fc.asyncProperty(mutatedJson(reply), async (payload) => {
      const name = `st${(count += 1)}`;
      await broker.answer(subject, payload);
      await typed(() => use(name));
      await broker.answer(subject, JSON.stringify(good));
      await use(name);
    }),
    settings,
  );
});
