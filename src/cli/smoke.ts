import { Command, InvalidArgumentError } from 'commander';

import { withExamples } from './examples';
import { addOutputOptions } from './output';
import type { SmokeOptions } from './smoke-actions';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when the command runs, not for its help
const actions = () => require('./smoke-actions') as typeof import('./smoke-actions');

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `cdktf-memphis smoke`: runs the smoke tests of synthesised stacks. */
export function smokeCommand(): Command {
  const command = new Command('smoke')
    .description('Run the smoke tests of the synthesised stacks, without Terraform.')
    .argument('[folder]', 'the project, or the output folder of its synth (default: this folder)')
    .option('--stack <name>', 'only this stack; repeatable', collected)
    .option('--test <name>', 'only this test, by its name or construct path; repeatable', collected)
    .option('--parallel <number>', 'tests that run at the same time', wholeNumber, 4)
    .option('--repeat <number>', 'run each test so many times', wholeNumber)
    .option('--for <time>', 'run the tests again and again for this long: 30s, 10m, 1h', duration)
    .action((folder: string | undefined, options: SmokeOptions) => actions().runSmokeTests(folder, options));
  return withExamples(addOutputOptions(command), [
    ['run all tests of the project', 'cdktf-memphis smoke'],
    ['run one test, and keep a report', 'cdktf-memphis smoke --test smoke --out smoke.html'],
    ['look for what fails now and then', 'cdktf-memphis smoke --for 10m --parallel 8'],
  ]);
}

function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return number;
  throw new InvalidArgumentError('It must be a whole number from 1 to 10000.');
}

function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = units[unit];
  if (factor === undefined)
    throw new InvalidArgumentError('It must be a number with its unit: 30s, 10m or 1h.');
  return Number(number) * factor;
}
