import childProcess from 'node:child_process';
import { App, TerraformStack } from 'cdktf';
import { MemphisProvider, Schema, Station } from '../../src';
import { synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

test('imports ask for the version of Terraform once, however many and in however many stacks they are', () => {
  const asked = jest.spyOn(childProcess, 'execSync').mockReturnValue(Buffer.from('Terraform v1.9.0'));
  const configuration = synthesised((scope) => {
    const schema = new Schema(scope, 'schema', { name: 'order', type: 'json', content: '{}' });
    schema.importFrom('order');
    for (const name of ['a', 'b', 'c']) {
      const station = new Station(scope, name, { name });
      station.importFrom(name);
      station.enforce(schema).importFrom(name);
    }
    const other = new TerraformStack(App.of(scope), 'other');
    new MemphisProvider(other, 'memphis');
    new Station(other, 'd', { name: 'd' }).importFrom('d');
  });
  const { import: imports } = configuration as unknown as { import: { to: string; id: string }[] };
  expect(imports.map(({ to, id }) => [to.replace(/_enforcement_.*/, '_enforcement'), id]).sort()).toEqual([
    ['memphis_schema.schema', 'order'],
    ['memphis_schema_enforcement.a_enforcement', 'a'],
    ['memphis_schema_enforcement.b_enforcement', 'b'],
    ['memphis_schema_enforcement.c_enforcement', 'c'],
    ['memphis_station.a', 'a'],
    ['memphis_station.b', 'b'],
    ['memphis_station.c', 'c'],
  ]);
  expect(asked).toHaveBeenCalledTimes(1);
});

test('an old Terraform is still a problem of synth', () => {
  jest.spyOn(childProcess, 'execSync').mockReturnValue(Buffer.from('Terraform v1.4.0'));
  const old = (): unknown => synthesised((scope) => new Station(scope, 'a', { name: 'a' }).importFrom('a'));
  expect(old).toThrow(/lower than the required version/);
});
