import { Deployment } from '../support/deployment';
import { acknowledge, publish } from '../support/publish';

const deployment = Deployment.forThisFile();

const content = '{"type":"object"}';
const declared = {
  stations: {
    orders: {
      name: 'Data.Orders',
      partitions_number: 2,
      tags: ['team-a'],
      dls_station: '${memphis_station.dead.name}',
    },
    dead: { name: 'data.dead', storage_type: 'memory' },
  },
  schemas: { order: { name: 'data-order', type: 'json', content } },
  enforcements: {
    orders: {
      station_name: '${memphis_station.orders.name}',
      station_uid: '${memphis_station.orders.uid}',
      schema_name: '${memphis_schema.order.name}',
      schema_uid: '${memphis_schema.order.uid}',
    },
  },
};

const data = {
  memphis_station: { orders: { name: 'data.ORDERS' } },
  memphis_stations: {
    tagged: { tag: 'team-a' },
    globbed: { name_pattern: 'DATA.{dead,none*}' },
  },
  memphis_schema: { order: { name: 'data-order' } },
  memphis_schemas: { all: { name_pattern: 'data-*' } },
  memphis_user: { root: { name: 'ROOT' } },
  memphis_cluster: { here: {} },
};

const output = Object.fromEntries(
  Object.entries({
    orders: '${data.memphis_station.orders}',
    tagged: '${data.memphis_stations.tagged}',
    globbed: '${data.memphis_stations.globbed}',
    order: '${data.memphis_schema.order}',
    schemas: '${data.memphis_schemas.all}',
    user: '${data.memphis_user.root}',
    cluster: '${data.memphis_cluster.here}',
  }).map(([name, value]) => [name, { value }]),
);

test('what a broker holds can be looked up, and looking changes nothing', async () => {
  const stack = deployment.stack();
  stack.declare(declared);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(deployment.broker, 'data.orders', 6, 2);
  await acknowledge(deployment.broker, 'data.orders', 2);
  const before = await deployment.everything();
  const [stations, schemas] = await Promise.all([
    deployment.admin.listStations(),
    deployment.admin.listSchemas(),
  ]);

  stack.declare({ ...declared, more: { data, output } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await deployment.everything()).toEqual(before);
  const { stdout } = await stack.terraform.run(['output', '-json']);
  const outputs = JSON.parse(stdout) as Record<string, { readonly value: unknown }>;
  const found = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  expect(found).toMatchObject({
    orders: {
      name: 'data.ORDERS',
      retention_type: 'message_age_sec',
      partitions_number: 2,
      dls_station: 'data.dead',
      schema_name: 'data-order',
      tags: ['team-a'],
      messages: 6,
      intact: true,
      partitions: [
        { number: 1, messages: 3 },
        { number: 2, messages: 3 },
      ],
      consumer_groups: [{ name: 'group', backlog: 1 }],
    },
    tagged: {
      names: ['data.orders'],
      stations: [{ name: 'data.orders', messages: 6, schema_name: 'data-order' }],
    },
    globbed: { names: ['data.dead'], stations: [{ storage_type: 'memory', messages: 0, schema_name: null }] },
    order: { type: 'json', content, version: 1, versions: [{ active: true }], stations: ['data.orders'] },
    schemas: { names: ['data-order'], schemas: [{ name: 'data-order', version: 1 }] },
    user: { type: 'root', allow_read_permissions: [], created_by: null, full_name: null },
    cluster: {
      address: deployment.admin.facts.address,
      clustered: false,
      // Beside those of this test, a new broker brings some of its own.
      stations: stations.length,
      schemas: schemas.length,
      messages: 6,
    },
  });
  expect((await stack.plan()).code).toBe(0);
});

test('a station that is not there is an error of the plan that says what to do, and an invalid name one of its own', async () => {
  const stack = deployment.stack();
  stack.declare({
    more: { data: { memphis_station: { a: { name: 'nowhere' } }, memphis_schema: { b: { name: '' } } } },
  });
  const { errors } = await stack.plan();
  expect(errors).toEqual([expect.stringContaining('Invalid value for name')]);
  stack.declare({ more: { data: { memphis_station: { a: { name: 'nowhere' } } } } });
  expect((await stack.plan()).errors).toEqual([
    expect.stringContaining(
      'Could not look up station "nowhere"\nThe broker has no such station.\n\nCheck the name. If this configuration declares the station, refer to the resource instead, or add it to depends_on.\n\n(MEMPHIS_NOT_FOUND)',
    ),
  ]);
});

test('functions compute what clients do, and point at the argument that they cannot use', async () => {
  const stack = deployment.stack();
  const outputs = (partitions: string) => ({
    partition: { value: `\${provider::memphis::partition_for_key("key", ${partitions})}` },
    stream: { value: '${provider::memphis::internal_name("Orders.EU")}$1' },
  });
  stack.declare({ more: { output: outputs('3') } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const { stdout } = await stack.terraform.run(['output', '-json']);
  expect(JSON.parse(stdout)).toMatchObject({ partition: { value: 2 }, stream: { value: 'orders#eu$1' } });

  stack.declare({ more: { output: outputs('2.5') } });
  const { code, output } = await stack.plan();
  expect(code).toBe(1);
  expect(output).toContain('Invalid value for \\"partitions\\" parameter');
  expect(output).toContain('partitions is 2.5; it must be a whole number');
});
