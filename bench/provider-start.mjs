// Time from the start of a packed provider to its handshake line, beside `node -e 0`. Median of several runs each,
// taken in turn so that a busy machine slows both.
//   node bench/provider-start.mjs PROGRAM [ROUNDS]      PROGRAM: a terraform-provider-*.cjs
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [program, rounds = '5'] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: node bench/provider-start.mjs path/to/terraform-provider-NAME.cjs [rounds]');
  process.exit(1);
}

const environment = {
  ...process.env,
  TF_PLUGIN_MAGIC_COOKIE: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2',
  PLUGIN_PROTOCOL_VERSIONS: '5,6',
  PLUGIN_CLIENT_CERT: readFileSync(new URL('client-certificate.pem', import.meta.url), 'utf8'),
};

/** Milliseconds until the program prints its first line (`untilLine`) or ends. */
function time(command, args, untilLine) {
  return new Promise((resolve, reject) => {
    const begin = process.hrtime.bigint();
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const done = () => resolve(Number(process.hrtime.bigint() - begin) / 1e6);
    child.once('error', reject);
    if (untilLine) {
      child.stdout.once('data', () => {
        done();
        child.kill('SIGTERM');
      });
    }
    child.once('exit', done);
  });
}

const median = (values) => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];

const bare = [];
const provider = [];
await time(process.execPath, ['-e', '0'], false);
await time(program, [], true);
for (let round = 0; round < Number(rounds); round++) {
  bare.push(await time(process.execPath, ['-e', '0'], false));
  provider.push(await time(program, [], true));
}
const ratio = median(provider) / median(bare);
console.log(`node -e 0           ${median(bare).toFixed(0)} ms (median of ${rounds})`);
console.log(`handshake line      ${median(provider).toFixed(0)} ms (median of ${rounds})`);
console.log(`ratio               ${ratio.toFixed(2)} (at most 2)`);
