// Deployments of many stations with real Terraform onto a local broker, beside a provider of the same schema that does
// nothing, by turns; then three times as many stations, beside that. One round takes minutes, so there is one by default.
//   BENCH_STATIONS=1000 BENCH_ROUNDS=1 BENCH_GROWTH=3 node bench/run.mjs deployment       (BENCH_GROWTH=1: no growth)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packProvider } from '../scripts/pack-provider.mjs';
import { RequestCounter } from './deployment/request-counter.mjs';
import { PHASES, Stations } from './deployment/stations.mjs';
import { median } from './measure.mjs';

const STATIONS = Number(process.env.BENCH_STATIONS ?? 1000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 1);
const GROWTH = Number(process.env.BENCH_GROWTH ?? 3);
const GOAL_OF_FLOOR = 1.3;
/** Ten per cent more than in proportion. */
const GOAL_OF_GROWTH = 1.1 * GROWTH;
/** Requests of one object are what the second number makes more than the first. */
const COUNTED = [20, 60];

const bundles = fileURLToPath(new URL('../lib/bundles', import.meta.url));
const ours = { packedIn: bundles, manifest: JSON.parse(readFileSync(join(bundles, 'memphis.json'), 'utf8')) };

export async function deployment() {
  const packedIn = mkdtempSync(join(tmpdir(), 'cdktf-memphis-bench-floor-'));
  try {
    const manifest = await packProvider({
      entry: fileURLToPath(new URL('deployment/floor-provider/main.ts', import.meta.url)),
      address: 'npm.invalid/bench/floor',
      version: '1.0.0',
      outDir: packedIn,
    });
    return [
      ...(await besideFloor({ packedIn, manifest })),
      ...(GROWTH > 1 ? await besideFewer() : []),
      ...(await requestsPerStation()),
    ];
  } finally {
    rmSync(packedIn, { recursive: true, force: true });
  }
}

async function besideFloor(floor) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ floor: await deployed(floor, STATIONS), ours: await deployedOnBroker(STATIONS) });
  }
  return PHASES.map((phase) => {
    const ratio = median(rounds.map((each) => each.ours[phase] / each.floor[phase]));
    return {
      what: `deployment: ${phase} of ${STATIONS} stations, beside doing nothing`,
      value: median(rounds.map((each) => each.ours[phase])),
      unit: 'ms',
      ratio,
      goal: `ratio ${GOAL_OF_FLOOR}`,
      met: ratio <= GOAL_OF_FLOOR,
    };
  });
}

async function besideFewer() {
  const few = await deployedOnBroker(STATIONS);
  const many = await deployedOnBroker(STATIONS * GROWTH);
  return PHASES.map((phase) => {
    const ratio = many[phase] / few[phase];
    return {
      what: `deployment: ${phase} of ${STATIONS * GROWTH} stations, beside ${STATIONS}`,
      value: many[phase],
      unit: 'ms',
      ratio,
      goal: `ratio ${GOAL_OF_GROWTH.toFixed(1)}`,
      met: ratio <= GOAL_OF_GROWTH,
    };
  });
}

/** Requests to the broker, counted and not timed. */
async function requestsPerStation() {
  const counts = [];
  for (const stations of COUNTED) {
    counts.push(
      await onBroker(async (broker) => {
        const counter = await RequestCounter.before(broker);
        const asked = {};
        try {
          const env = {
            ...environmentOf(broker),
            MEMPHIS_PORT: String(counter.natsPort),
            MEMPHIS_REST_URL: counter.restUrl,
          };
          await deployed(ours, stations, env, (phase) => (asked[phase] = counter.take()));
        } finally {
          counter.close();
        }
        return asked;
      }),
    );
  }
  const [few, many] = counts;
  return PHASES.map((phase) => ({
    what: `deployment: requests to the broker for a station, ${phase}`,
    value: (many[phase] - few[phase]) / (COUNTED[1] - COUNTED[0]),
    unit: 'req',
  }));
}

const deployedOnBroker = (stations) => onBroker((broker) => deployed(ours, stations, environmentOf(broker)));

async function deployed(provider, count, env, onPhase) {
  const stations = new Stations(provider, count, env);
  try {
    return await stations.run(onPhase);
  } finally {
    stations.remove();
  }
}

/** A new broker in a process of its own, as the command starts it. */
async function onBroker(action) {
  const main = fileURLToPath(new URL('../lib/cli/main.js', import.meta.url));
  const args = [main, 'broker', 'start', '--json', '--port', '0', '--rest-port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(child.stdout, 'data');
    return await action(JSON.parse(line.toString()));
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

function environmentOf({ host, port, restUrl }) {
  return {
    MEMPHIS_HOST: host,
    MEMPHIS_PORT: String(port),
    MEMPHIS_REST_URL: restUrl,
    MEMPHIS_USERNAME: 'root',
    MEMPHIS_PASSWORD: 'memphis',
  };
}
