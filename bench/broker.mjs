// Prints how fast the local broker is: node bench/broker.mjs (after npm run build). It never fails on a number.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { LocalBroker } = require('../lib/runtime/broker');
const { connect } = require('nats');

const STATIONS = 500;
const IN_FLIGHT = 32;

const median = (values) => values.sort((left, right) => left - right)[Math.floor(values.length / 2)];
const perSecond = (count, since) => Math.round((count * 1000) / (performance.now() - since));

const starts = [];
for (let i = 0; i < 5; i++) {
  const began = performance.now();
  const broker = await LocalBroker.start();
  starts.push(performance.now() - began);
  await broker.stop();
}
console.log(`ready, median of ${starts.length}: ${Math.round(median(starts))} ms (goal 500)`);

const broker = await LocalBroker.start();
const nats = await connect({ servers: `${broker.host}:${broker.port}`, user: 'root$1', pass: 'memphis' });
const create = (name) =>
  nats.request(
    '$memphis_station_creations',
    JSON.stringify({ name, username: 'root', partitions_number: 1 }),
    {
      timeout: 10_000,
    },
  );

let began = performance.now();
for (let i = 0; i < STATIONS; i++) await create(`one-by-one-${i}`);
console.log(`station creation, one at a time: ${perSecond(STATIONS, began)}/s (goal 300)`);

began = performance.now();
for (let i = 0; i < STATIONS; i += IN_FLIGHT) {
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, index) => create(`at-once-${i + index}`)));
}
console.log(`station creation, ${IN_FLIGHT} in flight: ${perSecond(STATIONS, began)}/s`);

const login = await fetch(`${broker.restUrl}/api/usermgmt/login`, {
  method: 'POST',
  body: '{"username":"root","password":"memphis"}',
});
const { jwt } = await login.json();
const reads = [];
for (let i = 0; i < 10; i++) {
  began = performance.now();
  const reply = await fetch(`${broker.restUrl}/api/stations/getAllStations`, {
    headers: { authorization: `Bearer ${jwt}` },
  });
  await reply.text();
  reads.push(performance.now() - began);
}
console.log(`getAllStations of about ${STATIONS * 2}: ${Math.round(median(reads))} ms`);

await nats.close();
began = performance.now();
await broker.stop();
console.log(`stop: ${Math.round(performance.now() - began)} ms`);
