import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { resolveConnection } from '../../src/model/connection';
import { canonicalStation } from '../../src/model/station';
import { connectAdmin } from '../../src/runtime/admin';
import { LocalBroker } from '../../src/runtime/broker';
import { GuideProject } from './support/guide-project';
import { placeOf, snippetsIn } from './support/snippets';
import type { Snippet } from './support/snippets';
import { freePorts } from '../../src/runtime/broker/cluster/free-ports';

/** Beginnings of the blocks of commands that do not run here, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'npm run demo': 'test/e2e/demo.test.ts runs the demo; the other command runs this test',
  'npm install cdktf-memphis\npackage=': 'test/docs/hcl.test.ts runs it with the configuration that follows',
  'npx cdktf-memphis drift --out drift.sarif':
    'test/docs/hcl.test.ts runs it in the folder of that configuration',
  'terraform query -generate-config-out=generated.tf':
    'needs Terraform 1.14; test/runtime/provider/list-resources.test.ts runs it where TERRAFORM_BINARY_NAME names one',
};

const login = { MEMPHIS_HOST: '127.0.0.1', MEMPHIS_USERNAME: 'root', MEMPHIS_PASSWORD: 'memphis' };
const ran = new Set<string>();
let project: GuideProject;
/** What docs/first-stack.md makes, deployed; the other guides use it. */
let messaging: string;
let stack: string;
let replacements: readonly (readonly [from: string | RegExp, to: string])[];

beforeAll(async () => {
  const [port, restPort] = await freePorts('127.0.0.1', 2);
  project = await GuideProject.create();
  messaging = join(project.folder, 'messaging');
  stack = join(messaging, 'cdktf.out/stacks/orders');
  // What a reader replaces, what would take too long, and ports that may be in use.
  replacements = [
    [/MEMPHIS_HOST=\S*example\.com/g, 'MEMPHIS_HOST=127.0.0.1'],
    [/MEMPHIS_PASSWORD=(?:\.\.\.|…)/g, 'MEMPHIS_PASSWORD=memphis'],
    ['MEMPHIS_REST_URL=https://memphis-ui.example.com', 'MEMPHIS_REST_URL=$MEMPHIS_REST_URL'],
    ['127.0.0.1:9464', '127.0.0.1:0'],
    ['--for 10m', '--for 1s'],
    ['--port 6667 --rest-port 9001', `--port ${port} --rest-port ${restPort}`],
    [
      'cdktf-memphis broker stop --port 6667',
      `cdktf-memphis broker start --detach --port ${port} --rest-port ${restPort}\ncdktf-memphis broker stop --port ${port}`,
    ],
  ];
});
afterAll(() => project.remove());

/** Commands that stay until Ctrl-C. */
const STAYS = /--watch|--serve|broker start(?!.*--detach)/;

/** Runs a command until it has printed something, and ends it as Ctrl-C does. */
const untilItPrints = `until_it_prints() {
  local output pid
  output=$(mktemp)
  set -m
  "$@" > "$output" 2>&1 &
  pid=$!
  set +m
  until [ -s "$output" ] || ! kill -0 $pid 2> /dev/null; do sleep 0.1; done
  kill -INT $pid || { cat "$output"; return 1; }
  wait $pid || [ $? -le 2 ] || { cat "$output"; return 1; }
  cat "$output"
}`;

/** The lines of a block as they run here. */
function linesOf({ text }: Snippet): string[] {
  const lines = replacements.reduce((left, [from, to]) => left.replaceAll(from, to), text).split('\n');
  return lines.map((line) => (STAYS.test(line) ? `until_it_prints ${line.replace(/ +#.*/, '')}` : line));
}

const isException = ({ text }: Snippet): boolean =>
  Object.keys(exceptions).some((start) => text.startsWith(start));

/** The blocks of a document that run, as one script. */
function scriptOf(
  document: string,
  isChosen: (snippet: Snippet) => boolean = () => true,
  write: (snippet: Snippet) => string = (snippet) => linesOf(snippet).join('\n'),
): string {
  const blocks = snippetsIn(['sh'], document).filter((each) => !isException(each) && isChosen(each));
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) ran.add(placeOf(block));
  return [untilItPrints, ...blocks.map((block) => `# ${placeOf(block)}\n${write(block)}`)].join('\n');
}

/** Each command in an empty folder. */
function separately(snippet: Snippet): string {
  return linesOf(snippet)
    .filter((line) => !line.startsWith('#') && line !== '')
    .map((line) => `(cd "$(mktemp -d -p .)" && ${line})`)
    .join('\n');
}

test('docs/first-stack.md makes a project, starts a broker and deploys', async () => {
  const script = scriptOf('docs/first-stack.md', ({ heading }) => heading !== 'Clean up');
  expect(await project.run(script)).toContain('5 added');
  const shown = snippetsIn(['typescript', 'json', 'gitignore'], 'docs/first-stack.md');
  expect(shown).toHaveLength(7);
  for (const { heading, text } of shown) {
    const isId = /"projectId": ".*"/;
    expect(readFileSync(join(messaging, heading), 'utf8').replace(isId, '')).toBe(text.replace(isId, ''));
  }
}, 120_000);

test.each([
  ['docs/drift.md', 'No drift.'],
  ['docs/reading-a-plan.md', 'Memphis plan'],
  ['docs/smoke-tests.md', 'Smoke tests: 1 passed.'],
  ['docs/reports.md', 'No drift.'],
  ['docs/real-memphis.md', 'No problem'],
])(
  '%s runs in that project',
  async (document, printed) => {
    const output = await project.run(scriptOf(document), { cwd: messaging, env: login });
    expect(output).toContain(printed);
  },
  120_000,
);

