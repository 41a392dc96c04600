// What the proxy of the local broker costs: the same clients through it and straight to the server, by turns.
import { createRequire } from 'node:module';
import { median } from './measure.mjs';

const require = createRequire(import.meta.url);

const AWAITED = 2_000;
const PIPELINED = 20_000;
const IN_FLIGHT = 256;

const perSecond = (count, since) => (count * 1000) / (performance.now() - since);

export async function brokerProxy(rounds) {
  const { LocalBroker } = require('../lib/runtime/broker');
  const { connect } = require('nats');
  const broker = await LocalBroker.start();
  const as = { user: 'root$1', pass: 'memphis' };
  const through = await connect({ servers: `127.0.0.1:${broker.port}`, name: 'bench::root', ...as });
  const direct = await connect({ servers: `127.0.0.1:${through.info.memphis_direct_port}`, ...as });
  try {
    await through.request(
      '$memphis_station_creations',
      JSON.stringify({ name: 'bench', username: 'root', partitions_number: 1 }),
    );
    const rows = [];
    for (const [kind, run] of Object.entries(kinds)) {
      const ratios = [];
      const rates = [];
      for (let round = 0; round < rounds; round += 1) {
        const order = round % 2 === 0 ? [through, direct] : [direct, through];
        const measured = new Map();
        for (const nats of order) measured.set(nats, await run(nats, direct));
        ratios.push(measured.get(through) / measured.get(direct));
        rates.push(measured.get(through));
      }
      rows.push({
        what: `proxy: ${kind}, of direct`,
        value: median(rates),
        unit: '/s',
        ratio: median(ratios),
      });
    }
    return rows;
  } finally {
    await Promise.all([through.close(), direct.close()]);
    await broker.stop();
  }
}

const payload = new Uint8Array(128);
let ids = 0;
const publish = (nats) => {
  const { headers } = require('nats');
  const block = headers();
  block.set('msg-id', String((ids += 1)));
  return nats.request('bench$1.final', payload, { headers: block, timeout: 10_000 });
};

const kinds = {
  async 'awaited one by one'(nats) {
    const began = performance.now();
    for (let index = 0; index < AWAITED; index++) await publish(nats);
    return perSecond(AWAITED, began);
  },
  async [`${IN_FLIGHT} in flight`](nats) {
    const began = performance.now();
    let left = PIPELINED;
    const lane = async () => {
      while (left-- > 0) await publish(nats);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    return perSecond(PIPELINED, began);
  },
  async 'received by a subscriber'(nats, direct) {
    const began = performance.now();
    const subscription = nats.subscribe('bench-plain', { max: PIPELINED });
    await nats.flush();
    for (let index = 0; index < PIPELINED; index++) direct.publish('bench-plain', payload);
    for await (const _ of subscription);
    return perSecond(PIPELINED, began);
  },
};
