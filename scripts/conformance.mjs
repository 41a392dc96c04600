// `npm run conformance`: every row of the seed against a broker, row by row. Without MEMPHIS_HOST in the environment
// that is a local broker of its own, otherwise the one that the MEMPHIS_* variables name.
//   node scripts/conformance.mjs [--json FILE] [SECTION ...]
// A section is the beginning of the name of a file in test/conformance/seed: `fetch`, `dead-letters`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const external = process.env.MEMPHIS_HOST !== undefined && process.env.MEMPHIS_HOST !== '';

const scratch = mkdtempSync(join(tmpdir(), 'cdktf-memphis-conformance-'));
const report = join(scratch, 'rows');
const tests = positionals.length > 0 ? positionals.map((name) => `seed/${name}`) : ['test/conformance/seed'];
const jest = spawnSync(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...tests], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'pipe'],
  encoding: 'utf8',
  env: {
    ...process.env,
    CONFORMANCE_REPORT: report,
    ...(external ? { MEMPHIS_TEST_BROKER: 'external' } : {}),
  },
});
const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
rmSync(scratch, { recursive: true, force: true });
const results = new Map(lines.map((line) => JSON.parse(line)).map((entry) => [entry.id, entry]));

// The list of rows is TypeScript; only its pairs of id and feature are wanted here.
const source = readFileSync(join(root, 'test/conformance/seed/rows.ts'), 'utf8');
const rows = [...source.matchAll(/\['([A-Z]+-\d+)', (['"])(.*)\2\]/g)].map(([, id, , feature]) => {
  const { result, detail } = results.get(id) ?? { result: 'fail', detail: 'its test did not run' };
  return { id, feature, result, detail };
});
const asked = idsOf(positionals);
const shown = positionals.length > 0 ? rows.filter(({ id }) => asked.has(id)) : rows;

const table = new Table({ head: ['row', 'feature', 'result', 'detail'], style: { head: [], border: [] } });
for (const { id, feature, result, detail } of shown) table.push([id, feature, result, firstLine(detail)]);
console.log(table.toString());
const count = (wanted) => shown.filter(({ result }) => result === wanted).length;
console.log(
  `${count('pass')} pass, ${count('fail')} fail, ${count('not testable here')} not testable here, on ${external ? addressOfBroker() : 'a local broker'}`,
);
if (values.json !== undefined) writeFileSync(resolve(values.json), `${JSON.stringify(shown, null, 2)}\n`);
if (jest.status !== 0) console.error(jest.stderr);
process.exitCode = jest.status === 0 && count('fail') === 0 ? 0 : 1;

/** The rows of some sections, also of those whose test file could not even be loaded. */
function idsOf(sections) {
  const folder = join(root, 'test/conformance/seed');
  const files = readdirSync(folder).filter(
    (file) => file.endsWith('.test.ts') && sections.some((section) => file.startsWith(section)),
  );
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/\brow\(\s*'([A-Z]+-\d+)'/g)].map(([, id]) => id)),
  );
}

function addressOfBroker() {
  const { MEMPHIS_HOST: host, MEMPHIS_PORT: port = '6666' } = process.env;
  return `${host}:${port}`;
}

function firstLine(text) {
  const [line = ''] = text.split('\n');
  return line.length > 90 ? `${line.slice(0, 87)}...` : line;
}
