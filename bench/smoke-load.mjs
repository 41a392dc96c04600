// The load mode of smoke tests beside the runtime that it is made of, on the same local broker with file storage. Both produce and
// consume in one process, at the same payload, as fast as they can; what only produces shows which share of the time that is.
import { createRequire } from 'node:module';
import { median } from './measure.mjs';
import { portBehindProxy, start } from './messaging.mjs';

const require = createRequire(import.meta.url);

const COUNT = 100_000;
const GOAL = 0.8;

export async function smokeLoad(rounds) {
  const { LocalBroker } = require('../lib/runtime/broker');
  const { Memphis } = require('../lib/runtime');
  const broker = await LocalBroker.start();
  const admin = new Memphis();
  const clients = [];
  try {
    await admin.connect({ host: '127.0.0.1', port: broker.port, username: 'root', password: 'memphis' });
    const port = await portBehindProxy(broker.port);
    for (const kind of ['runtime', 'smoke']) clients.push(await start(kind, port, broker.restPort));
    const [runtime, smoke] = clients;
    const rows = [];
    for (const size of [128, 1024]) {
      const contenders = [
        { client: runtime, task: 'pipelined', speeds: [] },
        { client: runtime, task: 'roundTrip', speeds: [] },
        { client: smoke, task: 'roundTrip', speeds: [] },
      ];
      // The first round warms up, and does not count.
      for (let round = 0; round <= rounds; round += 1) {
        const order = round % 2 === 0 ? contenders : [...contenders].reverse();
        for (const { client, task, speeds } of order) {
          const perSecond = await measured(
            client,
            task,
            `load-${client.kind}-${task}-${size}-${round}`,
            size,
          );
          if (round > 0) speeds.push(perSecond);
        }
      }
      const [produced, roundTrip, load] = contenders.map(({ speeds }) => median(speeds));
      const ratio = load / roundTrip;
      rows.push(
        { what: `runtime, only produces, ${size} B`, value: produced, unit: 'msg/s' },
        { what: `runtime, produces and consumes, ${size} B`, value: roundTrip, unit: 'msg/s' },
        {
          ...{ what: `smoke test, load, ${size} B`, value: load, unit: 'msg/s', ratio },
          ...{ goal: `>= ${GOAL} x runtime`, met: ratio >= GOAL },
        },
      );
    }
    return rows;
  } finally {
    for (const client of clients) client.end();
    await admin.close();
    await broker.stop();
  }

  async function measured(client, task, stationName, size) {
    const station = await admin.station({ name: stationName });
    const options = { station: stationName, count: COUNT, message: 'x'.repeat(size), group: 'bench' };
    const { perSecond } = await client.run(task, options);
    await station.destroy();
    return perSecond;
  }
}
