// The local broker: how fast it is ready, and how fast it makes and lists stations.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { median, milliseconds } from './measure.mjs';

const require = createRequire(import.meta.url);

const STATIONS = 300;
const IN_FLIGHT = 32;

export async function localBroker(rounds) {
  const { LocalBroker } = require('../lib/runtime/broker');
  const ready = [];
  for (let round = 0; round < rounds; round += 1) {
    let broker;
    ready.push(await milliseconds(async () => (broker = await LocalBroker.start())));
    await broker.stop();
  }
  const broker = await LocalBroker.start();
  try {
    const [oneByOne, atOnce] = await stationsPerSecond(broker);
    const readyMs = median(ready);
    return [
      { what: 'broker: ready', value: readyMs, unit: 'ms', goal: '300 ms', met: readyMs <= 300 },
      {
        what: 'broker: one station after another',
        value: oneByOne,
        unit: '/s',
        goal: '300 /s',
        met: oneByOne >= 300,
      },
      {
        what: `broker: ${IN_FLIGHT} stations in flight`,
        value: atOnce,
        unit: '/s',
        goal: '800 /s',
        met: atOnce >= 800,
      },
      {
        what: `broker: getAllStations of about ${STATIONS * 2}`,
        value: await listTime(broker, rounds),
        unit: 'ms',
      },
      ...(await manyStations(rounds)),
    ];
  } finally {
    await broker.stop();
  }
}

/** A broker in a process of its own, as the command starts it: what it takes, and how fast it lists. */
async function manyStations(rounds) {
  const main = require.resolve('../lib/cli/main.js');
  const args = [main, 'broker', 'start', '--json', '--port', '0', '--rest-port', '0', '--store', 'memory'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(child.stdout, 'data');
    const broker = JSON.parse(line.toString());
    await createStations(broker, 0, 2000);
    const mebibytes = residentMebibytes(child.pid);
    await createStations(broker, 2000, 5000);
    const listMs = await listTime(broker, rounds);
    return [
      ...(mebibytes === undefined
        ? []
        : [
            {
              what: 'broker: memory with 2000 stations',
              value: mebibytes,
              unit: 'MiB',
              goal: '100 MiB',
              met: mebibytes <= 100,
            },
          ]),
      {
        what: 'broker: getAllStations of 5000',
        value: listMs,
        unit: 'ms',
        goal: '500 ms',
        met: listMs <= 500,
      },
    ];
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

async function createStations({ host, port }, from, to) {
  const { connect } = require('nats');
  const nats = await connect({
    servers: `${host}:${port}`,
    user: 'root$1',
    pass: 'memphis',
    name: 'x::root',
  });
  for (let first = from; first < to; first += IN_FLIGHT) {
    const names = Array.from({ length: Math.min(IN_FLIGHT, to - first) }, (_, index) => `s${first + index}`);
    await Promise.all(
      names.map((name) =>
        nats.request(
          '$memphis_station_creations',
          JSON.stringify({ name, username: 'root', partitions_number: 1, storage_type: 'memory' }),
          { timeout: 20_000 },
        ),
      ),
    );
  }
  await nats.close();
}

/** undefined where the system does not tell it. */
function residentMebibytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return undefined;
  }
}

/** With streams in memory: those in files tell how fast the disk is. */
async function stationsPerSecond(broker) {
  const { connect } = require('nats');
  const nats = await connect({ servers: `${broker.host}:${broker.port}`, user: 'root$1', pass: 'memphis' });
  const create = (name) =>
    nats.request(
      '$memphis_station_creations',
      JSON.stringify({ name, username: 'root', partitions_number: 1, storage_type: 'memory' }),
      { timeout: 10_000 },
    );
  const oneByOne = await milliseconds(async () => {
    for (let index = 0; index < STATIONS; index += 1) await create(`one-by-one-${index}`);
  });
  const atOnce = await milliseconds(async () => {
    for (let first = 0; first < STATIONS; first += IN_FLIGHT) {
      await Promise.all(Array.from({ length: IN_FLIGHT }, (_, index) => create(`at-once-${first + index}`)));
    }
  });
  await nats.close();
  const made = Math.ceil(STATIONS / IN_FLIGHT) * IN_FLIGHT;
  return [(STATIONS * 1000) / oneByOne, (made * 1000) / atOnce];
}

async function listTime(broker, rounds) {
  const login = await fetch(`${broker.restUrl}/api/usermgmt/login`, {
    method: 'POST',
    body: '{"username":"root","password":"memphis"}',
  });
  const { jwt } = await login.json();
  const list = async () => {
    const headers = { authorization: `Bearer ${jwt}` };
    await (await fetch(`${broker.restUrl}/api/stations/getAllStations`, { headers })).text();
  };
  const taken = [];
  for (let round = 0; round < rounds; round += 1) taken.push(await milliseconds(list));
  return median(taken);
}
