import { TerraformIterator } from 'cdktf';
import { Schema, Station } from '../../src';
import { synthesised } from '../constructs/support/stack';
import { Deployment } from '../support/deployment';

jest.mock('../../src/constructs/package-root', () =>
  jest.requireActual<object>('../constructs/support/fixture-package'),
);

const deployment = Deployment.forThisFile();

test('a station with forEach enforces a schema in each instance', async () => {
  const { resource } = synthesised((stack) => {
    const forEach = TerraformIterator.fromMap({ one: 1, two: 2 });
    const content = '{"type":"object"}';
    new Schema(stack, 'order', { name: 'order', type: 'json', content });
    new Station(stack, 'fixed', { forEach, name: `${forEach.key}-fixed`, schemaName: 'order' });
    const schema = new Schema(stack, 'each', { forEach, name: `${forEach.key}-each`, type: 'json', content });
    const dlsStation = new Station(stack, 'dead', { forEach, name: `${forEach.key}-dead` });
    new Station(stack, 'own', { forEach, name: `${forEach.key}-own`, dlsStation }).enforce(schema);
  });
  const stack = deployment.stack();
  stack.declare({ more: { resource } });
  const { code, errors } = await stack.apply();
  expect([code, errors]).toEqual([0, []]);
  const rows = await deployment.admin.listStations();
  expect(Object.fromEntries(rows.map(({ name, schemaName }) => [name, schemaName]))).toEqual({
    default: 'demo-schema',
    'one-dead': '',
    'one-fixed': 'order',
    'one-own': 'one-each',
    'two-dead': '',
    'two-fixed': 'order',
    'two-own': 'two-each',
  });
  expect((await stack.plan()).code).toBe(0);
  expect((await stack.destroy()).code).toBe(0);
}, 60_000);
