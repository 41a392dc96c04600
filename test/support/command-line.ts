import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** The built program `cdktf-memphis`, as users run it. Its sources take three times as long to start, through tsx. */
export const commandLine = join(__dirname, '../../lib/cli/main.js');

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A command that runs. */
export interface Started {
  readonly child: Child;
  /** What it has printed until now, on stdout and on stderr. */
  readonly told: { out: string; err: string };
  /** Resolves when it has ended and everything that it printed is there. */
  readonly code: Promise<number | null>;
  readonly firstLine: () => Promise<unknown>;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment. Default: that of the tests, in a pipeline. */
  readonly env?: NodeJS.ProcessEnv;
  readonly nodeOptions?: readonly string[];
}

/** Starts `cdktf-memphis` with arguments. */
export function startCommand(
  args: readonly string[],
  // Some libraries take a pipeline for a terminal with colours.
  { cwd, env = { ...process.env, CI: 'true' }, nodeOptions = [] }: CommandOptions = {},
): Started {
  const child = spawn(process.execPath, [...nodeOptions, commandLine, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  const told = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told.err += text));
  const code = once(child, 'close').then(([exitCode]) => exitCode as number | null);
  return { child, told, code, firstLine: () => once(child.stdout, 'data') };
}

/** Runs `cdktf-memphis` with arguments to its end. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const { told, code } = startCommand(args, options);
  return { code: await code, ...told };
}
