// What is measured, with this package's runtime.
import { createRequire } from 'node:module';

const { Memphis } = createRequire(import.meta.url)('../../lib/runtime');

/** How many messages are under way at once where a task keeps many under way. */
const WINDOW = 1000;

export async function open(port) {
  const memphis = new Memphis();
  await memphis.connect({ host: '127.0.0.1', port, username: 'root', password: 'memphis' });
  const producerOf = (stationName) => memphis.producer({ stationName, producerName: 'bench' });
  const consumerOf = (stationName, consumerName, options = {}) =>
    memphis.consumer({ stationName, consumerName, maxAckTimeMs: 60_000, ...options });

  return {
    async awaited({ station, count, message }) {
      const producer = await producerOf(station);
      return {
        run: async () => {
          for (let index = 0; index < count; index += 1) await producer.produce({ message });
          return count;
        },
        end: () => producer.destroy(),
      };
    },
    async pipelined({ station, count, message }) {
      const producer = await producerOf(station);
      return {
        run: async () => {
          const inTurn = async () => {
            for (let index = 0; index < count / WINDOW; index += 1) await producer.produce({ message });
          };
          await Promise.all(Array.from({ length: WINDOW }, inTurn));
          return count;
        },
        end: () => producer.destroy(),
      };
    },
    /** Produces and consumes in one process. */
    async roundTrip({ station, count, message }) {
      const producer = await producerOf(station);
      const consumer = await consumerOf(station, 'bench', { batchSize: 1000, pullIntervalMs: 0 });
      return {
        run: async () => {
          const received = new Promise((resolve) => {
            let seen = 0;
            consumer.consume(async (messages) => {
              for (const received of messages) await received.ack();
              seen += messages.length;
              if (seen >= count) resolve();
            });
          });
          const inTurn = async () => {
            for (let index = 0; index < count / WINDOW; index += 1) await producer.produce({ message });
          };
          await Promise.all([...Array.from({ length: WINDOW }, inTurn), received]);
          return count;
        },
        end: async () => {
          await consumer.destroy();
          await producer.destroy();
        },
      };
    },
    async nonblocking({ station, count, message }) {
      const producer = await producerOf(station);
      return {
        run: async () => {
          for (let index = 0; index < count; index += 1) {
            await producer.produce({ message, nonblocking: true, concurrentTaskLimit: WINDOW });
          }
          await producer.flush();
          return count;
        },
        end: () => producer.destroy(),
      };
    },
    async consume({ station, count, group }) {
      // The official client never pauses with its 1: it begins a pull each millisecond, whether the last one has ended or not.
      const consumer = await consumerOf(station, group, { batchSize: 1000, pullIntervalMs: 0 });
      return {
        run: () =>
          new Promise((resolve) => {
            let seen = 0;
            consumer.consume(async (messages) => {
              for (const message of messages) await message.ack();
              seen += messages.length;
              if (seen >= count) resolve(count);
            });
          }),
        end: () => consumer.destroy(),
      };
    },
    async fetch({ station, count, group }) {
      const consumer = await consumerOf(station, group, { batchSize: 1000 });
      return {
        run: async () => {
          for (let seen = 0; seen < count;) {
            const messages = await consumer.fetch({ batchSize: 1000 });
            for (const message of messages) await message.ack();
            seen += messages.length;
          }
          return count;
        },
        end: () => consumer.destroy(),
      };
    },
  };
}
