import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Check, CheckResult } from '../../../src/runtime/doctor/check';
import { resultsOf } from '../../../src/runtime/doctor/check';
import { nodeCheck } from '../../../src/runtime/doctor/node';
import { packageChecks } from '../../../src/runtime/doctor/project-packages';
import { providerInstallationCheck } from '../../../src/runtime/doctor/provider-installation';
import { terraformCheck } from '../../../src/runtime/doctor/terraform';

const folder = mkdtempSync(path.join(tmpdir(), 'doctor-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A new folder with these files. */
let folders = 0;
function folderWith(files: Readonly<Record<string, string>>): string {
  const made = path.join(folder, String((folders += 1)));
  mkdirSync(made);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(made, name)), { recursive: true });
    writeFileSync(path.join(made, name), text);
    chmodSync(path.join(made, name), 0o755);
  }
  return made;
}

async function only(check: Check): Promise<CheckResult> {
  const [result] = await resultsOf([check], 5_000);
  if (result === undefined) throw new Error('no result');
  return result;
}

describe('Terraform or OpenTofu', () => {
  const program = (firstLine: string): string => `#!/bin/sh\necho '${firstLine}'\n`;

  test.each<[what: string, files: Record<string, string>, variables: object, status: string, text: RegExp]>([
    ['a Terraform of today', { terraform: program('Terraform v1.11.4') }, {}, 'ok', /^Terraform 1\.11\.4/],
    [
      'an old one',
      { terraform: program('Terraform v1.4.7') },
      {},
      'problem',
      /1\.4\.7 .* 1\.5\.0 or later.*Install/,
    ],
    [
      'an OpenTofu that is named',
      { tofu: program('OpenTofu v1.10.3') },
      { TERRAFORM_BINARY_NAME: 'tofu' },
      'ok',
      /^OpenTofu 1\.10\.3/,
    ],
    [
      'an old OpenTofu',
      { tofu: program('OpenTofu v1.9.0') },
      { TERRAFORM_BINARY_NAME: 'tofu' },
      'problem',
      /needs 1\.10\.0 or later/,
    ],
    [
      'an OpenTofu that nobody names',
      { tofu: program('OpenTofu v1.10.3') },
      {},
      'problem',
      /cdktf calls terraform.*Set TERRAFORM_BINARY_NAME=tofu\./,
    ],
    ['neither', {}, {}, 'problem', /not on the PATH.*Install/],
    [
      'a name of nothing',
      { terraform: program('Terraform v1.11.4') },
      { TERRAFORM_BINARY_NAME: 'tofu' },
      'problem',
      /TERRAFORM_BINARY_NAME names "tofu"/,
    ],
    ['something else of that name', { terraform: program('Hello') }, {}, 'problem', /printed no version/],
  ])('%s', async (_, files, variables, status, text) => {
    // Without a path of its own, sh finds echo all the same: it is built in.
    const result = await only(terraformCheck({ PATH: folderWith(files), ...variables }));
    expect(result.status).toBe(status);
    expect(`${result.found} ${result.next ?? ''}`).toMatch(text);
  });
});

test.each([
  ['20.20.2', 'ok', /^Node\.js 20\.20\.2/],
  ['22.4.0', 'ok', /22\.4\.0/],
  ['24.0.0', 'warning', /cdktf is made for 20 and 22/],
  ['18.20.0', 'problem', /does not fit >=20\.19\.0/],
])('Node.js %s is %s', async (version, status, text) => {
  const result = await only(nodeCheck(version, '>=20.19.0'));
  expect(result.status).toBe(status);
  expect(result.found).toMatch(text);
});

