// Writes the generated part of the docs: errors.md and reference/ from src/model and docs/error-examples.json,
// command-line.md from src/cli, first-stack.md from templates/, and the comments of construct props.
//   node scripts/docs.mjs [FOLDER]      default: docs/
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import * as tsx from 'tsx/cjs/api';
import { tsImport } from 'tsx/esm/api';
import { commandLinePage } from './docs/command-line.mjs';
import { constructProps } from './docs/construct-props.mjs';
import { errorsPage } from './docs/errors.mjs';
import { firstStackPage } from './docs/first-stack.mjs';
import { withPropComments } from './docs/prop-comments.mjs';
import {
  dataSourcesPage,
  functionsPage,
  listResourcesPage,
  providerPage,
  resourcePage,
  smokeTestPage,
} from './docs/reference.mjs';
import { reportSchema } from './docs/report-schema.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'docs');
const load = (path) => tsImport(`../src/${path}.ts`, import.meta.url);

const { errorGuide } = await load('model/error-guide');
const { stationFields } = await load('model/station');
const { stationOptionFields } = await load('model/station-set');
const { schemaFields } = await load('model/schema-declaration');
const { schemaEnforcementFields } = await load('model/schema-enforcement');
const { clusterConfigFields } = await load('model/cluster-config');
const { userFields } = await load('model/user');
const { smokeTestFields } = await load('model/smoke-test');
const { smokeExpectationFields } = await load('model/smoke-expectations');
const { smokeLoadFields } = await load('model/smoke-load');
const { environmentVariables } = await load('model/environment');
const { namesOfValues, validValues, terraformName } = await load('model/field');
const { memphisProvider } = await load('runtime/provider/resources/provider');

// As CommonJS: the command line looks for files beside its own.
const loadCli = (name) => tsx.require(`../src/cli/${name}.ts`, import.meta.url);
const { examplesOf } = loadCli('examples');
const { programFor } = loadCli('program');
const { projectFiles } = loadCli('init-action');

const resources = Object.fromEntries(memphisProvider.resources.map((each) => [each.typeName, each]));
const model = { namesOfValues, validValues, terraformName };
const errorExamples = JSON.parse(readFileSync(join(root, 'docs/error-examples.json'), 'utf8'));
const propsIn = (file, ...names) =>
  constructProps(readFileSync(join(root, 'src/constructs', file), 'utf8'), names);
const stationProps = propsIn('station-props.ts', 'StationSettings', 'StationRetention');
const notInSets = ['name', 'schemaName', 'onReplace', 'moveFrom', 'retentionType', 'retentionValue'];
const pages = {
  'command-line.md': commandLinePage(programFor('all'), examplesOf),
  'first-stack.md': firstStackPage(
    projectFiles({ name: 'messaging', projectId: '3f0c2b1e-6a57-4c8d-9b13-8e2f7a4d5c60' }),
  ),
  'errors.md': errorsPage(errorGuide, errorExamples),
  'reference/station.md': resourcePage(
    'Station',
    stationFields,
    resources.memphis_station,
    model,
    stationProps,
  ),
  'reference/station-set.md': resourcePage(
    'StationSet',
    stationOptionFields,
    resources.memphis_station_set,
    model,
    [
      ...propsIn('station-set-props.ts', 'StationSetProps', 'StationOptions'),
      ...stationProps.filter(({ name }) => !notInSets.includes(name)),
    ],
  ),
  'reference/schema.md': resourcePage('Schema', schemaFields, resources.memphis_schema, model, [
    ...propsIn('schema.ts', 'SchemaSettings'),
    ...propsIn('schema-source.ts', 'SchemaFile', 'InlineSchema'),
  ]),
  'reference/schema-enforcement.md': resourcePage(
    'SchemaEnforcement',
    schemaEnforcementFields,
    resources.memphis_schema_enforcement,
    model,
    propsIn('schema-enforcement.ts', 'SchemaEnforcementProps'),
  ),
  'reference/user.md': resourcePage(
    'User',
    userFields,
    resources.memphis_user,
    model,
    propsIn('user.ts', 'UserProps'),
  ),
  'reference/cluster-config.md': resourcePage(
    'ClusterConfig',
    clusterConfigFields,
    resources.memphis_cluster_config,
    model,
    propsIn('cluster-config.ts', 'ClusterConfigProps'),
  ),
  'reference/provider.md': providerPage(
    environmentVariables,
    memphisProvider,
    model,
    propsIn('provider.ts', 'MemphisProviderProps'),
  ),
  'reference/smoke-test.md': smokeTestPage(
    [
      {
        title: 'Settings',
        text: 'The name is made from the address of the construct.',
        fields: smokeTestFields,
      },
      {
        title: 'Expectations',
        text: 'The members of `expect`. Every test expects that all messages are delivered once and unchanged.',
        fields: smokeExpectationFields,
      },
      {
        title: 'Load',
        text: 'The members of `load`. The messages of a load are due at its rate, whether or not earlier ones have arrived.',
        fields: smokeLoadFields,
      },
    ],
    model,
    [
      { title: 'Props of SmokeTest', props: propsIn('smoke-test-props.ts', 'SmokeTestProps') },
      {
        title: 'Props of SmokeSuite, beside those of SmokeTest that all its tests have in common',
        props: propsIn('smoke-suite.ts', 'SmokeSuiteProps'),
      },
    ],
  ),
  'reference/data-sources.md': dataSourcesPage(memphisProvider),
  'reference/functions.md': functionsPage(memphisProvider),
  'reference/list-resources.md': listResourcesPage(memphisProvider),
};

const style = { ...(await prettier.resolveConfig(join(root, 'docs/errors.md'))), parser: 'markdown' };
for (const [path, text] of Object.entries(pages)) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await prettier.format(text, style));
}

const schema = JSON.stringify(reportSchema(root));
writeFileSync(
  join(folder, 'report.schema.json'),
  await prettier.format(schema, { ...style, parser: 'json' }),
);

const STATIONS_OF_USER =
  'Constructs, or names and patterns. A name that this stack declares is the same as the construct: that station is created first.';

/** What only a construct can do with a field, by file and prop. */
const props = {
  'src/constructs/station-props.ts': [
    stationFields,
    {
      dlsStation:
        'A construct, or the name of a station. A name that this stack declares is the same as the construct: that station is created first. A station that is absent when the stack is deployed is an error. The station itself, or a circle of stations, is an error at synth.',
    },
  ],
  'src/constructs/cluster-config.ts': [clusterConfigFields, {}],
  'src/constructs/user.ts': [
    userFields,
    {
      password:
        'Never a literal, which would be written into `cdk.tf.json`: a reference to a variable that is sensitive and ephemeral.',
      allowReadPermissions: STATIONS_OF_USER,
      allowWritePermissions: STATIONS_OF_USER,
    },
  ],
  'src/constructs/schema.ts': [{ name: schemaFields.name, adoptExisting: schemaFields.adoptExisting }, {}],
  'src/model/smoke-expectations.ts': [smokeExpectationFields, {}],
  'src/model/smoke-load.ts': [smokeLoadFields, {}],
  'src/constructs/schema-source.ts': [
    { content: schemaFields.content, messageStructName: schemaFields.messageStructName },
    {},
  ],
};
for (const [path, [fields, notes]] of Object.entries(props)) {
  const file = process.argv[2] === undefined ? join(root, path) : join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, withPropComments(readFileSync(join(root, path), 'utf8'), fields, notes, model));
}
