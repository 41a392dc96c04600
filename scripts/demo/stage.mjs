// How the demo speaks: steps, commands with their real output, and expectations that decide the exit code.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined && process.env.CI === undefined;
const paint = (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = paint('1');
const dim = paint('2');
const green = paint('32');
const red = paint('31');

let step = 0;

/** A heading and what is about to be shown. */
export function scene(title, ...lines) {
  step += 1;
  console.log(`\n${bold(`${step}. ${title}`)}`);
  for (const line of lines) console.log(`   ${line}`);
}

export function say(text) {
  for (const line of text.split('\n')) console.log(`   ${line}`);
}

/** Something that must hold; the demo ends with an error if it does not. */
export function expect(holds, what, shown = '') {
  if (holds) {
    console.log(`   ${green('ok')} ${what}`);
    return;
  }
  console.log(`   ${red('NOT SO')} ${what}${shown === '' ? '' : `: ${shown}`}`);
  throw new DemoFailure(`step ${step}: ${what}`);
}

export class DemoFailure extends Error {}

const LOOK_PAUSE_MS = 100;

/**
 * Runs a command and shows what it prints, line by line. It prints into a file: what cdktf has written into a pipe may be
 * cut off when it ends, a file gets everything.
 * @returns its exit code and everything it printed
 */
export async function run(
  command,
  args,
  { cwd, env, show = () => true, as = [command, ...args].join(' '), timeoutMs = 120_000 },
) {
  console.log(`   ${dim('$')} ${bold(as)}`);
  const folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-demo-output-'));
  const file = openSync(join(folder, 'output'), 'a+');
  let output = '';
  let shown = 0;
  const showLines = (isAll) => {
    output = readFileSync(join(folder, 'output'), 'utf8');
    const end = isAll ? output.length : output.lastIndexOf('\n') + 1;
    const lines = output.slice(shown, end).split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) if (show(line)) console.log(dim(`   | ${line.trimEnd()}`));
    shown = end;
  };
  const looking = setInterval(() => showLines(false), LOOK_PAUSE_MS);
  try {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', file, file], timeout: timeoutMs });
    const [code] = await once(child, 'close');
    showLines(true);
    return { code: code ?? 1, output };
  } finally {
    clearInterval(looking);
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}
