// The official JavaScript client, told what to do by lines of JSON on stdin; answers with lines on stdout.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { officialSdkFolder } from '../../../bench/sdk/install.mjs';

const { memphis } = createRequire(join(officialSdkFolder(), 'package.json'))('memphis-dev');
const consumers = new Map();

const calls = {
  connect: ({ port }) =>
    memphis.connect({ host: '127.0.0.1', port, username: 'root', password: 'memphis', suppressLogs: true }),
  async produce({ station, producer, bytes, value, headers, msgId, partition }) {
    const made = await memphis.producer({ stationName: station, producerName: producer });
    await made.produce({
      message: bytes === undefined ? value : Buffer.from(bytes, 'base64'),
      headers: headers ?? {},
      asyncProduce: false,
      ...(msgId === undefined ? {} : { msgId }),
      ...(partition === undefined ? {} : { producerPartitionNumber: partition }),
    });
  },
  async fetch({ station, consumer, group, count, then, reason }) {
    const key = `${station} ${consumer}`;
    const made =
      consumers.get(key) ??
      (await memphis.consumer({ stationName: station, consumerName: consumer, consumerGroup: group }));
    consumers.set(key, made);
    const read = [];
    for (const message of await made.fetch({ batchSize: count })) {
      read.push({
        bytes: Buffer.from(message.getData()).toString('base64'),
        headers: message.getHeaders(),
        value: json(message.getDataDeserialized()),
      });
      if (then === 'ack') message.ack();
      if (then === 'deadLetter') await message.deadLetter(reason);
    }
    await memphis.brokerManager.flush();
    return read;
  },
};

function json(value) {
  return Buffer.isBuffer(value) || value instanceof Uint8Array ? undefined : value;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { call, options } = JSON.parse(line);
  try {
    const result = await calls[call](options);
    console.log(JSON.stringify({ result: call === 'connect' ? undefined : result }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.message ?? error) }));
  }
}
process.exit(0);
