// Import of `cdktf-memphis/runtime`, which every program that sends or gets messages pays for.
import { fileURLToPath } from 'node:url';
import { bareNode, mediansInTurn, programTime } from './measure.mjs';

const entry = fileURLToPath(new URL('../lib/runtime/index.js', import.meta.url));

export async function runtimeImport(rounds) {
  const load = () => programTime(process.execPath, ['-e', `require(${JSON.stringify(entry)})`]);
  const [bare, runtime] = await mediansInTurn(rounds, bareNode, load);
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
  ];
}
