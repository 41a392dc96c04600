import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readableText } from '../../src/cli/doctor-action';
import { TestBroker } from '../support/broker';
import { runCommand } from '../support/command-line';

const root = path.join(__dirname, '../..');
const broker = TestBroker.forThisFile();
const home = mkdtempSync(path.join(tmpdir(), 'doctor-cli-test-'));
afterAll(() => rmSync(home, { recursive: true }));

function doctor(args: readonly string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, HOME: home, TF_CLI_CONFIG_FILE: '', ...broker.environment, ...environment };
  return runCommand(['doctor', ...args], { cwd: root, env });
}

test('the exit code is 0 without a problem, 1 with one, and 3 where the broker does not let this user in', async () => {
  const configuration = path.join(home, 'hiding.tfrc');
  writeFileSync(configuration, 'provider_installation { direct {} }');
  const missing = path.join(home, 'nope');
  expect(await doctor(['--project', missing])).toEqual({
    code: 1,
    out: '',
    err: `cdktf-memphis: could not examine the project in ${missing}: the folder does not exist. Name the folder of your stacks with --project, or make a project with cdktf-memphis init.\n`,
  });
  const [well, hidden, refused] = await Promise.all([
    doctor([]),
    doctor(['--format', 'json'], { TF_CLI_CONFIG_FILE: configuration }),
    doctor(['--format', 'json'], { MEMPHIS_PASSWORD: 'Not-The-Password' }),
  ]);
  expect(well).toMatchObject({ code: 0, err: '' });
  expect(well.out).toMatch(/^This machine\n {2}ok +Terraform or OpenTofu +Terraform \d/);
  expect(well.out).toMatch(
    /\nThe broker\n {2}ok +Client port +127\.0\.0\.1:\d+ answers .*\n\nNo problem, 1 not checked\.\n$/s,
  );

  expect(hidden.code).toBe(1);
  const { version, problems, checks } = JSON.parse(hidden.out) as {
    version: number;
    problems: number;
    checks: { id: string; area: string; status: string; next: string | null }[];
  };
  expect([version, problems]).toEqual([1, 1]);
  expect(checks.find(({ status }) => status === 'problem')).toMatchObject({
    id: 'provider-installation',
    area: 'machine',
    next: expect.stringContaining('filesystem_mirror') as string,
  });

  expect(refused.code).toBe(3);
  expect(refused.out).not.toContain('Not-The-Password');
}, 30_000);

test('each line says what was found, and what to do below it', () => {
  const text = readableText(
    [
      {
        name: 'machine',
        results: [
          { id: 'a', title: 'A', status: 'problem', found: 'It is broken.', next: 'Mend it.' },
          { id: 'b', title: 'Longer', status: 'ok', found: 'Fine.' },
        ],
      },
      { name: 'broker', results: [{ id: 'c', title: 'C', status: 'warning', found: 'Old.' }] },
    ],
    false,
  );
  expect(text).toBe(`This machine
  PROBLEM      A       It is broken.
                       -> Mend it.
  ok           Longer  Fine.

The broker
  warning      C       Old.

1 problem, 1 warning.
`);
});