describe('the packages of a project', () => {
  const peers = {
    cdktf: '>=0.21.0 <1',
    cdktn: '>=0.24.0 <1',
    constructs: '^10.4.2',
    '@cdktf/provider-null': '^11.0.1',
  };
  const project = (versions: Readonly<Record<string, string>>, app = 'npx tsx main.ts'): string =>
    folderWith({
      'package.json': '{}',
      'cdktf.json': JSON.stringify({ app }),
      ...Object.fromEntries(
        Object.entries(versions).map(([name, version]) => [
          `node_modules/${name}/package.json`,
          JSON.stringify({ version }),
        ]),
      ),
    });
  const statuses = async (at: string): Promise<Record<string, string>> => {
    const results = await resultsOf(packageChecks(at, peers), 5_000);
    return Object.fromEntries(
      results.map(({ id, status, found, next = '' }) => [id, `${status}: ${found} ${next}`.trim()]),
    );
  };
  const whole = {
    cdktf: '0.21.0',
    constructs: '10.4.2',
    '@cdktf/provider-null': '11.0.1',
    typescript: '5.9.3',
  };

  test('that fit each other are fine, also from a folder below', async () => {
    const at = project(whole);
    writeFileSync(path.join(folderIn(at, 'stacks'), 'package.json'), '{}');
    for (const each of [at, path.join(at, 'stacks')]) {
      expect(await statuses(each)).toEqual({
        cdktf: 'ok: cdktf 0.21.0, constructs 10.4.2.',
        'provider-null': 'ok: @cdktf/provider-null 11.0.1.',
        typescript: 'ok: TypeScript 5.9.3.',
      });
    }
  });

  test('each that is missing, too old or too new is named with the command that mends it', async () => {
    const others = {
      constructs: '10.1.0',
      cdktf: '0.20.0',
      '@cdktf/provider-null': '10.0.0',
      typescript: '7.0.2',
    };
    expect(await statuses(project(others, 'npx ts-node main.ts'))).toEqual({
      cdktf:
        'problem: cdktf 0.20.0, constructs 10.1.0 is installed; cdktf-memphis needs cdktf >=0.21.0 <1, constructs ^10.4.2. Run npm install cdktf@0.21 constructs@10.7.',
      'provider-null':
        'problem: @cdktf/provider-null 10.0.0 does not fit ^11.0.1. Run npm install @cdktf/provider-null@11.',
      typescript:
        'problem: TypeScript 7.0.2 is installed; ts-node, which the app in cdktf.json runs, fails with TypeScript 7. Run npm install --save-dev typescript@5, or set "app" in cdktf.json to "npx tsx main.ts".',
    });
    expect(await statuses(project({ typescript: '7.0.2' }))).toEqual({
      cdktf: 'problem: Not installed: cdktf, constructs. Run npm install cdktf@0.21 constructs@10.7.',
      'provider-null':
        'warning: Not installed; the construct SmokeTest needs it. Run npm install @cdktf/provider-null@11.',
      typescript: 'ok: TypeScript 7.0.2; the app in cdktf.json does not run ts-node.',
    });
  });

  test('are not checked where there is no project', async () => {
    const found = Object.values(await statuses(folderWith({})));
    expect(found).toHaveLength(3);
    for (const each of found)
      expect(each).toMatch(/^notChecked: .* has no package\.json\. .*cdktf-memphis init/);
  });

  function folderIn(at: string, name: string): string {
    mkdirSync(path.join(at, name));
    return path.join(at, name);
  }
});

describe('the CLI configuration of Terraform', () => {
  const hiding =
    'provider_installation {\n  network_mirror {\n    url = "https://mirror.example/{x}/" # npm.invalid\n  }\n}\n';
  const naming =
    'provider_installation {\n  filesystem_mirror {\n    path = "terraform.d/plugins"\n    include = ["npm.invalid/*/*"]\n  }\n  direct {}\n}\n';
  const hidden =
    /^provider_installation in .* hides the provider.*Add filesystem_mirror \{ path = "terraform\.d\/plugins" include = \["npm\.invalid\/\*\/\*"\] \}/;

  test.each<[what: string, file: string, text: string, status: string, found: RegExp]>([
    ['none at all', 'other', '', 'ok', /No provider_installation/],
    ['a block in the file of the user', '.terraformrc', hiding, 'problem', hidden],
    ['a block that names the provider', '.terraformrc', naming, 'ok', /names npm\.invalid/],
    ['a block in the file of OpenTofu', '.tofurc', hiding, 'problem', hidden],
    ['a block in the folder of the user', '.terraform.d/a.tfrc', hiding, 'problem', hidden],
    [
      'a block in JSON',
      '.terraform.d/a.tfrc.json',
      '{"provider_installation":[{"direct":{}}]}',
      'problem',
      hidden,
    ],
    [
      'a block in a comment',
      '.terraformrc',
      '# provider_installation {}\n/* provider_installation {} */',
      'ok',
      /No/,
    ],
  ])('%s', async (_, file, text, status, found) => {
    const result = await only(providerInstallationCheck({}, folderWith({ [file]: text })));
    expect(result.status).toBe(status);
    expect(`${result.found} ${result.next ?? ''}`).toMatch(found);
  });

  test('the file that TF_CLI_CONFIG_FILE names counts, and no other', async () => {
    const home = folderWith({ '.terraformrc': hiding, empty: '', hiding });
    const at = (name: string) =>
      only(providerInstallationCheck({ TF_CLI_CONFIG_FILE: path.join(home, name) }, home));
    expect([(await at('empty')).status, (await at('hiding')).status]).toEqual(['ok', 'problem']);
  });
});

test('a check that never ends, or throws, is a problem, and those that need it are not tried', async () => {
  const checks: Check[] = [
    { id: 'slow', title: 'Slow', run: () => new Promise(() => undefined) },
    { id: 'broken', title: 'Broken', run: () => Promise.reject(new Error('out of paper')) },
    {
      id: 'after',
      title: 'After',
      needs: ['broken'],
      run: () => Promise.resolve({ status: 'ok', found: '' }),
    },
    {
      id: 'later',
      title: 'Later',
      needs: ['after'],
      run: () => Promise.resolve({ status: 'ok', found: '' }),
    },
  ];
  const results = await resultsOf(checks, 50);
  expect(results.map(({ id, status, found }) => `${id} ${status} ${found}`)).toEqual([
    'slow problem No answer came within 0.05 s.',
    'broken problem out of paper',
    'after notChecked Not tried, because of "Broken".',
    'later notChecked Not tried, because of "After".',
  ]);
});
