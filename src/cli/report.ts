import { Command } from 'commander';

import type { DeclaredStack } from '../runtime/synthesised';
import { withExamples } from './examples';
import type { OutputOptions } from './output';
import { addOutputOptions, checkOutputs, writeReport } from './output';

/* eslint-disable @typescript-eslint/no-require-imports -- the engine is loaded when the command runs, so that its help starts fast; a real import() would start the loader of ES modules */

interface ReportCommandOptions extends OutputOptions {
  readonly plan: string;
  readonly folder?: string;
}

/** `cdktf-memphis report`: what a saved plan of Terraform is going to do. */
export function reportCommand(): Command {
  const command = new Command('report')
    .description(
      'Report what a saved plan of Terraform or OpenTofu is going to do: destroys and replacements first, each with its reason, and with the messages and consumer groups at stake, for which the broker of the environment is asked. Exit codes: 0 nothing changes, 1 error, 2 changes.',
    )
    .requiredOption('--plan <file>', 'the output of terraform show -json PLAN; - reads it from stdin')
    .option(
      '--folder <folder>',
      'the project, or the output folder of its synth, which name the source lines (default: the working directory)',
    );
  addOutputOptions(command).action(report);
  return withExamples(command, [
    [
      'A plan as Markdown, for a pull request',
      'terraform show -json saved.plan | cdktf-memphis report --plan - --format markdown',
    ],
    ['A plan on the terminal and as a page', 'cdktf-memphis report --plan plan.json --out plan.html'],
  ]);
}

async function report(options: ReportCommandOptions): Promise<void> {
  await checkOutputs(options);
  const { planReport, readPlanFile } =
    require('../runtime/report/sources/plan') as typeof import('../runtime/report/sources/plan');
  const plan = await readPlanFile(options.plan);
  const stacks = await declaredStacks(options.folder);
  await writeReport(await planReport(plan, { stacks, environment: process.env }), options);
}

/** A plan is complete without them: where nobody named a folder, nothing has to be there. */
async function declaredStacks(folder: string | undefined): Promise<DeclaredStack[]> {
  const { readSynthesisedStacks } =
    require('../runtime/synthesised') as typeof import('../runtime/synthesised');
  const environment = process.env;
  if (folder !== undefined) return readSynthesisedStacks({ folder, environment });
  return readSynthesisedStacks({ environment }).catch(() => []);
}
