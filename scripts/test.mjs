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
const file = join(scratch, 'counts.json');
// They come last: jest takes what follows an option of several values for one of them.
const reporters = ['default', join(root, 'scripts/counts-reporter.cjs')].map((name) => `--reporters=${name}`);
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/jest/bin/jest.js'), ...process.argv.slice(2), ...reporters],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...(suite.folder === undefined ? {} : { JSON_SCHEMA_TEST_SUITE: suite.folder }),
      ...process.env,
      // Empty: there is none, and the tests that need one are skipped.
      CHROME_PATH: chromium.path ?? '',
      TEST_COUNTS: file,
    },
  },
);
const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
rmSync(scratch, { recursive: true, force: true });
// Jest has run no test: it was asked for something else, like --listTests, or could not start.
if (counts === undefined) process.exit(status ?? 1);
const { passed, failed, skipped } = counts;
const skippedIsFailure = process.env.CI === 'true' && skipped > 0;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(status !== 0 || failed > 0 || skippedIsFailure ? 1 : 0);
