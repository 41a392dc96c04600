// `npm run demo`: the main job of the package, shown on a real broker with the real tools. Every claim is checked; the
// exit code is 0 only if all of them held. `--keep` leaves the broker and the deployed stack for playing;
// `--record FOLDER` writes the plan and the drift report that it shows into a folder, for the pictures of the README.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const keep = process.argv.includes('--keep');
const recordAt = process.argv.indexOf('--record');
const records = recordAt === -1 ? undefined : resolve(process.argv[recordAt + 1]);
const require = createRequire(import.meta.url);

prepare(root);
const { scene, say, expect, run, DemoFailure } = await import('./demo/stage.mjs');
const { openBroker, startBroker, table } = await import('./demo/broker.mjs');
const { checkTools } = await import('./demo/tools.mjs');
const { provideNullProvider } = await import('./demo/null-provider.mjs');

const started = Date.now();
const terraform = checkTools();
const project = join(root, '.cache/demo');
rmSync(project, { recursive: true, force: true });
mkdirSync(project, { recursive: true });
// The stack of this repository, with a state and an output folder of the demo's own.
writeFileSync(
  join(project, 'cdktf.json'),
  JSON.stringify({
    language: 'typescript',
    app: `node --import tsx ${JSON.stringify(join(root, 'stacks/orders/main.ts'))}`,
    projectId: 'cdktf-memphis-demo',
    sendCrashReports: 'false',
  }),
);
const cliConfig = join(project, 'terraform.rc');
writeFileSync(cliConfig, '');
const pluginCache = join(project, 'plugin-cache');
mkdirSync(pluginCache);

/** The first part of every run is the same preparation; it is told once, by the first deploy. */
const preparation =
  /Initializing|Reusing previous|Using previously|Finding|Installing|Installed|provider dependency|\.terraform\.lock\.hcl|version control|successfully initialized|You may now begin|any changes that are required|should now work|If you ever set|rerun this command|commands will detect|Refreshing state/;

let broker;
let view;
try {
  await play();
  console.log(`\nThe demo showed everything it promised, in ${Math.round((Date.now() - started) / 1000)} s.`);
} catch (error) {
  process.exitCode = 1;
  console.error(
    `\nThe demo failed at ${error instanceof DemoFailure ? error.message : (error.stack ?? error)}`,
  );
} finally {
  await view?.close();
  if (keep && process.exitCode !== 1) {
    broker?.release();
    say(`--keep: the broker goes on (stop it with: kill ${broker.pid}). To play:`);
    say(`  cd ${project}`);
    say(
      `  export ${Object.entries({ ...broker.environment, ORDERS_SMOKE_RUN: 'repaired' })
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')} TF_CLI_CONFIG_FILE=${cliConfig}`,
    );
    say(`  ${join(root, 'node_modules/.bin/cdktf')} diff orders`);
  } else {
    await broker?.stop();
  }
}