describe('docs/command-line.md', () => {
  const ofCommand =
    (command: string) =>
    ({ heading }: Snippet): boolean =>
      heading === `cdktf-memphis ${command}`;
  const script = (command: string, write?: (snippet: Snippet) => string): string =>
    scriptOf('docs/command-line.md', ofCommand(command), write);

  test.each([
    ['doctor', 'No problem'],
    ['smoke', 'Smoke tests: 1 passed.'],
    ['drift', 'No drift.'],
    ['list', 'orders-dead-letters'],
    // Prints nothing: what it gives goes into files, and into the shell.
    ['completion', ''],
  ])('runs the examples of %s', async (command, printed) => {
    expect(await project.run(script(command), { cwd: messaging, env: login })).toContain(printed);
  });

  test('runs the examples of init', async () => {
    expect(await project.run(script('init', separately))).toContain('.gitlab-ci.yml');
  });

  test('runs the examples of report', async () => {
    // The plan that docs/reading-a-plan.md has saved.
    copyFileSync(join(stack, 'plan'), join(stack, 'saved.plan'));
    await project.run('terraform show -json saved.plan > plan.json', { cwd: stack });
    expect(await project.run(script('report'), { cwd: stack, env: login })).toContain('## Memphis plan');
  });
});

test('the examples of export write programs, and docs/export.md deploys one', async () => {
  const admin = await connectAdmin(resolveConnection({}, { ...login, ...project.broker }));
  await admin.createStation(canonicalStation({ name: 'orders-made-by-an-sdk' }));
  await admin.close();
  const folder = join(project.folder, 'exported');
  mkdirSync(folder);
  const options = { cwd: folder, env: login };
  const isExport = ({ heading }: Snippet): boolean => heading === 'cdktf-memphis export';
  const examples = scriptOf('docs/command-line.md', isExport, separately);
  expect((await project.run(examples, options)).match(/Wrote 1 station/g)).toHaveLength(4);
  writeFileSync(join(folder, 'cdktf.json'), snippetsIn(['json'], 'docs/export.md')[0]?.text ?? '');
  const output = await project.run(scriptOf('docs/export.md'), options);
  expect(output).toContain('1 imported, 0 added, 1 changed, 0 destroyed');
}, 120_000);

test('docs/first-stack.md cleans up', async () => {
  const script = scriptOf('docs/first-stack.md', ({ heading }) => heading === 'Clean up');
  expect(await project.run(script, { cwd: messaging, env: login })).toContain('Stopped the broker');
}, 120_000);

test('docs/command-line.md starts and stops brokers', async () => {
  const script = scriptOf('docs/command-line.md', ({ heading }) =>
    heading.startsWith('cdktf-memphis broker'),
  );
  const output = await project.run(script, { env: { GUIDE_PORT: '0' } });
  expect(output.match(/Memphis local broker is ready/g)).toHaveLength(5);
  expect(output.match(/Stopped the broker/g)).toHaveLength(2);
});

test('README.md deploys a project, which the steps of docs/remote-runners.md for Atlantis plan and apply', async () => {
  const folder = join(project.folder, 'readme');
  mkdirSync(folder);
  const [settings, schema] = snippetsIn(['json'], 'README.md');
  const program = snippetsIn(['ts'], 'README.md')[0];
  const files = { 'cdktf.json': settings, 'order.json': schema, 'main.ts': program };
  for (const [name, file] of Object.entries(files)) writeFileSync(join(folder, name), file?.text ?? '');
  expect(await project.run(scriptOf('README.md'), { cwd: folder })).toContain('3 added');
  // Another broker is another environment, with a state of its own.
  rmSync(join(folder, 'terraform.orders.tfstate'));
  const atlantis = parse(snippetsIn(['yaml'], 'docs/remote-runners.md')[0]?.text ?? '') as {
    readonly workflows: Record<string, Record<'plan' | 'apply', { steps: { run: string }[] }>>;
  };
  const { plan, apply } = atlantis.workflows.cdktf ?? { plan: { steps: [] }, apply: { steps: [] } };
  const steps = [...plan.steps, ...apply.steps].map(({ run }) => `(${run})`);
  expect(steps).toHaveLength(4);
  const broker = await LocalBroker.start({ store: 'memory' });
  try {
    const env = { ...broker.environment(), PLANFILE: join(folder, 'atlantis.tfplan') };
    expect(await project.run(steps.join('\n'), { cwd: folder, env })).toContain('3 added');
    // An explicit provider_installation hides the bundled provider, unless it says what docs/ci.md shows.
    const configuration = join(folder, 'ci.tfrc');
    writeFileSync(configuration, snippetsIn(['hcl'], 'docs/ci.md')[0]?.text ?? '');
    const again = await project.run(
      'rm -r .terraform && terraform init -no-color && terraform plan -no-color',
      {
        cwd: join(folder, 'cdktf.out/stacks/orders'),
        env: { ...env, TF_CLI_CONFIG_FILE: configuration },
      },
    );
    expect(again).toContain('No changes.');
  } finally {
    await broker.stop();
  }
}, 120_000);

test('every block of commands has run, except for those that are named here with a reason', () => {
  const blocks = snippetsIn(['sh']);
  expect(blocks.filter((block) => !ran.has(placeOf(block)) && !isException(block)).map(placeOf)).toEqual([]);
  for (const start of Object.keys(exceptions)) {
    expect(blocks.filter(({ text }) => text.startsWith(start))).toHaveLength(1);
  }
});
