import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBeforeDestroyPlace } from '../../../../src/runtime/provider/resources/created-first';
import { writeFiles } from '../../../support/user-project';

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-lifecycle-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const block = (line: string): string =>
  `resource "memphis_station" "s" {\n  lifecycle {\n    ${line}\n  }\n}\n`;
const modules = (dir: string): string =>
  JSON.stringify({
    Modules: [
      { Key: '', Dir: '.' },
      { Key: 'm', Dir: dir },
    ],
  });

it.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ['HCL', { 'main.tf': block('create_before_destroy = true') }, 'main.tf:3'],
  ['HCL on one line', { 'a.tf': 'resource "a" "b" { lifecycle { create_before_destroy=true } }' }, 'a.tf:1'],
  ['JSON', { 'cdk.tf.json': '{"lifecycle":\n{"create_before_destroy": true}}' }, 'cdk.tf.json:2'],
  ['OpenTofu', { 'main.tofu': block('create_before_destroy = true') }, 'main.tofu:3'],
  [
    'behind a path with a slash',
    { 'main.tf': block('x = "a/b", create_before_destroy = true') },
    'main.tf:3',
  ],
  [
    'a module',
    {
      'main.tf': 'module "m" { source = "./m" }',
      '.terraform/modules/modules.json': modules('m'),
      'm/main.tf': block('create_before_destroy = true'),
    },
    'm/main.tf:3',
  ],
  ['false', { 'main.tf': block('create_before_destroy = false') }, undefined],
  ['a comment', { 'main.tf': block('# create_before_destroy = true') }, undefined],
  ['another comment', { 'main.tf': block('// create_before_destroy = true') }, undefined],
  ['another file', { 'main.txt': block('create_before_destroy = true') }, undefined],
  ['broken modules', { '.terraform/modules/modules.json': '{' }, undefined],
  ['nothing', {}, undefined],
])('%s', (_, files, place) => {
  writeFiles(folder, files);
  expect(createBeforeDestroyPlace(folder)).toBe(place);
});

it('a folder that is gone says nothing', () => {
  expect(createBeforeDestroyPlace(join(folder, 'gone'))).toBeUndefined();
});
