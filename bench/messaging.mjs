// Producing and consuming, as ratios to the official client, and to the Go client's own tool where that is installed, on
// the same local broker: file storage, each client in a process of its own, in turn, the order changing with each round.
import { fork } from 'node:child_process';
import { createConnection } from 'node:net';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from './measure.mjs';
import { goClient, isGoClientInstalled } from './messaging/go-client.mjs';
import { officialSdkFolder } from './sdk/install.mjs';

const require = createRequire(import.meta.url);

const SETTLE_MS = 300;

/** What is measured, the messages of one measurement, and the ratio to the official client that is wanted. */
const tasks = [
  { task: 'awaited', what: 'produce, one at a time', count: 2_000, goal: 1 },
  { task: 'pipelined', what: 'produce, 1000 under way', count: 20_000, goal: 5 },
  { task: 'nonblocking', what: 'produce, non-blocking', count: 20_000, goal: 3 },
  { task: 'consume', what: 'consume with acks', count: 50_000, goal: 2 },
  { task: 'fetch', what: 'fetch of 1000, ack', count: 50_000, goal: 1.3 },
];

/** The same beside the Go client: both are much faster, so it takes more messages to measure them. */
const tasksBesideGo = [
  { task: 'pipelined', what: 'produce, 1000 under way', count: 100_000, goal: 1 },
  { task: 'consume', what: 'consume with acks', count: 100_000, goal: 1 },
  { task: 'fetch', what: 'fetch of 1000, ack', count: 100_000, goal: 1 },
];

const withSchema = {
  task: 'pipelined',
  what: 'produce with JSON schema, 1000 under way',
  count: 20_000,
  goal: 3,
};
const schemaContent = JSON.stringify({
  type: 'object',
  properties: {
    id: { type: 'integer' },
    name: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['id', 'name'],
});

export async function messaging(rounds) {
  officialSdkFolder();
  const { LocalBroker } = require('../lib/runtime/broker');
  const { Memphis } = require('../lib/runtime');
  const broker = await LocalBroker.start();
  const admin = new Memphis();
  const clients = [];
  try {
    await admin.connect({ host: '127.0.0.1', port: broker.port, username: 'root', password: 'memphis' });
    const port = await portBehindProxy(broker.port);
    for (const kind of ['runtime', 'sdk']) clients.push(await start(kind, port));
    const [runtime] = clients;
    const besideSdk = { contenders: clients, name: 'SDK' };
    const besideGo = { contenders: [runtime, goClient(port)], name: 'Go client' };
    const rows = [];
    for (const size of [128, 1024]) {
      const message = 'x'.repeat(size);
      for (const entry of tasks) rows.push(await row(rounds, besideSdk, entry, `${size} B`, { message }));
      if (!isGoClientInstalled()) continue;
      for (const entry of tasksBesideGo)
        rows.push(await row(rounds, besideGo, entry, `${size} B`, { message }));
    }
    await admin.createSchema({ schemaName: 'bench', schemaType: 'json', schemaContent });
    const message = { id: 1, name: 'x'.repeat(80), tags: ['a', 'b'] };
    rows.push(await row(rounds, besideSdk, withSchema, '128 B', { message, schemaName: 'bench' }));
    return rows;
  } finally {
    for (const client of clients) client.end();
    await admin.close();
    await broker.stop();
  }

  async function row(
    rounds,
    { contenders, name },
    { task, what, count, goal },
    size,
    { message, schemaName },
  ) {
    const speeds = new Map(contenders.map((client) => [client, []]));
    // The first round warms up, and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      const order = round % 2 === 0 ? contenders : [...contenders].reverse();
      for (const client of order) {
        // Each measurement has a station of its own, so that none inherits the files of another.
        const stationName = `bench-${task}-${client.kind}-${size.split(' ')[0]}-${round}${schemaName ?? ''}`;
        const station = await admin.station({
          name: stationName,
          ...(schemaName === undefined ? {} : { schemaName }),
        });
        if (task === 'consume' || task === 'fetch') await fill(stationName, count, message);
        const { perSecond } = await client.run(task, {
          station: stationName,
          count,
          message,
          group: 'bench',
        });
        if (round > 0) speeds.get(client).push(perSecond);
        await station.destroy();
      }
    }
    const [ours, theirs] = contenders.map((client) => median(speeds.get(client)));
    const ratio = ours / theirs;
    return {
      what: `${what}, ${size}`,
      value: ours,
      unit: 'msg/s',
      ratio,
      goal: `>= ${goal} x ${name}`,
      met: ratio >= goal,
    };
  }

  async function fill(stationName, count, message) {
    const options = {
      stationName,
      producerName: 'fill',
      message,
      nonblocking: true,
      concurrentTaskLimit: 2_000,
    };
    for (let index = 0; index < count; index += 1) await admin.produce(options);
    await admin.flush(60_000);
    // What the server still does with them is no part of consuming them.
    await setTimeout(SETTLE_MS);
  }
}

/** A client in a process of its own. */
export async function start(kind, port, restPort = '') {
  const program = fileURLToPath(new URL('messaging/client.mjs', import.meta.url));
  const child = fork(program, [kind, String(port), String(restPort)]);
  const answer = () =>
    new Promise((resolve, reject) => {
      child.once('exit', gone);
      function gone(code) {
        reject(new Error(`the ${kind} client ended with ${code}`));
      }
      child.once('message', (message) => {
        child.off('exit', gone);
        if (message.error === undefined) resolve(message);
        else reject(new Error(message.error));
      });
    });
  await answer();
  return {
    kind,
    run(task, options) {
      child.send({ task, options });
      return answer();
    },
    end: () => child.kill(),
  };
}

/** The local broker has a proxy before its server; the official client would be slower through it. */
export async function portBehindProxy(port) {
  const socket = createConnection(port, '127.0.0.1');
  const [line] = await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (bytes) => resolve(bytes.toString().split('\r\n')));
  });
  socket.destroy();
  return JSON.parse(line.slice('INFO '.length)).memphis_direct_port ?? port;
}
