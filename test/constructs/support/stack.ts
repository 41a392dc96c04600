import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack as Stack } from 'cdktf';
import { App, LocalBackend, TerraformStack, Testing } from 'cdktf';
import { MemphisProvider } from '../../../src/constructs/provider';
import { packageRoot } from './fixture-package';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the tests of the file. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-synth-'));
  folders.push(folder);
  return folder;
}

/** A stack `test` with a provider, filled by `declare`. */
export function stackWith(declare: (stack: Stack) => void, outdir = scratch()): Stack {
  // The state's path is the only value in a stack that the framework takes from this machine.
  const app = new App({
    outdir,
    stackTraces: false,
    context: { cdktfJsonPath: join(packageRoot, 'cdktf.json') },
  });
  const stack = new TerraformStack(app, 'test');
  new LocalBackend(stack, { path: 'terraform.tfstate' });
  new MemphisProvider(stack, 'memphis');
  declare(stack);
  return stack;
}

/** What is in the stack's JSON, without notes for the framework itself. */
export interface Synthesised {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly provider: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

export function synthesised(declare: (stack: Stack) => void): Synthesised {
  return JSON.parse(Testing.synth(stackWith(declare), true)) as Synthesised;
}

/** The problems that synth reports, each with its construct path; empty when the stack is legal. */
export function problemsIn(declare: (stack: Stack) => void): string[] {
  const stack = stackWith(declare);
  try {
    Testing.synth(stack, true);
    return [];
  } catch (error) {
    const [, list = ''] = (error as Error).message.split('following errors:\n');
    return list
      .replace(/\n\n[\s\S]*$/, '')
      .split(/\n {2}(?=\[)/)
      .map((problem) => problem.trim());
  }
}

/** Synthesises the whole app, as the command line does, and gives the directory of the stack. */
export function synthesiseApp(stack: Stack): string {
  const app = App.of(stack);
  app.synth();
  return join(app.outdir, 'stacks', 'test');
}
