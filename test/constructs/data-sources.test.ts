import { TerraformOutput } from 'cdktf';
import {
  DataMemphisCluster,
  DataMemphisSchema,
  DataMemphisSchemas,
  DataMemphisStation,
  DataMemphisStations,
  DataMemphisUser,
} from '../../src';
import { problemsIn, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

test('data sources render their arguments, and what they find can be an output', () => {
  const { data, output } = synthesised((stack) => {
    const orders = new DataMemphisStation(stack, 'orders', { name: 'orders' });
    new TerraformOutput(stack, 'backlog', { value: orders.consumerGroups });
    new TerraformOutput(stack, 'messages', { value: orders.messages });
    const eu = new DataMemphisStations(stack, 'eu', { namePattern: '*.eu', tag: 'team-a' });
    new TerraformOutput(stack, 'names', { value: eu.names });
    new DataMemphisSchema(stack, 'order', { name: 'order' });
    new DataMemphisSchemas(stack, 'schemas');
    new DataMemphisCluster(stack, 'cluster');
    const app = new DataMemphisUser(stack, 'app', { name: 'app' });
    new TerraformOutput(stack, 'reads', { value: app.allowReadPermissions });
  }) as unknown as Record<string, unknown>;
  expect(data).toEqual({
    memphis_station: { orders: { name: 'orders' } },
    memphis_stations: { eu: { name_pattern: '*.eu', tag: 'team-a' } },
    memphis_schema: { order: { name: 'order' } },
    memphis_schemas: { schemas: {} },
    memphis_cluster: { cluster: {} },
    memphis_user: { app: { name: 'app' } },
  });
  expect(output).toEqual({
    backlog: { value: '${data.memphis_station.orders.consumer_groups}' },
    messages: { value: '${data.memphis_station.orders.messages}' },
    reads: { value: '${data.memphis_user.app.allow_read_permissions}' },
    names: { value: '${data.memphis_stations.eu.names}' },
  });
});

test('what is wrong with the arguments of a data source is reported at synth', () => {
  const problems = problemsIn((stack) => {
    new DataMemphisStation(stack, 'a', { name: '_a' });
    new DataMemphisSchema(stack, 'b', {} as never);
    new DataMemphisStations(stack, 'c', { pattern: '*' } as never);
  });
  expect(problems).toEqual([
    expect.stringMatching(/^\[test\/a\] name is "_a"; it must be a station name/),
    expect.stringMatching(/^\[test\/b\] name is missing/),
    expect.stringMatching(/^\[test\/c\] pattern is not a prop of DataMemphisStations/),
  ]);
});
