// The same, sent and received by the load mode of a smoke test.
import { createRequire } from 'node:module';

const { runSmokeTest } = createRequire(import.meta.url)('../../lib/runtime/smoke');

/** More than any broker takes, so that all messages are due at once. */
const RATE = 1_000_000;

export async function open(port, restPort) {
  const environment = {
    MEMPHIS_HOST: '127.0.0.1',
    MEMPHIS_PORT: String(port),
    MEMPHIS_REST_URL: `http://127.0.0.1:${restPort}`,
    MEMPHIS_USERNAME: 'root',
    MEMPHIS_PASSWORD: 'memphis',
  };
  return {
    async roundTrip({ station, count, message }) {
      const load = { rate: RATE, durationMs: (count / RATE) * 1000, payloadBytes: message.length };
      return {
        run: async () => {
          const result = await runSmokeTest({ name: 'bench', station, load }, environment);
          if (!result.passed) throw new Error(result.steps.find(({ passed }) => !passed)?.detail);
          // Connections and the temporary station do not belong to the traffic.
          return { perSecond: result.throughput };
        },
        end: () => undefined,
      };
    },
  };
}
