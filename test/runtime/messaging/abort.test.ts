import { getEventListeners } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError } from '../../../src/model/errors';
import type { Message, MultiStationProducer, Producer } from '../../../src/runtime/messaging';
import { Memphis } from '../../../src/runtime/messaging';
import { CatchingUp } from '../../../src/runtime/messaging/station/catching-up';
import { WireTap } from '../../support/wire-tap';
import { brokerIsExternal, eventually, TestBroker } from '../../support/broker';
import { Gate } from './gate';

const broker = TestBroker.forThisFile();

/** What a test has started; ended after it, also when it fails. */
const cleanUps: (() => Promise<unknown>)[] = [];
// What the client asks for when the connection is back is none of an aborted call's.
beforeEach(() => void jest.spyOn(CatchingUp.prototype, 'begin').mockReturnValue());
afterEach(async () => {
  jest.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(async () => {
  await pause(20);
  process.removeListener('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

const listenersOn = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const atOnce = { signal: AbortSignal.abort(new Error('close at once')) };

/** What a promise is by now, without waiting for it. */
async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'fulfilled' | 'rejected'> {
  const settled = promise.then(
    () => 'fulfilled' as const,
    () => 'rejected' as const,
  );
  return Promise.race([settled, pause(0, 'pending' as const)]);
}

interface Client {
  readonly memphis: Memphis;
  readonly station: string;
  readonly gate: Gate;
  readonly relay: WireTap;
}

/** A client whose way to the broker can be broken, and is written down. */
async function client(): Promise<Client> {
  const relay = await WireTap.before(broker.options.port);
  cleanUps.push(() => relay.close());
  const gate = await Gate.before(relay.port);
  cleanUps.push(() => gate.close());
  const memphis = new Memphis();
  cleanUps.push(() => memphis.close(atOnce));
  memphis.onError(() => undefined);
  await memphis.connect({ ...broker.options, host: '127.0.0.1', port: gate.port, reconnectIntervalMs: 20 });
  return { memphis, station: broker.stationName(), gate, relay };
}

/** What a client published; subscriptions and pings change nothing. */
const published = ({ relay }: Client): string[] =>
  relay.sent.toString('latin1').match(/(?<=^|\n)H?PUB [^\r]*/g) ?? [];

type Call = (signal: AbortSignal) => Promise<unknown>;

/** How a call comes to wait: nothing is heard of the broker, or the connection is lost and is being made again. */
type Trouble = 'silent' | 'lost';
const both: readonly Trouble[] = ['silent', 'lost'];

interface Row {
  readonly name: string;
  /** In which trouble it waits. */
  readonly waits: readonly Trouble[];
  /** Makes what the call needs, while all is well. */
  readonly prepare: (client: Client) => Promise<Call> | Call;
  /** What has to be under way for the call to wait. */
  readonly before?: (client: Client) => Promise<void>;
}

const producerOf = ({ memphis, station }: Client): Promise<Producer> =>
  memphis.producer({ stationName: station, producerName: 'p' });

const listOf = async ({ memphis, station }: Client): Promise<MultiStationProducer> => {
  const list = await memphis.producer({ stationName: [station, `${station}-2`], producerName: 'p' });
  await list.produce({ message: 'first' });
  return list;
};

async function messageOf({ memphis, station }: Client): Promise<Message> {
  await memphis.produce({ stationName: station, producerName: 'p', message: 'm' });
  const consumer = await memphis.consumer({ stationName: station, consumerName: 'c' });
  const [message] = await consumer.fetch({ batchSize: 1 });
  if (message === undefined) throw new Error('there is no message');
  return message;
}

const consumerOf = ({ memphis, station }: Client) =>
  memphis.consumer({ stationName: station, consumerName: 'c', batchMaxTimeToWaitMs: 5_000 });

async function filled(on: Client): Promise<void> {
  await on.memphis.produce({ stationName: on.station, producerName: 'p', message: 'm' });
}

/** A message that nobody acknowledges in the time of the test. */
async function outstanding(on: Client): Promise<void> {
  await (await producerOf(on)).produce({ message: 'm', nonblocking: true });
}

const schema = { schemaType: 'json', schemaContent: '{"type":"string"}' } as const;
const schemaName = (on: Client): string => `schema-${on.station}`;

const rows: readonly Row[] = [
  {
    name: 'Memphis.station',
    waits: both,
    prepare:
      ({ memphis, station }) =>
      (signal) =>
        memphis.station({ name: station, signal }),
  },
  {
    name: 'Memphis.stationExists',
    waits: both,
    prepare:
      ({ memphis, station }) =>
      (signal) =>
        memphis.stationExists(station, { signal }),
  },
  {
    name: 'Memphis.producer',
    waits: both,
    prepare:
      ({ memphis, station: stationName }) =>
      (signal) =>
        memphis.producer({ stationName, producerName: 'new', signal }),
  },
  {
    // It makes its producers when they are needed, so it never waits.
    name: 'Memphis.producer of several stations',
    waits: [],
    prepare:
      ({ memphis, station }) =>
      (signal) =>
        memphis.producer({ stationName: [station], producerName: 'new', signal }),
  },
  {
    name: 'Memphis.consumer',
    waits: both,
    prepare:
      ({ memphis, station: stationName }) =>
      (signal) =>
        memphis.consumer({ stationName, consumerName: 'new', signal }),
  },
  {
    name: 'Memphis.produce, which makes its producer first',
    waits: both,
    prepare:
      ({ memphis, station: stationName }) =>
      (signal) =>
        memphis.produce({ stationName, producerName: 'new', message: 'm', signal }),
  },
  {
    name: 'Memphis.produce to several stations',
    waits: both,
    prepare:
      ({ memphis, station }) =>
      (signal) =>
        memphis.produce({ stationName: [station], producerName: 'new', message: 'm', signal }),
  },
  {
    name: 'Memphis.flush',
    waits: both,
    before: outstanding,
    prepare: async (on) => {
      await producerOf(on);
      return (signal) => on.memphis.flush({ signal });
    },
  },
  {
    name: 'Memphis.fetchMessages',
    waits: both,
    prepare: async (on) => {
      await filled(on);
      const names = { stationName: on.station, consumerName: 'new', batchSize: 1 };
      return (signal) => on.memphis.fetchMessages({ ...names, signal });
    },
  },
  {
    name: 'Memphis.createSchema',
    waits: both,
    prepare: (on) => (signal) => on.memphis.createSchema({ schemaName: schemaName(on), ...schema, signal }),
  },
  ...(['enforceSchema', 'attachSchema', 'detachSchema'] as const).map((method): Row => ({
    name: `Memphis.${method}`,
    waits: both,
    prepare: async (on) => {
      const { memphis, station } = on;
      await memphis.station({ name: station });
      await memphis.createSchema({ schemaName: schemaName(on), ...schema });
      return (signal) => memphis[method]({ name: schemaName(on), stationName: station, signal });
    },
  })),
  {
    name: 'Station.destroy',
    waits: both,
    prepare: async ({ memphis, station: name }) => {
      const station = await memphis.station({ name });
      return (signal) => station.destroy({ signal });
    },
  },
  {
    name: 'Producer.produce',
    waits: both,
    prepare: async (on) => {
      const producer = await producerOf(on);
      return (signal) => producer.produce({ message: 'm', signal });
    },
  },
  {
    name: 'Producer.produce, non-blocking, waiting for room',
    waits: both,
    before: outstanding,
    prepare: async (on) => {
      const producer = await producerOf(on);
      const options = { message: 'm', nonblocking: true, concurrentTaskLimit: 1 } as const;
      return (signal) => producer.produce({ ...options, signal });
    },
  },
  {
    name: 'Producer.flush',
    waits: both,
    before: outstanding,
    prepare: async (on) => {
      const producer = await producerOf(on);
      return (signal) => producer.flush({ signal });
    },
  },
  {
    name: 'Producer.destroy',
    waits: both,
    prepare: async (on) => {
      const producer = await producerOf(on);
      return (signal) => producer.destroy({ signal });
    },
  },
  {
    name: 'Producer.destroy, waiting for acknowledgements',
    waits: both,
    before: outstanding,
    prepare: async (on) => {
      const producer = await producerOf(on);
      return (signal) => producer.destroy({ signal });
    },
  },
  {
    name: 'MultiStationProducer.produce',
    waits: both,
    prepare: async (on) => {
      const list = await listOf(on);
      return (signal) => list.produce({ message: 'm', signal });
    },
  },
  {
    name: 'MultiStationProducer.flush',
    waits: both,
    before: outstanding,
    prepare: async (on) => {
      const list = await listOf(on);
      return (signal) => list.flush({ signal });
    },
  },
  {
    name: 'MultiStationProducer.destroy',
    waits: both,
    prepare: async (on) => {
      const list = await listOf(on);
      return (signal) => list.destroy({ signal });
    },
  },
  {
    name: 'Consumer.fetch',
    waits: both,
    prepare: async (on) => {
      await filled(on);
      const consumer = await consumerOf(on);
      return (signal) => consumer.fetch({ batchSize: 1, signal });
    },
  },
  {
    name: 'Consumer.fetch, waiting for its turn',
    waits: both,
    prepare: async (on) => {
      await filled(on);
      const consumer = await consumerOf(on);
      return (signal) => {
        // The one in front has no signal; it ends with the client.
        if (!signal.aborted) consumer.fetch({ batchSize: 1 }).catch(() => undefined);
        return consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 100, signal });
      };
    },
  },
  {
    name: 'Consumer.fetch, waiting for what is loaded ahead',
    waits: both,
    prepare: async (on) => {
      await filled(on);
      await filled(on);
      const consumer = await consumerOf(on);
      return (signal) => consumer.fetch({ batchSize: 1, prefetch: true, signal });
    },
  },
  {
    name: 'Consumer.messages',
    waits: both,
    prepare: async (on) => {
      await filled(on);
      const consumer = await consumerOf(on);
      return (signal) => consumer.messages({ batchSize: 1, signal }).next();
    },
  },
  {
    name: 'Consumer.destroy',
    waits: both,
    prepare: async (on) => {
      const consumer = await consumerOf(on);
      return (signal) => consumer.destroy({ signal });
    },
  },
  ...(['ack', 'nack'] as const).map((method): Row => ({
    name: `Message.${method}`,
    waits: ['lost'],
    prepare: async (on) => {
      const message = await messageOf(on);
      return (signal) => message[method]({ signal });
    },
  })),
  {
    name: 'Message.delay',
    waits: ['lost'],
    prepare: async (on) => {
      const message = await messageOf(on);
      return (signal) => message.delay(1, { signal });
    },
  },
  {
    name: 'Message.deadLetter',
    waits: both,
    prepare: async (on) => {
      const message = await messageOf(on);
      return (signal) => message.deadLetter('why', { signal });
    },
  },
];

const cases = (trouble: Trouble): [name: string, row: Row][] =>
  rows.filter(({ waits }) => waits.includes(trouble)).map((row) => [row.name, row]);

const here = brokerIsExternal ? describe.skip : describe;

here('with a signal that is never aborted', () => {
  test.each(rows.map((row): [string, Row] => [row.name, row]))('%s works as usual', async (_name, row) => {
    const call = await row.prepare(await client());
    const { signal } = new AbortController();
    await call(signal);
    expect(listenersOn(signal)).toBe(0);
  });
});

here('a signal that is aborted already', () => {
  test.each(rows.map((row): [string, Row] => [row.name, row]))(
    '%s sends nothing, and works when it is called again without',
    async (_name, row) => {
      const on = await client();
      const call = await row.prepare(on);
      await pause(20);
      on.relay.forget();
      const reason = new Error('no');
      await expect(call(AbortSignal.abort(reason))).rejects.toBe(reason);
      await pause(20);
      expect(published(on)).toEqual([]);
      await call(new AbortController().signal);
    },
  );
});

here('an abort while nothing is heard of the broker', () => {
  test.each(cases('silent'))('%s rejects at once, with the reason', async (_name, row) => {
    const on = await client();
    const call = await row.prepare(on);
    on.gate.swallow();
    await row.before?.(on);
    await rejectsWithReason(call);
    await endsWithClient(call, on);
  });
});

here('an abort while the connection is lost', () => {
  test.each(cases('lost'))('%s rejects at once, and sends nothing later', async (_name, row) => {
    const on = await client();
    const call = await row.prepare(on);
    on.gate.cutOff();
    await eventually(() => !on.memphis.isConnected(), 'the client knows');
    await row.before?.(on);
    await rejectsWithReason(call);
    if (row.before === undefined && !row.name.includes('turn')) {
      on.relay.forget();
      on.gate.letIn();
      await eventually(() => on.memphis.isConnected(), 'the connection is back');
      await pause(30);
      expect(published(on)).toEqual([]);
      on.gate.cutOff();
      await eventually(() => !on.memphis.isConnected(), 'the client knows');
    }
    await endsWithClient(call, on);
  });
});

async function rejectsWithReason(call: Call): Promise<void> {
  const controller = new AbortController();
  const called = call(controller.signal);
  called.catch(() => undefined);
  await pause(15);
  expect(await stateOf(called)).toBe('pending');
  const reason = new Error('enough');
  const begin = performance.now();
  controller.abort(reason);
  await expect(called).rejects.toBe(reason);
  expect(performance.now() - begin).toBeLessThan(1_000);
  expect(listenersOn(controller.signal)).toBe(0);
}

/** The same call, ended by something else than its signal. */
async function endsWithClient(call: Call, { memphis }: Client): Promise<void> {
  const { signal } = new AbortController();
  const called = call(signal).catch(() => undefined);
  await memphis.close(atOnce);
  await called;
  expect(listenersOn(signal)).toBe(0);
}

here('connect', () => {
  /** A server that tells which connections are open. */
  async function server(serve: (socket: Socket) => void) {
    const open = new Set<Socket>();
    const listener = createServer((socket) => {
      open.add(socket.on('error', () => undefined).on('close', () => open.delete(socket)));
      serve(socket);
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => new Promise((resolve) => listener.close(resolve)));
    const { port } = listener.address() as AddressInfo;
    return { open, options: { ...broker.options, host: '127.0.0.1', port, timeoutMs: 2_000 } };
  }

  /** It takes connections and never says a word. */
  const silentServer = () => server((socket) => void socket.resume());

  test('an abort ends it at once, and no socket is left', async () => {
    const { open, options } = await silentServer();
    const memphis = new Memphis();
    await rejectsWithReason((signal) => memphis.connect({ ...options, signal }));
    await eventually(() => open.size === 0, 'the socket is closed');
    const { signal } = new AbortController();
    await memphis.connect({ ...broker.options, signal });
    expect(memphis.isConnected()).toBe(true);
    expect(listenersOn(signal)).toBe(0);
    await memphis.close();
  });

  test('an abort in the middle of a log-in leaves no connection, whenever it comes', async () => {
    const { open, options } = await server((socket) => {
      const toBroker = createConnection(broker.options.port, '127.0.0.1').on('error', () => undefined);
      socket.on('close', () => toBroker.destroy());
      socket.pipe(toBroker).pipe(socket);
    });
    let ended = 0;
    for (let turns = 0; turns < 40; turns += 1) {
      const controller = new AbortController();
      const memphis = new Memphis();
      const connecting = memphis
        .connect({ ...options, timeoutMs: 500, signal: controller.signal })
        .catch(() => (ended += 1));
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await connecting;
      expect(listenersOn(controller.signal)).toBe(0);
      await memphis.close();
    }
    expect(ended).toBeGreaterThan(5);
    await eventually(() => open.size === 0, 'all connections are closed');
  });

  test('with a signal that is aborted already nobody knocks', async () => {
    const { open, options } = await silentServer();
    const reason = new Error('no');
    await expect(new Memphis().connect({ ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    await pause(20);
    expect(open.size).toBe(0);
  });

  test('called twice at once, an abort ends the waiting of its caller alone', async () => {
    const on = await client();
    await on.memphis.close();
    const options = { ...broker.options, host: '127.0.0.1', port: on.gate.port };
    const impatient = new AbortController();
    const first = on.memphis.connect({ ...options, signal: impatient.signal });
    const second = on.memphis.connect(options);
    impatient.abort('given up');
    await expect(first).rejects.toBe('given up');
    await second;
    expect(on.memphis.isConnected()).toBe(true);
  });

  test('after an abort in the same moment a new one begins afresh', async () => {
    const { options } = await silentServer();
    const memphis = new Memphis();
    const impatient = new AbortController();
    const first = memphis.connect({ ...options, signal: impatient.signal });
    await pause(10);
    impatient.abort('given up');
    const second = memphis.connect(broker.options);
    await expect(first).rejects.toBe('given up');
    await second;
    expect(memphis.isConnected()).toBe(true);
    await memphis.close();
  });

  test('a close with a signal ends it, and its caller hears that the client was closed', async () => {
    const { open, options } = await silentServer();
    const memphis = new Memphis();
    const connecting = memphis.connect(options);
    connecting.catch(() => undefined);
    const controller = new AbortController();
    const closing = memphis.close({ signal: controller.signal });
    await pause(15);
    expect(await stateOf(closing)).toBe('pending');
    controller.abort();
    await closing;
    await expect(connecting).rejects.toThrow(ClosedError);
    await eventually(() => open.size === 0, 'the socket is closed');
    expect(listenersOn(controller.signal)).toBe(0);
  });
});

here('close', () => {
  test('waits for acknowledgements until its signal is aborted, then closes at once, and never rejects', async () => {
    const on = await client();
    const failed: Error[] = [];
    on.memphis.onError((error) => failed.push(error));
    const producer = await producerOf(on);
    on.gate.swallow();
    const awaited = producer.produce({ message: 'm' });
    awaited.catch(() => undefined);
    const controller = new AbortController();
    const closing = on.memphis.close({ signal: controller.signal });
    await pause(15);
    expect(await stateOf(closing)).toBe('pending');
    const begin = performance.now();
    controller.abort();
    await closing;
    expect(performance.now() - begin).toBeLessThan(1_500);
    expect(on.memphis.isConnected()).toBe(false);
    expect(listenersOn(controller.signal)).toBe(0);
    // Who waits for a message hears that it may be stored or not.
    await expect(awaited).rejects.toThrow('may be stored or not');
  });

  test('with a signal that is aborted already what was handed over is still sent', async () => {
    const on = await client();
    const producer = await producerOf(on);
    for (let count = 0; count < 50; count += 1) await producer.produce({ message: 'm', nonblocking: true });
    await on.memphis.close(atOnce);
    expect(on.memphis.isConnected()).toBe(false);
    await eventually(async () => (await broker.stream(on.station))?.state.messages === 50, 'all are stored');
  });
});

here('several callers of one thing', () => {
  test('producer() of one name: the abort of one does not end the waiting of the other, of both it ends the work', async () => {
    const on = await client();
    const make = (signal?: AbortSignal) =>
      on.memphis.producer({ stationName: on.station, producerName: 'p', signal });
    on.gate.cutOff();
    await eventually(() => !on.memphis.isConnected(), 'the client knows');
    const [one, other] = [new AbortController(), new AbortController()];
    const [first, second] = [make(one.signal), make(other.signal)];
    one.abort('one');
    await expect(first).rejects.toBe('one');
    expect(await stateOf(second)).toBe('pending');
    other.abort('other');
    await expect(second).rejects.toBe('other');
    const third = make();
    on.gate.letIn();
    const producer = await third;
    await producer.produce({ message: 'm' });
    expect(published(on).filter((line) => line.includes('producer_creations'))).toHaveLength(1);
  });

  test('a caller that comes in the moment of the last abort gets a producer', async () => {
    const on = await client();
    const controller = new AbortController();
    const make = (signal?: AbortSignal) =>
      on.memphis.producer({ stationName: on.station, producerName: 'p', signal });
    const first = make(controller.signal);
    controller.abort('given up');
    const second = make();
    await expect(first).rejects.toBe('given up');
    expect((await second).producerName).toBe('p');
  });

  test('destroy: who has no signal waits to its end', async () => {
    const on = await client();
    const producer = await producerOf(on);
    const consumer = await consumerOf(on);
    for (const object of [producer, consumer]) {
      const controller = new AbortController();
      const first = object.destroy({ signal: controller.signal });
      const second = object.destroy();
      controller.abort('given up');
      await expect(first).rejects.toBe('given up');
      await second;
      expect(listenersOn(controller.signal)).toBe(0);
    }
    expect(published(on).filter((line) => line.includes('_destructions'))).toHaveLength(2);
  });

  test('destroy: after an abort it may be called again', async () => {
    const on = await client();
    const producer = await producerOf(on);
    on.gate.cutOff();
    await eventually(() => !on.memphis.isConnected(), 'the client knows');
    await rejectsWithReason((signal) => producer.destroy({ signal }));
    on.gate.letIn();
    await producer.destroy();
    expect(published(on).filter((line) => line.includes('producer_destructions'))).toHaveLength(1);
  });
});

here('an abort loses nothing and undoes nothing', () => {
  test('a message that was handed over is stored, and the next flush waits for it', async () => {
    const on = await client();
    const producer = await producerOf(on);
    const controller = new AbortController();
    const produced = producer.produce({ message: 'm', signal: controller.signal });
    controller.abort('given up');
    await expect(produced).rejects.toBe('given up');
    await producer.flush();
    expect((await broker.stream(on.station))?.state.messages).toBe(1);
  });

  test('of several stations those that come later get no message', async () => {
    const on = await client();
    const list = await listOf(on);
    const controller = new AbortController();
    const produced = list.produce({ message: 'm', signal: controller.signal });
    // The first is on its way as soon as its producer was found.
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort('given up');
    await expect(produced).rejects.toBe('given up');
    await list.flush();
    expect((await broker.stream(on.station))?.state.messages).toBe(2);
    expect((await broker.stream(`${on.station}-2`))?.state.messages).toBe(1);
  });

  test('the failure of a non-blocking message is left for the next flush', async () => {
    const on = await client();
    const producer = await producerOf(on);
    on.gate.swallow();
    await producer.produce({ message: 'm', nonblocking: true, ackWaitSec: 0.1 });
    await rejectsWithReason((signal) => producer.flush({ signal }));
    await expect(producer.flush()).rejects.toThrow('did not acknowledge');
  });

  test('messages that came before the batch was full are for the next fetch', async () => {
    const on = await client();
    const consumer = await consumerOf(on);
    await filled(on);
    await filled(on);
    await rejectsWithReason((signal) => consumer.fetch({ batchSize: 5, signal }));
    const texts = await consumer.fetch({ batchSize: 2, batchMaxTimeToWaitMs: 200 });
    expect(texts.map((message) => message.getSequenceNumber())).toEqual([1, 2]);
    const { num_ack_pending: pending } = (await broker.durable(on.station, 1, 'c')) ?? {};
    expect(pending).toBe(2);
  });

  test('at any moment of a fetch: every message is delivered exactly once, in order, and at the first try', async () => {
    const on = await client();
    // With one delivery a message that the server took for delivered would not come again.
    const consumer = await on.memphis.consumer({
      stationName: on.station,
      consumerName: 'c',
      maxMsgDeliveries: 1,
    });
    const producer = await producerOf(on);
    const all = Array.from({ length: 2_000 }, (_value, index) => index + 1);
    for (const number of all) await producer.produce({ message: String(number), nonblocking: true });
    await producer.flush();
    const seen: (number | undefined)[] = [];
    let aborted = 0;
    while (seen.length < all.length) {
      const controller = new AbortController();
      const fetched = consumer.fetch({ batchSize: 50, batchMaxTimeToWaitMs: 200, signal: controller.signal });
      const soon = setImmediate(() => setImmediate(() => setImmediate(() => controller.abort())));
      await fetched.then(
        (messages) => seen.push(...messages.map((message) => message.getSequenceNumber())),
        () => (aborted += 1),
      );
      clearImmediate(soon);
      expect(listenersOn(controller.signal)).toBe(0);
    }
    expect(seen).toEqual(all);
    expect(aborted).toBeGreaterThan(0);
  });

  test.each<[how: 'break' | 'abort', why: string]>([
    ['break', 'the language calls return'],
    ['abort', 'the iteration throws'],
  ])('what is left of a batch when an iteration ends by %s (%s) is for the next fetch', async (how) => {
    const on = await client();
    const consumer = await consumerOf(on);
    const producer = await producerOf(on);
    for (let count = 0; count < 5; count += 1) await producer.produce({ message: 'm' });
    const controller = new AbortController();
    const seen: (number | undefined)[] = [];
    try {
      for await (const message of consumer.messages({ batchSize: 5, signal: controller.signal })) {
        seen.push(message.getSequenceNumber());
        if (seen.length < 2) continue;
        if (how === 'break') break;
        controller.abort('enough');
      }
    } catch (reason) {
      expect(reason).toBe('enough');
    }
    expect(seen).toEqual([1, 2]);
    const rest = await consumer.fetch({ batchSize: 5 });
    expect(rest.map((message) => message.getSequenceNumber())).toEqual([3, 4, 5]);
  });
});

here('one signal for very much', () => {
  test('ten thousand messages cost one listener, no warning, and not much more time than without', async () => {
    const on = await client();
    const producer = await producerOf(on);
    const { signal } = new AbortController();
    const warnings: string[] = [];
    const hear = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', hear);
    const timed = async (options: object): Promise<number> => {
      const begin = performance.now();
      await Promise.all(
        Array.from({ length: 10_000 }, async () => producer.produce({ message: 'm', ...options })),
      );
      return performance.now() - begin;
    };
    await timed({});
    const without = await timed({});
    const within = timed({ signal });
    expect(listenersOn(signal)).toBe(1);
    expect(await within).toBeLessThan(without * 5 + 1_000);
    expect(listenersOn(signal)).toBe(0);
    await pause(5);
    process.removeListener('warning', hear);
    expect(warnings).toEqual([]);
  });
});
