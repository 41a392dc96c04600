// Time to import the runtime of the built package, beside `node -e 0`. Median of several runs each, taken in turn so
// that a busy machine slows both. Run `npm run build` first.
//   node bench/runtime-import.mjs [ROUNDS]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const rounds = Number(process.argv[2] ?? 5);
const entry = fileURLToPath(new URL('../lib/runtime/index.js', import.meta.url));

function time(code) {
  const begin = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(process.hrtime.bigint() - begin) / 1e6;
}

const median = (values) => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];

const bare = [];
const runtime = [];
for (let round = 0; round < rounds; round += 1) {
  bare.push(time('0'));
  runtime.push(time(`require(${JSON.stringify(entry)})`));
}
const [bareMs, runtimeMs] = [median(bare), median(runtime)];
console.log(`node -e 0: ${bareMs.toFixed(1)} ms`);
console.log(
  `import of cdktf-memphis/runtime: ${runtimeMs.toFixed(1)} ms, ${(runtimeMs / bareMs).toFixed(2)} x`,
);
