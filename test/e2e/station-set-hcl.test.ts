import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdktf';
import { Duration, Retention, Schema, Station, StationSet } from '../../src';
import { PROVIDER_ADDRESS } from '../../src/model/provider-address';
import { readSynthesisedStacks } from '../../src/runtime/synthesised';
import { stackWith } from '../constructs/support/stack';
import { Deployment } from '../support/deployment';

jest.mock('../../src/constructs/package-root', () =>
  jest.requireActual<object>('../constructs/support/fixture-package'),
);

const deployment = Deployment.forThisFile();

test('a set in HCL output deploys what the one in JSON declares, and is read from it', async () => {
  const declared = stackWith((stack) => {
    const schema = new Schema(stack, 'order', { name: 'order', type: 'json', content: '{}' });
    const dead = new Station(stack, 'dead', { name: 'dead' });
    const set = new StationSet(stack, 'events', {
      retentionValue: Duration.hours(2),
      dlsStation: dead,
      schemaName: schema,
      tags: ['all', 'of-them'],
      stations: {
        Orders: {},
        'pay.ments': {
          partitionsNumber: 3,
          schemaName: '',
          tags: ['a "quoted" one', 'b'],
          allowMessageLoss: true,
        },
        audit: { retentionType: Retention.ACK_BASED, dlsStation: 'orders', tags: [] },
      },
    });
    new Station(stack, 'other', { name: 'other', dlsStation: set.station('audit') });
    new StationSet(stack, 'plain', { stations: ['p1', 'p2'], lifecycle: { createBeforeDestroy: true } });
  });
  const stack = deployment.stack();
  rmSync(join(stack.directory, 'main.tf.json'));
  const hcl = Testing.synthHcl(declared, true) as string;
  expect(hcl).toContain(PROVIDER_ADDRESS);
  writeFileSync(join(stack.directory, 'main.tf'), hcl.replace(/backend "local" \{.*?\}/s, ''));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  const rows = await deployment.admin.listStations();
  const live = (name: string) => {
    const { tags, partitions, dlsStation, schemaName } = rows.find((row) => row.name === name) ?? {};
    return { tags: [...(tags ?? [])].sort(), partitions: partitions?.length, dlsStation, schemaName };
  };
  const orders = { tags: ['all', 'of-them'], partitions: 1, dlsStation: 'dead', schemaName: 'order' };
  expect(live('orders')).toEqual(orders);
  const payments = { tags: ['a "quoted" one', 'b'], partitions: 3, dlsStation: 'dead', schemaName: '' };
  expect(live('pay.ments')).toEqual(payments);
  expect(live('audit')).toEqual({ ...orders, tags: ['default'], dlsStation: 'orders' });
  expect(live('other')).toMatchObject({ dlsStation: 'audit' });
  expect(live('p2')).toMatchObject({ dlsStation: '' });

  const [read] = await readSynthesisedStacks({ folder: stack.directory, environment: {} });
  const found = read?.objects.find(({ site }) => site.address === 'memphis_station_set.events["pay.ments"]');
  expect(found?.values).toMatchObject({ tags: payments.tags, partitionsNumber: 3, dlsStation: 'dead' });
  expect(read?.problems).toEqual([]);
}, 60_000);
