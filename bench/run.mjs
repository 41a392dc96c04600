// `npm run bench`: what loading and starting costs, as medians of five and as ratios, which mean the same on every
// machine. A number that misses its goal is marked; nothing fails.
//   node bench/run.mjs [provider|runtime|broker|proxy|carry|synth|messaging|smoke|set|deployment ...]
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { prepare } from '../scripts/prepare.mjs';
import { localBroker } from './broker.mjs';
import { brokerProxy } from './broker-proxy.mjs';
import { carriedMessages } from './carry.mjs';
import { deployment } from './deployment.mjs';
import { messaging } from './messaging.mjs';
import { providerStart } from './provider-start.mjs';
import { runtimeImport } from './runtime-import.mjs';
import { stationSet } from './station-set.mjs';
import { smokeLoad } from './smoke-load.mjs';
import { synth } from './synth.mjs';

const ROUNDS = 5;
const benchmarks = {
  provider: providerStart,
  runtime: runtimeImport,
  broker: localBroker,
  proxy: brokerProxy,
  carry: carriedMessages,
  synth,
  messaging,
  smoke: smokeLoad,
  set: stationSet,
  deployment,
};

prepare(fileURLToPath(new URL('..', import.meta.url)));
const chosen = process.argv.slice(2);
const rows = [];
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    rows.push(...(await benchmark(ROUNDS)));
  } catch (error) {
    rows.push({ what: `${name}: not measured, ${error.message.split('\n')[0]}` });
  }
}

const table = rows.map(({ what, value, unit, ratio, goal, met }) => [
  what,
  value === undefined ? '' : `${Math.round(value)} ${unit}`,
  ratio === undefined ? '' : ratio.toFixed(2),
  goal === undefined ? '' : `${goal}${met ? '' : '  MISSED'}`,
]);
table.unshift(['', 'median', 'ratio', 'goal']);
const width = Math.max(...table.map(([what]) => what.length));
for (const [what, value, ratio, goal] of table) {
  console.log(`${what.padEnd(width)}  ${value.padStart(9)}  ${ratio.padStart(5)}  ${goal}`.trimEnd());
}
const load = loadavg()[0];
console.log(
  `\nNode.js ${process.versions.node}, load of the machine ${load.toFixed(1)}; a busy machine blurs the ratios.`,
);