async function play() {
  scene(
    'A local broker',
    'A stock nats-server with a control plane that speaks the protocol of Memphis 1.4.4.',
  );
  broker = await startBroker(root, { keep });
  // Also when the demo itself breaks.
  process.once('exit', () => (keep && process.exitCode !== 1 ? undefined : broker.kill()));
  const { status } = broker;
  say(`listening on ${status.host}:${status.port}, REST at ${status.restUrl}`);
  view = await openBroker(root, broker.environment);
  const atFirst = await everything();
  say(`a new Memphis has these: ${atFirst.join(', ')}`);
  say(await provideNullProvider(join(project, 'cdktf.out/stacks/orders')));

  scene('Deploy', 'stacks/orders declares three stations, a JSON schema, its enforcement and a smoke test.');
  const deployed = await cdktf('deploy');
  expect(deployed.code === 0, 'cdktf deploy succeeded', ended(deployed));
  expect(
    /passed: 5 produced, 5 consumed/.test(deployed.output),
    'the smoke test ran during the deploy and passed',
  );

  scene('What is live', 'Read from the broker, not from the state.');
  say(table(await view.stations()));
  const schemas = await view.schemas();
  say(`schemas: ${schemas.join(', ')}`);
  const declared = await view.stations();
  for (const name of ['orders', 'orders-dead-letters', 'payments']) {
    expect(
      declared.some((station) => station.name === name),
      `station "${name}" is there`,
    );
  }
  expect(
    declared.find(({ name }) => name === 'orders')?.schema === 'order',
    'station "orders" enforces schema "order"',
  );

  const unchanged = await cdktf('diff');
  expect(/No changes/.test(unchanged.output), 'a second look finds nothing to do');

  scene(
    'Somebody changes things by hand',
    'Messages are stored; then a retention is changed in the stream and the schema is detached over REST.',
  );
  await produce(12);
  const before = await view.counts();
  say(`stored messages: ${JSON.stringify(before)}`);
  await view.setMaxAge('orders', 24 * 60 * 60);
  await view.detachSchema('orders');
  say(table(await view.stations()));

  scene(
    'cdktf diff sees it',
    "The broker's own REST API does not: it shows the values of creation for ever.",
  );
  const drift = await cdktf('diff');
  expect(
    /Plan: 2 to add, 1 to change, 1 to destroy/.test(drift.output),
    'exactly the two changes are planned, and that the smoke test runs after the repair',
  );
  expect(
    /null_resource\.smoke [^\n]* will be replaced/.test(drift.output),
    'the smoke test, which Terraform shows as a replacement; nothing on the broker is destroyed',
  );
  expect(/retention_value\s*=\s*86400 -> 604800/.test(drift.output), 'the retention that was changed');
  expect(
    /memphis_schema_enforcement\.[^\n]* will be created/.test(drift.output),
    'the schema that was detached',
  );

  scene(
    'cdktf-memphis drift sees it, too',
    'It needs no Terraform and no state, and its exit code tells a pipeline.',
  );
  const reportFiles = ['html', 'json'].map((format) => `--out=${records}/drift.${format}`);
  const report = await command('drift', records === undefined ? [] : reportFiles);
  if (records !== undefined) writeFileSync(join(records, 'diff.txt'), drift.output);
  expect(report.code === 2, 'exit code 2: something differs', ended(report));
  expect(
    /retentionValue:\s+604800 \(7 d\)\s+-> 86400 \(1 d\)/.test(report.output),
    'the declared retention, and the one that is live',
  );

  scene('Deploy repairs it', 'In place: Memphis itself cannot edit a station.');
  const repaired = await cdktf('deploy');
  expect(repaired.code === 0, 'cdktf deploy succeeded', ended(repaired));
  say(table(await view.stations()));
  expect(
    same(await view.counts(), before),
    'the message counts are what they were',
    JSON.stringify(await view.counts()),
  );
  expect(same(settings(await view.stations()), settings(declared)), 'the stations are as declared again');

  scene(
    'Smoke test',
    'The same stack sends traffic: messages go through the station and come back, one that breaks the schema is rejected.',
  );
  const smoke = await cdktf('deploy', { ORDERS_SMOKE_RUN: 'repaired' });
  expect(smoke.code === 0, 'cdktf deploy succeeded', ended(smoke));
  expect(/passed: 5 produced, 5 consumed/.test(smoke.output), 'the smoke test passed');
  expect(same(await view.counts(), before), 'and left nothing behind', JSON.stringify(await view.counts()));
  const rejection = await produceInvalid();
  say(`a producer of this package is told: ${rejection}`);
  expect(/Schema validation has failed/.test(rejection), 'a message that breaks the schema is rejected');
  const after = { ...before, 'orders-dead-letters': before['orders-dead-letters'] + 1 };
  expect(
    await comesTrue(async () => same(await view.counts(), after)),
    'the dead-letter station got its copy, and nothing else changed',
    JSON.stringify(await view.counts()),
  );

  if (keep) return;

  scene('Destroy refuses', 'A station holds messages, and nobody allowed their loss.');
  const refused = await refusedDestroy();
  expect(refused.code !== 0, 'cdktf destroy failed');
  expect(/MEMPHIS_MESSAGE_LOSS/.test(refused.output), 'because messages would be lost', ended(refused));
  expect(same(await view.counts(), after), 'nothing was touched', JSON.stringify(await view.counts()));

  scene('Destroy, with permission', 'allowMessageLoss is deployed first; then the destroy goes through.');
  const allowed = await cdktf('deploy', {
    ORDERS_ALLOW_MESSAGE_LOSS: 'true',
    ORDERS_SMOKE_RUN: 'repaired',
  });
  expect(allowed.code === 0, 'cdktf deploy succeeded', ended(allowed));
  const destroyed = await cdktf('destroy', { ORDERS_ALLOW_MESSAGE_LOSS: 'true' });
  expect(destroyed.code === 0, 'cdktf destroy succeeded', ended(destroyed));
  const left = (await everything()).filter((name) => !atFirst.includes(name));
  expect(left.length === 0, 'nothing of the stack is left on the broker', left.join(', '));
}

