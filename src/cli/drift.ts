import { Command } from 'commander';

import { ValidationError } from '../model/errors';
import type { SynthesisedStacks } from '../runtime/synthesised';
import type { ServeAddress } from './drift-watch';
import { withExamples } from './examples';
import type { OutputOptions } from './output';
import { addOutputOptions, checkOutputs, writeReport } from './output';
import { Progress } from './progress';

/* eslint-disable @typescript-eslint/no-require-imports -- the engine is loaded when the command runs, so that its help starts fast; a real import() would start the loader of ES modules */

interface DriftCommandOptions extends OutputOptions {
  readonly stack?: readonly string[];
  readonly includeUnmanaged?: true;
  readonly streamsOnly?: true;
  readonly ignore?: readonly string[];
  readonly watch?: true;
  readonly serve?: ServeAddress;
  readonly allowedHost?: readonly string[];
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
      'also report what no stack declares: stations, schemas, enforcements, users, streams without a station, records without an object',
    )
    .option(
      '--ignore <pattern>',
      'leave out objects whose name, kind/name or construct path matches this glob; repeatable',
      collected,
    )
    .option(
      '--streams-only',
      'use the client port alone, where the REST API cannot be reached; the report says what was not compared',
    )
    .option('--watch', 'stay, and report drift as it happens, until Ctrl-C')
    .option(
      '--serve <address>',
      'stay, and serve the report as a page (/), /report.json, /metrics for Prometheus and /healthz; 127.0.0.1:9464, or 9464 for short; other machines reach it only on another address',
      (text: string) => (require('./drift-watch') as typeof import('./drift-watch')).serveAddress(text),
    )
    .option(
      '--allowed-host <name>',
      'with --serve: another host name under which it may be called; repeatable',
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
      'Serve the drift of this project for people and Prometheus',
      'cdktf-memphis drift --serve 127.0.0.1:9464',
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
  if (options.allowedHost !== undefined && options.serve === undefined) {
    throw new ValidationError('serve the report', [
      '--allowed-host is given without --serve; add --serve, or remove --allowed-host',
    ]);
  }
  await checkOutputs(options);
  const progress = new Progress();
  const stacks = stacksOf(folder, options.stack);
  const driftOptions = {
    environment: process.env,
    includeUnmanaged: options.includeUnmanaged === true,
    streamsOnly: options.streamsOnly === true,
    ignore: options.ignore ?? [],
  };
  try {
    if (options.watch === true || options.serve !== undefined) {
      const { watchDrift } = require('./drift-watch') as typeof import('./drift-watch');
      await watchDrift(stacks, options, driftOptions, progress);
      return;
    }
    const { driftReport } =
      require('../runtime/report/sources/drift') as typeof import('../runtime/report/sources/drift');
    const report = await driftReport(await stacks.read(), { ...driftOptions, progress: progress.step });
    progress.end();
    await writeReport(report, options);
  } finally {
    progress.end();
  }
}

function stacksOf(folder: string | undefined, stacks: readonly string[] | undefined): SynthesisedStacks {
  const { SynthesisedStacks: Stacks } =
    require('../runtime/synthesised') as typeof import('../runtime/synthesised');
  return new Stacks({
    environment: process.env,
    ...(folder === undefined ? {} : { folder }),
    ...(stacks === undefined ? {} : { stacks }),
  });
}
