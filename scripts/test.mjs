// `npm test`: everything from a fresh clone to the closing line, with nothing installed by hand.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browser } from './browser.mjs';
import { jsonSchemaSuite } from './json-schema-suite.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
prepare(root);
// Fetched here, where it may take its time, and not inside the first test that needs it.
const { findNatsServer } = createRequire(import.meta.url)(
  join(root, 'lib/runtime/broker/nats-server/executable.js'),
);
await findNatsServer((line) => console.log(line));
const suite = jsonSchemaSuite((line) => console.log(line));
if (suite.missing !== undefined) console.log(`the test suite of JSON Schema is skipped: ${suite.missing}`);
const chromium = browser((line) => console.log(line));
if (chromium.missing !== undefined) console.log(`the tests in a browser are skipped: ${chromium.missing}`);

const scratch = mkdtempSync(join(tmpdir(), 'cdktf-memphis-test-'));
const report = join(scratch, 'jest.json');
const jest = spawnSync(
  process.execPath,
  [join(root, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${report}`, ...process.argv.slice(2)],
  {
    cwd: root,
    // The summary of the coverage is printed to stdout, which otherwise says where the report is.
    stdio: ['ignore', process.argv.includes('--coverage') ? 'inherit' : 'ignore', 'inherit'],
    env: {
      ...(suite.folder === undefined ? {} : { JSON_SCHEMA_TEST_SUITE: suite.folder }),
      ...process.env,
      // Empty: there is none, and the tests that need one are skipped.
      CHROME_PATH: chromium.path ?? '',
    },
  },
);
const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
rmSync(scratch, { recursive: true, force: true });
if (counts === undefined) {
  console.log('jest ended without a report\n0 passed, 1 failed');
  process.exit(1);
}
// A suite that cannot even be loaded has no failed test of its own, yet it is a failure.
const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
const skipped = counts.numPendingTests + counts.numTodoTests;
const skippedIsFailure = process.env.CI === 'true' && skipped > 0;
console.log(`${counts.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(jest.status !== 0 || failed > 0 || skippedIsFailure ? 1 : 0);
