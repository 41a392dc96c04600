// What is measured, with the official client.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { officialSdkFolder } from '../sdk/install.mjs';

const { memphis } = createRequire(join(officialSdkFolder(), 'package.json'))('memphis-dev');

const WINDOW = 1000;

export async function open(port) {
  await memphis.connect({
    host: '127.0.0.1',
    port,
    username: 'root',
    password: 'memphis',
    suppressLogs: true,
  });
  const producerOf = (stationName) => memphis.producer({ stationName, producerName: 'bench' });
  const consumerOf = (stationName, consumerName, options = {}) =>
    memphis.consumer({ stationName, consumerName, maxAckTimeMs: 60_000, ...options });

  return {
    async awaited({ station, count, message }) {
      const producer = await producerOf(station);
      return {
        run: async () => {
          for (let index = 0; index < count; index += 1)
            await producer.produce({ message, asyncProduce: false });
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
            for (let index = 0; index < count / WINDOW; index += 1)
              await producer.produce({ message, asyncProduce: false });
          };
          await Promise.all(Array.from({ length: WINDOW }, inTurn));
          return count;
        },
        end: () => producer.destroy(),
      };
    },
    // It has no flush, and a message whose ack is late ends the process: so it sends as many as are safe, and asks the
    // broker for what has arrived.
    async nonblocking({ station, count, message }) {
      const producer = await producerOf(station);
      const stored = async () => (await memphis.brokerStats.streams.info(`${station}$1`)).state.messages;
      return {
        run: async () => {
          for (let sent = 0; sent < count; sent += 4 * WINDOW) {
            for (let index = 0; index < 4 * WINDOW; index += 1) {
              await producer.produce({ message, asyncProduce: true });
            }
            while ((await stored()) < sent + 4 * WINDOW)
              await new Promise((resolve) => setTimeout(resolve, 2));
          }
          return count;
        },
        end: () => producer.destroy(),
      };
    },
    async consume({ station, count, group }) {
      const consumer = await consumerOf(station, group, { batchSize: 1000, pullIntervalMs: 1 });
      return {
        run: () =>
          new Promise((resolve) => {
            let seen = 0;
            consumer.on('error', () => undefined);
            consumer.on('message', (message) => {
              message.ack();
              seen += 1;
              if (seen === count) resolve(count);
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
            for (const message of messages) message.ack();
            seen += messages.length;
          }
          return count;
        },
        end: () => consumer.destroy(),
      };
    },
  };
}
