// Import of `cdktf-memphis/runtime`, which every program that sends or gets messages pays for, and the start of the command.
import { fileURLToPath } from 'node:url';
import { bareNode, mediansInTurn, programTime } from './measure.mjs';

const command = fileURLToPath(new URL('../lib/cli/main.js', import.meta.url));
const entry = fileURLToPath(new URL('../lib/runtime/index.js', import.meta.url));

export async function runtimeImport(rounds) {
  const load = () => programTime(process.execPath, ['-e', `require(${JSON.stringify(entry)})`]);
  const help = () => programTime(process.execPath, [command, '--help']);
  const [bare, runtime, helped] = await mediansInTurn(rounds, bareNode, load, help);
  const ratio = runtime / bare;
  return [
    {
      what: 'runtime: node -e require(...)',
      value: runtime,
      unit: 'ms',
      ratio,
      goal: 'ratio 2',
      met: ratio <= 2,
    },
    { what: 'command: cdktf-memphis --help', value: helped, unit: 'ms', ratio: helped / bare },
  ];
}
