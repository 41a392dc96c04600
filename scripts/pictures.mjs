// `npm run pictures`: makes the pictures of the README from what the demo really prints. It needs a Chromium or Chrome for
// the page.
//   node scripts/pictures.mjs [--compare FOLDER]     compares the pictures with what a run of the demo has recorded there
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { terminalSvg } from './pictures/diff-svg.mjs';
import { masked, planIn } from './pictures/recorded.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pictures = join(root, 'docs/pictures');
const read = (folder, name) => readFileSync(join(folder, name), 'utf8');

const [option, recorded] = process.argv.slice(2);
if (option === '--compare') compare(recorded);
else await draw(join(root, '.cache/pictures'));

/** Records and draws everything. */
async function draw(records) {
  const { chromium } = await import('playwright-core');
  const { default: prettier } = await import('prettier');
  const { browser } = await import('./browser.mjs');
  const { path: executablePath, missing } = browser((line) => console.log(line));
  if (executablePath === undefined) throw new Error(`could not draw the page: ${missing}`);

  rmSync(records, { recursive: true, force: true });
  for (const folder of [records, pictures]) mkdirSync(folder, { recursive: true });
  const demo = spawnSync(process.execPath, [join(root, 'scripts/demo.mjs'), '--record', records], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (demo.status !== 0) throw new Error('could not record the pictures: the demo failed; see above');

  const plan = planIn(read(records, 'diff.txt'));
  writeFileSync(join(pictures, 'diff.txt'), `${plan}\n`);
  writeFileSync(join(pictures, 'diff.svg'), terminalSvg('cdktf diff', plan));
  const report = await prettier.format(read(records, 'drift.json'), { parser: 'json', printWidth: 110 });
  writeFileSync(join(pictures, 'drift.json'), report);

  const started = await chromium.launch({
    executablePath,
    // As root, Chromium cannot set up its sandbox; it shows only the report of the demo.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const page = await started.newPage({ viewport: { width: 1100, height: 1150 }, colorScheme: 'light' });
    await page.goto(pathToFileURL(join(records, 'drift.html')).href);
    await page.locator('tr', { hasText: 'retentionValue' }).getByRole('button').first().click();
    await page.screenshot({ path: join(pictures, 'drift.png') });
  } finally {
    await started.close();
  }
  console.log('wrote docs/pictures');
}

/** Prints what the README does not show as it is now. */
function compare(records) {
  const plan = read(pictures, 'diff.txt').trimEnd();
  const report = (folder) => JSON.stringify(JSON.parse(read(folder, 'drift.json')), null, 1);
  differences('diff.txt', plan, planIn(read(records, 'diff.txt')));
  differences('drift.json', report(pictures), report(records));
  if (read(pictures, 'diff.svg') !== terminalSvg('cdktf diff', plan))
    outdated('diff.svg is not drawn from diff.txt');
}

function differences(name, shown, now) {
  const [before, after] = [shown, now].map((text) => masked(text).split('\n'));
  for (const [index, line] of after.entries()) {
    if (line === before[index]) continue;
    outdated(
      `${name}:${index + 1} shows ${JSON.stringify(before[index])}, but the demo printed ${JSON.stringify(line)}`,
    );
    return;
  }
  if (before.length > after.length) outdated(`${name} shows more than the demo printed`);
}

function outdated(what) {
  console.log(`docs/pictures/${what}. Run npm run pictures, and look at them.`);
  process.exitCode = 1;
}
