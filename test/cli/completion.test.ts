import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { completionsOf } from '../../src/cli/completion';
import { completionScripts } from '../../src/cli/completion-scripts';
import { programFor } from '../../src/cli/program';
import { commandLine } from '../support/command-line';

const values = (...words: string[]): string[] => {
  const { candidates, mayBeFile } = completionsOf(programFor('all'), words);
  return [...candidates.map(([value]) => value), ...(mayBeFile ? [':files'] : [])];
};

test.each<[words: readonly string[], expected: readonly string[]]>([
  [['br'], ['broker']],
  [
    ['broker', ''],
    ['start', 'status', 'stop', 'help'],
  ],
  [['broker', 'sto'], ['stop']],
  [['help', 'broker', 'sto'], ['stop']],
  [
    ['broker', 'start', '--log-level', ''],
    ['error', 'info', 'debug'],
  ],
  [['broker', 'start', '--log-level=d'], ['--log-level=debug']],
  // The way Bash splits it.
  [
    ['broker', 'start', '--log-level', '='],
    ['error', 'info', 'debug'],
  ],
  [['broker', 'start', '--log-level', '=', 'i'], ['info']],
  [['broker', 'start', '--port', '1', '--sto'], ['--store']],
  [['broker', 'start', '--store', ''], [':files']],
  [['broker', 'start', '--port', ''], []],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['completion', 'bash', ''], []],
  [['nothing-of-the-kind', ''], []],
])('after %j can stand %j', (words, expected) => {
  expect(values(...words)).toEqual(expected);
});

describe('in a real shell', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'completion-test-'));
  beforeAll(() => {
    const program = path.join(folder, 'cdktf-memphis');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${commandLine}' "$@"\n`);
    chmodSync(program, 0o755);
    for (const [shell, script] of Object.entries(completionScripts)) {
      writeFileSync(path.join(folder, `script.${shell}`), script);
    }
    writeFileSync(path.join(folder, 'a file'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const inShell = (shell: string, code: string): string[] => {
    const args = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] }[shell] ?? [];
    const { stdout, stderr, status } = spawnSync(shell, [...args, '-c', code], {
      cwd: path.join(__dirname, '../..'),
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, HOME: folder },
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return stdout.split('\n').filter((line) => line !== '');
  };
  const script = (shell: string): string => path.join(folder, `script.${shell}`);
  const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

  test('Bash', () => {
    // `compopt` works only while Bash completes; here it says what would be asked of it.
    const code = `source '${script('bash')}'; compopt() { echo "compopt $*"; }
      COMP_WORDS=(cdktf-memphis broker start --log-level = d); COMP_CWORD=5; _cdktf_memphis; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(cdktf-memphis broker start --store ''); COMP_CWORD=4; _cdktf_memphis; echo "\${#COMPREPLY[@]}"
      complete -p cdktf-memphis`;
    expect(inShell('bash', code)).toEqual([
      'compopt +o default',
      'debug',
      '0',
      'complete -o default -F _cdktf_memphis cdktf-memphis',
    ]);
  });

  if (isThere('zsh')) {
    test('zsh', () => {
      const code = `autoload -Uz compinit && compinit -u -d '${folder}/dump'; source '${script('zsh')}'
        _describe() { print -l -- $candidates }; _files() { print files }
        words=(cdktf-memphis broker sto); CURRENT=3; _cdktf_memphis
        words=(cdktf-memphis broker start --store ''); CURRENT=5; _cdktf_memphis
        print $_comps[cdktf-memphis]`;
      expect(inShell('zsh', code)).toEqual(['stop:Stop a broker.', 'files', '_cdktf_memphis']);
    });
  }

  if (isThere('fish')) {
    test('fish', () => {
      const code = `source '${script('fish')}'
        complete -C 'cdktf-memphis broker sto'; complete -C "cdktf-memphis broker start --store ${folder}/a"`;
      expect(inShell('fish', code)).toEqual(['stop\tStop a broker.', expect.stringContaining('a file')]);
    });
  }
});
