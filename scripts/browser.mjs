// The browser that the tests of HTML reports run in: Chromium or Chrome. None is part of an npm package; a distribution's
// package manager has one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAMS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'chrome.exe',
];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const INSTALL_TIMEOUT_MS = 600_000;

/**
 * Finds a browser: the file that `CHROME_PATH` names, else one on PATH or in its usual place, else one that apt installs
 * where this process may do so.
 * @returns its path, or why there is none: the tests in a browser are then skipped with that reason
 */
export function browser(log, environment = process.env) {
  const named = environment.CHROME_PATH;
  if (named !== undefined && named !== '') {
    return existsSync(named)
      ? { path: named }
      : { missing: `CHROME_PATH names ${named}, which does not exist` };
  }
  const found = installed(environment);
  if (found !== undefined) return { path: found };
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    return { missing: 'neither CHROME_PATH nor PATH names a Chromium or Chrome' };
  }
  log('installing the Debian package chromium for the tests of HTML reports');
  const failure = install(environment);
  const path = installed(environment);
  if (path !== undefined) return { path };
  return { missing: `apt-get could not install chromium: ${failure ?? 'it left no program on PATH'}` };
}

function installed({ PATH = '' }) {
  const onPath = PATH.split(delimiter).flatMap((folder) => PROGRAMS.map((program) => join(folder, program)));
  return [...onPath, ...PLACES].find((path) => existsSync(path));
}

/** @returns the last line of the error, if there is one */
function install(environment) {
  const packages = ['install', '--yes', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  const run = (args) =>
    spawnSync('apt-get', args, {
      env: { ...environment, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: INSTALL_TIMEOUT_MS,
    });
  // The lists of a fresh machine may be missing or old; an install without them may still work.
  run(['update']);
  const { status, stderr, error } = run(packages);
  return status === 0 ? undefined : (error?.message ?? String(stderr).trim().split('\n').at(-1));
}
