// Stands in for npm where a test runs the commands of a guide: links the packages of this repository instead of fetching
// them, and fails where a guide asks for a version that is not the one that is tested here.
//   npm install [--save-dev] [PACKAGE[@RANGE]...]      npm ci
const { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } = require('node:fs');
const { dirname, join, resolve } = require('node:path');
const { satisfies } = require('semver');

const root = resolve(__dirname, '../../..');
const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});

const [command, ...words] = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith('-'));
if (command !== 'install' && !(command === 'ci' && wanted.length === 0)) {
  fail(`it does not know "${[command, ...words].join(' ')}"`);
}
const group = words.includes('--save-dev') ? 'devDependencies' : 'dependencies';
const manifest = read('package.json');
if (wanted.length === 0) {
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    link(name, range);
  }
} else {
  for (const word of wanted) {
    const [, name, range = '*'] = /^(@?[^@]+)(?:@(.+))?$/.exec(word);
    link(name, range);
    manifest[group] = { ...manifest[group], [name]: range };
  }
  writeFileSync('package.json', JSON.stringify(manifest, null, 2));
}

function link(name, range) {
  const target = name === 'cdktf-memphis' ? root : join(root, 'node_modules', name);
  const { version } = read(join(target, 'package.json'));
  if (version === undefined) fail(`this repository does not use ${name}`);
  if (!satisfies(version, range)) fail(`the tests use ${name} ${version}, which is not ${range}`);
  const place = join('node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  if (!existsSync(place)) symlinkSync(target, place, 'dir');
}

function fail(why) {
  process.stderr.write(`npm of the guides: ${why}\n`);
  process.exit(1);
}
