// Memory over many messages: produces and consumes them, and says what the process holds after the first and after the
// last million. It takes minutes, so it is not part of `npm run bench`. Run `npm run build` first.
//   node bench/messaging-memory.mjs [MESSAGES]
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { LocalBroker } = require('../lib/runtime/broker');
const { Memphis, Retention } = require('../lib/runtime');

const total = Number(process.argv[2] ?? 5_000_000);
const step = Math.min(1_000_000, Math.ceil(total / 5));

const broker = await LocalBroker.start();
const memphis = new Memphis();
try {
  await memphis.connect({ host: '127.0.0.1', port: broker.port, username: 'root', password: 'memphis' });
  const station = { name: 'memory', retentionType: Retention.MESSAGES, retentionValue: 100_000 };
  await memphis.station({ ...station, idempotencyWindowMs: 1_000 });
  const producer = await memphis.producer({ stationName: 'memory', producerName: 'p' });
  const options = { batchSize: 1000, pullIntervalMs: 0, batchMaxTimeToWaitMs: 500 };
  const consumer = await memphis.consumer({ stationName: 'memory', consumerName: 'c', ...options });
  let consumed = 0;
  consumer.consume(async (messages) => {
    for (const message of messages) await message.ack();
    consumed += messages.length;
  });
  const message = 'x'.repeat(128);
  const held = [];
  for (let sent = 0; sent < total; sent += step) {
    for (let count = 0; count < step; count += 1) {
      await producer.produce({ message, nonblocking: true, concurrentTaskLimit: 1000 });
    }
    await producer.flush(60_000);
    global.gc?.();
    held.push(process.memoryUsage.rss() / 1024 / 1024);
    console.log(`${sent + step} produced, ${consumed} consumed: ${held.at(-1).toFixed(0)} MiB`);
  }
  console.log(`last to first: ${(held.at(-1) / held[0]).toFixed(2)} (goal: at most 1.10)`);
} finally {
  await memphis.close();
  await broker.stop();
}
