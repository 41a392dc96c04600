import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import type { Command } from 'commander';

import { examplesOf } from '../../src/cli/examples';
import { packageVersion, programFor } from '../../src/cli/program';
import { commandLine } from '../support/command-line';

const root = path.join(__dirname, '../..');

function run(args: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [commandLine, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, DEBUG: '', ...environment },
  });
  return { code: status, out: stdout, err: stderr };
}

test('--version prints the version of the package', () => {
  expect(run(['--version'])).toEqual({ code: 0, out: `${packageVersion()}\n`, err: '' });
});

test.each([
  [['brokr'], "unknown command 'brokr'\n(Did you mean broker?)\nRun cdktf-memphis --help"],
  [['broker', 'strat'], "unknown command 'strat'\n(Did you mean start?)\nRun cdktf-memphis broker --help"],
  [['help', 'driift'], "unknown command 'driift'\n(Did you mean drift?)\nRun cdktf-memphis --help"],
  [
    ['help', 'broker', 'strat'],
    "unknown command 'strat'\n(Did you mean start?)\nRun cdktf-memphis broker --help",
  ],
  [['broker', 'start', '--prot', '1'], "unknown option '--prot'\n(Did you mean --port?)"],
])('%j is answered with the nearest name and the help to read', (args, text) => {
  const { code, out, err } = run(args);
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain(`cdktf-memphis: ${text}`);
});

test('an error nobody expected says so in a line, and where with DEBUG=cdktf-memphis', () => {
  const broken = {
    XDG_STATE_HOME: '',
    NODE_OPTIONS: `--require=${path.join(__dirname, 'support/broken-home.cjs')}`,
  };
  expect(run(['broker', 'status'], broken)).toEqual({
    code: 1,
    out: '',
    err: 'cdktf-memphis: could not run the command: the disk is on fire. Run again with DEBUG=cdktf-memphis to see where.\n',
  });
  const { code, err } = run(['broker', 'status'], { ...broken, DEBUG: 'express,cdktf-memphis' });
  expect(code).toBe(1);
  expect(err).toMatch(/^cdktf-memphis: could not run .*\nError: the disk is on fire\n +at /);
});

test('a closed pipe ends it without a word', async () => {
  const command = `'${process.execPath}' '${commandLine}' completion zsh; echo "code $?" >&2`;
  // The reader has gone before the first byte is written.
  const { stderr } = await promisify(execFile)('sh', ['-c', `( sleep 0.3; ${command} ) | true`], {
    cwd: root,
  });
  expect(stderr).toBe('code 0\n');
});

/** Every command that does something, with its name as a user types it. */
function leaves(command: Command, name: string): (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[name, command]];
  return command.commands.flatMap((each) => leaves(each, `${name} ${each.name()}`));
}

describe('the help', () => {
  const all = leaves(programFor('all'), 'cdktf-memphis');

  test.each(all)('of %s has examples that it understands itself', (name, command) => {
    const examples = examplesOf(command);
    expect(examples.length).toBeGreaterThan(0);
    for (const [, line] of examples) {
      const [, words = ''] = /cdktf-memphis ((?:(?! [|>&] )[^)|>])*)/.exec(line) ?? [];
      const args = words.trim().split(/\s+/);
      expect(`cdktf-memphis ${args.join(' ')} `).toContain(`${name} `);
      expect(parsedWithoutAction(args)).toEqual([]);
    }
  });

  test('lists every command with a summary, and those with commands of their own, too', () => {
    const { out } = run(['--help']);
    for (const command of programFor('all').commands) {
      expect(out).toMatch(new RegExp(`^  ${command.name()} .*${command.summary().slice(0, 20)}`, 'm'));
    }
    expect(run(['help', 'broker']).out).toBe(run(['broker', '--help']).out);
    expect(run(['help', 'broker', 'start']).out).toBe(run(['broker', 'start', '--help']).out);
  });
});

/** What the program says about the arguments, its actions left out. */
function parsedWithoutAction(args: readonly string[]): string[] {
  const program = programFor('all');
  const problems: string[] = [];
  const settle = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    command.configureOutput({ writeErr: (text) => problems.push(text) });
    command.commands.forEach(settle);
  };
  settle(program);
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    problems.push(String(error));
  }
  return problems;
}

// Pipelines start commands by the dozen. A command that imports a runtime at the top of its file fails here.
test.each([
  ['--help', ['--help'], /^lib\/(runtime|schema)\//],
  // It makes every command. Options name the formats of reports, whose table loads each of them when it prints.
  ['the help of no command', ['complete', '--', ''], /^lib\/(schema|runtime\/(?!report\/))/],
])('%s loads no runtime', (_, args, runtime) => {
  const { err } = run(args, {
    NODE_OPTIONS: `--require=${path.join(__dirname, 'support/loaded-modules.cjs')}`,
  });
  const files = err.split('\n').map((file) => path.relative(root, file));
  expect(files).toEqual(expect.arrayContaining(['lib/cli/main.js']));
  expect(files.filter((file) => runtime.test(file))).toEqual([]);
  expect(files.filter((file) => /^node_modules\/(?!commander|picocolors)/.test(file))).toEqual([]);
});
