import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import type { OutputOptions } from '../../src/cli/output';
import { addOutputOptions, checkOutputs, writeReport } from '../../src/cli/output';
import { driftReport, largeReport } from '../support/reports';

const root = path.join(__dirname, '../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'output-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The options that commander makes of arguments; an error is its message. */
function parsed(...args: readonly string[]): OutputOptions {
  const command = addOutputOptions(new Command('drift'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: 'user' }).opts<OutputOptions>();
}

/** What a report leaves on stdout and stderr, and the exit code. */
async function written(
  report = driftReport(),
  options: OutputOptions = {},
  environment: Readonly<Record<string, string>> = {},
  terminal: { readonly isTTY?: boolean; readonly columns?: number } = {},
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number | undefined }> {
  const stdout = Object.assign(new PassThrough({ highWaterMark: 1 << 30 }), terminal);
  const stderr = new PassThrough({ highWaterMark: 1 << 30 });
  let code: number | undefined;
  const setExitCode = (given: number): void => {
    code = given;
  };
  await writeReport(report, options, { stdout, stderr, environment, setExitCode });
  const textOf = (stream: PassThrough): string => String((stream.read() as Buffer | null) ?? '');
  return { stdout: textOf(stdout), stderr: textOf(stderr), code };
}

test('writes text to stdout and every file in the format of its extension', async () => {
  const out = [path.join(folder, 'new', 'a.json'), path.join(folder, 'b.TXT')];
  const options = parsed('--out', out[0] ?? '', '--out', out[1] ?? '');
  await checkOutputs(options);
  const { stdout, stderr, code } = await written(driftReport(), options);
  expect(stdout).toMatch(/^Memphis drift/);
  expect(stderr).toBe('');
  expect(code).toBe(2);
  expect(JSON.parse(readFileSync(out[0] ?? '', 'utf8'))).toMatchObject({ formatVersion: '1.0' });
  expect(readFileSync(out[1] ?? '', 'utf8')).toBe(stdout);
  expect(readdirSync(folder).sort()).toEqual(['b.TXT', 'new']);
});

test('writes stdout in the format that is named', async () => {
  const { stdout } = await written(driftReport(), parsed('--format', 'json'));
  expect(JSON.parse(stdout)).toMatchObject({ source: 'drift' });
});

test('exits with 0 when nothing needs attention', async () => {
  expect(await written(largeReport(3, 0))).toMatchObject({ code: 0 });
});

test('refuses an extension that no format has, and lists those that one has', () => {
  expect(() => parsed('--out', 'drift.pdf')).toThrow(
    /argument 'drift.pdf' is invalid\. .*end in \.txt.* or \.\w+\.$/,
  );
  expect(() => parsed('--out', 'json')).toThrow(/invalid/);
});

test('refuses a file of a format that the command does not offer', () => {
  const command = addOutputOptions(new Command('list'), ['text', 'json'])
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  expect(() => command.parse(['--out', 'a.md'], { from: 'user' })).toThrow(/end in \.txt or \.json/);
});

test('refuses a folder that cannot be written before any work', async () => {
  writeFileSync(path.join(folder, 'file'), '');
  await expect(checkOutputs({ out: [path.join(folder, 'file', 'a.json')] })).rejects.toThrow(
    /^could not write ".*file\/a\.json": .*(EEXIST|ENOTDIR).* Name a file in a folder that you may write to\.$/,
  );
  await expect(checkOutputs({ out: ['/proc/a.json'] })).rejects.toThrow(/could not write "\/proc\/a\.json"/);
  await expect(checkOutputs({ out: ['/proc/reports/a.json'] })).rejects.toThrow(/could not write .*ENOENT/);
  await expect(checkOutputs({ out: [folder] })).rejects.toThrow(/it is a folder/);
});

test('prints the report all the same when a file fails, and leaves no half of it', async () => {
  const file = path.join(folder, 'gone', 'a.json');
  const stdout = new PassThrough({ highWaterMark: 1 << 30 });
  const channels = { stdout, stderr: new PassThrough(), environment: {}, setExitCode: () => undefined };
  await expect(writeReport(driftReport(), { out: [file] }, channels)).rejects.toThrow(/could not write/);
  expect(String(stdout.read())).toMatch(/^Memphis drift/);
  expect(existsSync(path.dirname(file))).toBe(false);
});

test.each([
  ['a terminal', {}, { isTTY: true }, true],
  ['no terminal', {}, {}, false],
  ['no terminal, though colours are forced', { FORCE_COLOR: '1' }, {}, false],
  ['a terminal in CI', { CI: 'true' }, { isTTY: true }, false],
  ['a terminal with NO_COLOR', { NO_COLOR: '1' }, { isTTY: true }, false],
  ['a dumb terminal', { TERM: 'dumb' }, { isTTY: true }, false],
])('colours as it should on %s', async (_, environment, terminal, isColoured) => {
  const { stdout } = await written(driftReport(), {}, environment, terminal);
  expect(stdout.includes('\u001b[')).toBe(isColoured);
});

test.each([
  ['text', /^::error file=.*\nMemphis drift/s, /^$/],
  ['json', /^\{\n/, /^::error file=/],
] as const)(
  'in GitHub Actions with %s, annotations stay out of the data',
  async (format, onStdout, onStderr) => {
    const summary = path.join(folder, 'summary.md');
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    const { stdout, stderr } = await written(driftReport(), { format }, environment);
    expect(stdout).toMatch(onStdout);
    expect(stderr).toMatch(onStderr);
    expect(readFileSync(summary, 'utf8')).toContain('<summary>');
  },
);

test('keeps the exit code and says nothing when the reader of stdout leaves', async () => {
  const script = `
    process.stdout.on('error', () => process.exit());
    const { writeReport } = require(${JSON.stringify(path.join(root, 'src/cli/output.ts'))});
    const { largeReport } = require(${JSON.stringify(path.join(root, 'test/support/reports.ts'))});
    void writeReport(largeReport(5000, 5000), {});
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
    cwd: root,
    env: { PATH: process.env.PATH },
  });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect({ code, errors }).toEqual({ code: 2, errors: '' });
});
