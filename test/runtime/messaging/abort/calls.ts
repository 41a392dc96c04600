import { headers } from 'nats';
import type { Message, MultiStationProducer, Producer } from '../../../../src/runtime/messaging';
import { eventually } from '../../../support/broker';
import type { Call, Client } from './client';

/** How a call comes to wait: nothing is heard of the broker, or the connection is lost and is being made again. */
export type Trouble = 'silent' | 'lost';
const both: readonly Trouble[] = ['silent', 'lost'];

export interface Row {
  readonly name: string;
  /** In which trouble it waits. */
  readonly waits: readonly Trouble[];
  /** Makes what the call needs, while all is well. */
  readonly prepare: (client: Client) => Promise<Call> | Call;
  /** What has to be under way for the call to wait. */
  readonly before?: (client: Client) => Promise<void>;
}

export const producerOf = ({ memphis, station }: Client): Promise<Producer> =>
  memphis.producer({ stationName: station, producerName: 'p' });

export const listOf = async ({ memphis, station }: Client): Promise<MultiStationProducer> => {
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

export const consumerOf = ({ memphis, station }: Client) =>
  memphis.consumer({ stationName: station, consumerName: 'c', batchMaxTimeToWaitMs: 5_000 });

export async function filled(on: Client): Promise<void> {
  await on.memphis.produce({ stationName: on.station, producerName: 'p', message: 'm' });
}

/** A message that nobody acknowledges in the time of the test. */
async function outstanding(on: Client): Promise<void> {
  await (await producerOf(on)).produce({ message: 'm', nonblocking: true });
}

const schema = { schemaType: 'json', schemaContent: '{"type":"string"}' } as const;
const schemaName = (on: Client): string => `schema-${on.station}`;

/** A dead letter as the broker sends it again. */
async function resentTo({ memphis, station, broker }: Client): Promise<Message> {
  const consumer = await memphis.consumer({ stationName: station, consumerName: 'c' });
  const sent = headers();
  sent.set('$memphis_pm_id', '1');
  sent.set('$memphis_pm_cg_name', 'c');
  let letter: Message | undefined;
  await eventually(async () => {
    broker.observer.publish(`$memphis_dls_${station}.c`, 'm', { headers: sent });
    [letter] = await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 100 });
    return letter?.isDeadLetter() === true;
  }, 'the dead letter comes again');
  if (letter === undefined) throw new Error('there is no message');
  return letter;
}

/** Every call that waits. */
export const rows: readonly Row[] = [
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
      const name = schemaName(on);
      if (method === 'detachSchema')
        return (signal) => memphis.detachSchema({ stationName: station, signal });
      return (signal) => memphis[method]({ name, stationName: station, signal });
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
    name: 'Consumer.stop',
    waits: ['silent'],
    prepare: async (on) => {
      const consumer = await consumerOf(on);
      return (signal) => consumer.stop({ signal });
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
      return (signal) => message.delay({ seconds: 1 }, { signal });
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
  {
    name: 'Message.ack of a dead letter that was sent again',
    waits: ['lost'],
    prepare: async (on) => {
      const letter = await resentTo(on);
      return (signal) => letter.ack({ signal });
    },
  },
];
