import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { ownerOf } from '../../src/constructs/owner';
import { scratch } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

const file = (text: string): string => {
  const path = join(scratch(), 'cdktf.json');
  writeFileSync(path, text);
  return path;
};

/** The owner of the construct `shop/nested/orders` of a project. */
function owner(cdktfJsonPath?: string): string {
  const app = new App({ outdir: scratch(), context: { cdktfJsonPath } });
  const nested = new Construct(new TerraformStack(app, 'shop'), 'nested');
  return ownerOf(new Construct(nested, 'orders'));
}

test.each([
  ['the project goes first', file('{ "projectId": "p-1" }'), 'p-1/shop/nested/orders'],
  ['a project without id: the path alone', file('{}'), 'shop/nested/orders'],
  ['an id that is no text counts as none', file('{ "projectId": 7 }'), 'shop/nested/orders'],
  ['a file that is no JSON: cdktf itself complains about it', file('{'), 'shop/nested/orders'],
  ['a file that is gone', join(scratch(), 'cdktf.json'), 'shop/nested/orders'],
])('%s', (_because, path, expected) => {
  expect(owner(path)).toBe(expected);
});

test('the nearest project from the working directory up is used when the framework tells none', () => {
  const project = scratch();
  writeFileSync(join(project, 'cdktf.json'), '{ "projectId": "above" }');
  const inside = join(project, 'a', 'b');
  mkdirSync(inside, { recursive: true });
  const cwd = jest.spyOn(process, 'cwd').mockReturnValue(inside);
  try {
    expect(owner()).toBe('above/shop/nested/orders');
  } finally {
    cwd.mockRestore();
  }
});