/** On a busy machine cdktf may end before it has printed the error that it ends with; then it is asked again. */
async function refusedDestroy() {
  let refused = await cdktf('destroy');
  for (let again = 0; again < 3 && refused.code !== 0 && !/Error:/.test(refused.output); again += 1) {
    say('cdktf ended without printing its error; once more:');
    refused = await cdktf('destroy');
  }
  return refused;
}

async function everything() {
  const stations = (await view.stations()).map(({ name }) => `station ${name}`);
  return [
    ...stations,
    ...(await view.schemas()).map((schema) => `schema ${schema}`),
    ...(await view.orphans()),
  ];
}

/** How a command ended, with the lines that the demo leaves out elsewhere. */
function ended({ code, output }) {
  return `exit code ${code}\n${output.trimEnd().split('\n').slice(-40).join('\n')}`;
}

/** Runs the real cdktf command line, showing what matters of its output. */
function cdktf(command, environment = {}) {
  const args = [command, 'orders', ...(command === 'diff' ? [] : ['--auto-approve'])];
  return run(process.execPath, [join(root, 'node_modules/cdktf-cli/bundle/bin/cdktf'), ...args], {
    cwd: project,
    as: [
      ...Object.entries(environment).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
      'cdktf',
      ...args,
    ].join(' '),
    env: {
      ...process.env,
      ...broker.environment,
      ...environment,
      TF_CLI_CONFIG_FILE: cliConfig,
      // The cache of the home folder may hold another build of this version.
      TF_PLUGIN_CACHE_DIR: pluginCache,
      TERRAFORM_BINARY_NAME: terraform,
      CHECKPOINT_DISABLE: '1',
      CI: 'true',
      FORCE_COLOR: '0',
    },
    show: command === 'diff' ? isText : isProgress,
  });
}

/** Runs a command of this package in the project. */
function command(name, more = []) {
  return run(process.execPath, [join(root, 'lib/cli/main.js'), name, ...more], {
    cwd: project,
    as: `cdktf-memphis ${name}`,
    env: { ...process.env, ...broker.environment, CI: 'true' },
    show: isText,
  });
}

function isText(line) {
  return !/^(orders)?\s*$/.test(line) && !preparation.test(line);
}

/** Deploy and destroy print their whole plan first; what they do, and why they do not, is enough here. */
function isProgress(line) {
  return (
    isText(line) &&
    /will be|must be|Plan:|: (Creat|Modif|Destr)|local-exec|complete!|Error|Warning|This w|If that is|then destroy|\(MEMPHIS_/.test(
      line,
    )
  );
}

async function withRuntime(work) {
  const { Memphis } = require(join(root, 'lib/runtime'));
  const memphis = new Memphis();
  const {
    MEMPHIS_HOST: host,
    MEMPHIS_PORT: port,
    MEMPHIS_USERNAME: username,
    MEMPHIS_PASSWORD: password,
  } = broker.environment;
  await memphis.connect({ host, port: Number(port), username, password });
  try {
    return await work(memphis);
  } finally {
    await memphis.close();
  }
}

function produce(count) {
  return withRuntime(async (memphis) => {
    for (let index = 0; index < count; index += 1) {
      const message = {
        orderId: `demo-${index}`,
        customerId: 'c-1',
        items: [{ sku: 'tea', quantity: index + 1 }],
      };
      await memphis.produce({ stationName: 'orders', producerName: 'demo', message });
    }
  });
}

function produceInvalid() {
  return withRuntime(async (memphis) => {
    try {
      await memphis.produce({ stationName: 'orders', producerName: 'demo', message: { orderId: 1 } });
      return 'accepted';
    } catch (error) {
      return error.message;
    }
  });
}

/** The broker keeps dead letters in batches, so a copy can take some seconds. */
async function comesTrue(condition) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

function settings(stations) {
  return stations.map(({ stored, ...rest }) => rest);
}
