// How the demo speaks: steps, commands with their real output, and expectations that decide the exit code.
import { spawn } from 'node:child_process';

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

/**
 * Runs a command and shows what it prints, line by line.
 * @returns its exit code and everything it printed
 */
export function run(
  command,
  args,
  { cwd, env, show = () => true, as = [command, ...args].join(' '), timeoutMs = 120_000 },
) {
  console.log(`   ${dim('$')} ${bold(as)}`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk) => {
        output += chunk;
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) if (show(line)) console.log(dim(`   | ${line.trimEnd()}`));
      });
      stream.on('end', () => {
        if (rest !== '' && show(rest)) console.log(dim(`   | ${rest}`));
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
