// What the README's commands need before they can start: the locked packages and a current build.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Installs the locked packages and builds lib/, each only when something it depends on has changed. */
export function prepare(root) {
  const stamps = join(root, 'node_modules', '.cdktf-memphis');
  const lockHash = hashOf([join(root, 'package-lock.json'), join(root, 'package.json')]);
  if (stampOf(stamps, 'install') !== lockHash) {
    console.log('installing the locked npm packages ...');
    run(root, process.platform === 'win32' ? 'npm.cmd' : 'npm', [
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
    ]);
    stamp(stamps, 'install', lockHash);
  }
  const sources = ['src', 'scripts', 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
  const sourceHash = hashOf(sources.map((name) => join(root, name)));
  if (stampOf(stamps, 'build') !== sourceHash || !existsSync(join(root, 'lib/index.js'))) {
    console.log('building ...');
    execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: 'inherit' });
    stamp(stamps, 'build', sourceHash);
  }
}

function run(cwd, command, args) {
  const result = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) {
    console.error(`${command} ${args.join(' ')} failed; see above`);
    process.exit(1);
  }
}

function stampOf(folder, name) {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function stamp(folder, name, value) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), value);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) addTo(hash, path);
  return hash.digest('hex');
}

function addTo(hash, path) {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) addTo(hash, join(path, name));
    return;
  }
  hash.update(path).update('\0').update(readFileSync(path));
}
