// A set of many stations with real Terraform: what one plan of it takes, and how much of that is the provider's.
//   BENCH_MEMBERS=10000 node bench/run.mjs set
import { environmentOf, onBroker, ours } from './deployment.mjs';
import { PHASES, Stations } from './deployment/stations.mjs';

const MEMBERS = Number(process.env.BENCH_MEMBERS ?? 10_000);
const GOAL_MS = 5_000;
const GOAL_MIB = 500;

export async function stationSet() {
  return await onBroker(async (broker) => {
    const stations = new Stations(ours, MEMBERS, environmentOf(broker), undefined, { isSet: true });
    const taken = {};
    try {
      for (const phase of PHASES) taken[phase] = await stations.run(phase);
    } finally {
      stations.remove();
    }
    const { usage } = stations;
    const memoryMiB = Math.max(...PHASES.map((phase) => usage[phase].memoryMiB));
    return [
      ...PHASES.map((phase) => ({
        what: `set: ${phase} of ${MEMBERS} stations`,
        value: taken[phase],
        unit: 'ms',
        ...(phase === 'no-op plan' ? { goal: `${GOAL_MS} ms`, met: taken[phase] <= GOAL_MS } : {}),
      })),
      {
        what: 'set: processor time of the provider in the plan',
        value: usage['no-op plan'].processorMs,
        unit: 'ms',
      },
      {
        what: 'set: most memory of a provider',
        value: memoryMiB,
        unit: 'MiB',
        goal: `${GOAL_MIB} MiB`,
        met: memoryMiB <= GOAL_MIB,
      },
    ];
  });
}
