// Deployments of many stations with real Terraform onto a local broker, beside a provider of the same schema that does
// nothing, phase by phase in turn. Then three times as many stations beside that many, with the state in a backend, as
// pipelines have it: see deployment/state-server.mjs. One round takes minutes, so there is one by default.
//   BENCH_STATIONS=1000 BENCH_ROUNDS=1 BENCH_GROWTH=3 node bench/run.mjs deployment       (BENCH_GROWTH=1: no growth)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packProvider } from '../scripts/pack-provider.mjs';
import { RequestCounter } from './deployment/request-counter.mjs';
import { stateServer } from './deployment/state-server.mjs';
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
export const ours = {
  packedIn: bundles,
  manifest: JSON.parse(readFileSync(join(bundles, 'memphis.json'), 'utf8')),
};

export async function deployment() {
  const packedIn = mkdtempSync(join(tmpdir(), 'cdktf-memphis-bench-floor-'));
  try {
    const manifest = await packProvider({
      entry: fileURLToPath(new URL('deployment/floor-provider/main.ts', import.meta.url)),
      address: 'npm.invalid/bench/floor',
      version: '1.0.0',
      outDir: packedIn,
    });
    return [...(await ratios({ packedIn, manifest })), ...(await requestsPerStation())];
  } finally {
    rmSync(packedIn, { recursive: true, force: true });
  }
}

async function ratios(floor) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measured(floor));
  const row = (phase, counted, measuredRun, besideRun, beside, most) => {
    const ratio = median(rounds.map((each) => each[measuredRun][phase] / each[besideRun][phase]));
    return {
      what: `deployment: ${phase} of ${counted} stations, beside ${beside}`,
      value: median(rounds.map((each) => each[measuredRun][phase])),
      unit: 'ms',
      ratio,
      goal: `ratio ${most.toFixed(1)}`,
      met: ratio <= most,
    };
  };
  const memory = (counted, name) => {
    const value = median(rounds.map((each) => each[name].memoryMiB));
    const most = counted <= 1_000 ? 250 : 500;
    return {
      what: `deployment: most memory of a provider, ${counted} stations`,
      value,
      unit: 'MiB',
      goal: `${most} MiB`,
      met: value <= most,
    };
  };
  return [
    memory(STATIONS, 'ours'),
    ...(GROWTH > 1 ? [memory(STATIONS * GROWTH, 'many')] : []),
    ...PHASES.map((phase) => row(phase, STATIONS, 'ours', 'floor', 'doing nothing', GOAL_OF_FLOOR)),
    ...(GROWTH > 1
      ? PHASES.flatMap((phase) => [
          row(phase, STATIONS * GROWTH, 'many', 'few', STATIONS, GOAL_OF_GROWTH),
          row(phase, STATIONS * GROWTH, 'many', 'manyFloor', 'doing nothing', GOAL_OF_FLOOR),
        ])
      : []),
  ];
}

/** Milliseconds of each phase of each deployment. They take turns, so that a busy machine slows all of them alike. */
async function measured(floor) {
  const server = await stateServer();
  try {
    return await onBrokers(GROWTH > 1 ? 3 : 1, async (one, another, third) => {
      const growing = (name, provider, count, env) =>
        new Stations(provider, count, env, server.addressOf(name));
      const deployments = {
        floor: new Stations(floor, STATIONS),
        ours: new Stations(ours, STATIONS, one),
        ...(GROWTH > 1
          ? {
              few: growing('few', ours, STATIONS, another),
              manyFloor: growing('floor', floor, STATIONS * GROWTH),
              many: growing('many', ours, STATIONS * GROWTH, third),
            }
          : {}),
      };
      const taken = Object.fromEntries(Object.keys(deployments).map((name) => [name, {}]));
      try {
        for (const phase of PHASES) {
          for (const [name, stations] of Object.entries(deployments)) {
            taken[name][phase] = await stations.run(phase);
          }
        }
        for (const [name, { usage }] of Object.entries(deployments)) {
          const all = PHASES.map((phase) => usage[phase].memoryMiB);
          taken[name].memoryMiB = Math.max(...all);
        }
      } finally {
        for (const stations of Object.values(deployments)) stations.remove();
      }
      return taken;
    });
  } finally {
    server.close();
  }
}

/** @param {(...environments: Record<string, string>[]) => Promise<T>} action @template T */
async function onBrokers(count, action, environments = []) {
  if (environments.length === count) return await action(...environments);
  return await onBroker((broker) => onBrokers(count, action, [...environments, environmentOf(broker)]));
}

/** Requests to the broker, counted and not timed. */
async function requestsPerStation() {
  const [few, many] = [await requests(COUNTED[0]), await requests(COUNTED[1])];
  return PHASES.map((phase) => ({
    what: `deployment: requests to the broker for a station, ${phase}`,
    value: (many[phase] - few[phase]) / (COUNTED[1] - COUNTED[0]),
    unit: 'req',
  }));
}

function requests(count) {
  return onBroker(async (broker) => {
    const counter = await RequestCounter.before(broker);
    const ports = { MEMPHIS_PORT: String(counter.natsPort), MEMPHIS_REST_URL: counter.restUrl };
    const stations = new Stations(ours, count, { ...environmentOf(broker), ...ports });
    const counted = {};
    try {
      for (const phase of PHASES) {
        await stations.run(phase);
        counted[phase] = counter.take();
      }
    } finally {
      stations.remove();
      counter.close();
    }
    return counted;
  });
}

/** A new broker in a process of its own, as the command starts it. */
export async function onBroker(action) {
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

export function environmentOf({ host, port, restUrl }) {
  return {
    MEMPHIS_HOST: host,
    MEMPHIS_PORT: String(port),
    MEMPHIS_REST_URL: restUrl,
    MEMPHIS_USERNAME: 'root',
    MEMPHIS_PASSWORD: 'memphis',
  };
}
