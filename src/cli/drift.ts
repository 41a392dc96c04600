import { Command } from 'commander';

import type { DeclaredStack } from '../runtime/synthesised';
import { withExamples } from './examples';
import type { OutputOptions } from './output';
import { addOutputOptions, checkOutputs, writeReport } from './output';
import { Progress } from './progress';

/* eslint-disable @typescript-eslint/no-require-imports -- the engine is loaded when the command runs, so that its help starts fast; a real import() would start the loader of ES modules */

interface DriftCommandOptions extends OutputOptions {
  readonly stack?: readonly string[];
  readonly includeUnmanaged?: true;
  readonly ignore?: readonly string[];
}

/** `cdktf-memphis drift`: what differs between the synthesised stacks and their brokers. */
export function driftCommand(): Command {
  const command = new Command('drift')
    .description(
      'Compare what the synthesised stacks declare with their brokers, by the code that the provider plans with. Needs neither Terraform nor its state, and changes nothing. Exit codes: 0 nothing differs, 1 error, 2 drift, 3 the broker cannot be reached or refused the login.',
    )
    .argument('[folder]', 'the project, or the output folder of its synth (default: the working directory)')
    .option('--stack <name>', 'compare this stack only; repeatable', collected)
    .option(
      '--include-unmanaged',
      'also report what no stack declares: stations, schemas, enforcements, streams without a station, records without an object',
    )
    .option(
      '--ignore <pattern>',
      'leave out objects whose name, kind/name or construct path matches this glob; repeatable',
      collected,
    );
  addOutputOptions(command).action(drift);
  return withExamples(command, [
    ['Compare all stacks of this project, after cdktf synth', 'cdktf-memphis drift'],
    [
      'One stack, for a nightly pipeline',
      'cdktf-memphis drift --stack orders --out drift.sarif --out drift.html',
    ],
    [
      'Everything on the broker but the stations of one team',
      "cdktf-memphis drift --include-unmanaged --ignore 'station/legacy-*'",
    ],
  ]);
}

function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

async function drift(folder: string | undefined, options: DriftCommandOptions): Promise<void> {
  await checkOutputs(options);
  const progress = new Progress();
  const stacks = await declaredStacks(folder, options.stack);
  const { driftReport } =
    require('../runtime/report/sources/drift') as typeof import('../runtime/report/sources/drift');
  try {
    const report = await driftReport(stacks, {
      environment: process.env,
      includeUnmanaged: options.includeUnmanaged === true,
      ignore: options.ignore ?? [],
      progress: progress.step,
    });
    progress.end();
    await writeReport(report, options);
  } finally {
    progress.end();
  }
}

async function declaredStacks(
  folder: string | undefined,
  stacks: readonly string[] | undefined,
): Promise<DeclaredStack[]> {
  const { readSynthesisedStacks } =
    require('../runtime/synthesised') as typeof import('../runtime/synthesised');
  return readSynthesisedStacks({
    environment: process.env,
    ...(folder === undefined ? {} : { folder }),
    ...(stacks === undefined ? {} : { stacks }),
  });
}
