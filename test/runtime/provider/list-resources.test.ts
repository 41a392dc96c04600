// The lists of `terraform query`: the packed provider and a live broker, over gRPC as Terraform does it. The hosts that
// know queries are newer than the Terraform that tests run with.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Client } from '@grpc/grpc-js';
import type { Values } from '../../../src/runtime/provider/cty/value';
import { ObjectCodec } from '../../../src/runtime/provider/framework/wire-forms';
import { memphisProvider } from '../../../src/runtime/provider/resources/provider';
import { calls, streamingCalls } from '../../../src/runtime/provider/wire/messages';
import { snippetsIn } from '../../docs/support/snippets';
import { Deployment } from '../../support/deployment';
import type { ProviderProcess } from './wire/provider-process';
import { call, connect, startProvider, streamed } from './wire/provider-process';

const bundle = resolve(__dirname, '../../../lib/bundles/terraform-provider-memphis');
const program = join(
  bundle,
  readdirSync(bundle).find((name) => name.startsWith('terraform-provider-')) ?? '',
);
const deployment = Deployment.forThisFile();
let provider: ProviderProcess;
let client: Client;

beforeAll(async () => {
  const stack = deployment.stack();
  const owner = 'shop/orders/owned';
  stack.declare({
    stations: {
      eu: { name: 'Orders.EU', partitions_number: 2, tags: ['eu'] },
      us: { name: 'orders.us', retention_type: 'ack_based' },
      owned: { name: 'orders.owned', owner },
    },
    schemas: { order: { name: 'order', type: 'json', content: '{"type":"object"}' } },
    enforcements: {
      eu: {
        station_name: '${memphis_station.eu.name}',
        station_uid: '${memphis_station.eu.uid}',
        schema_name: '${memphis_schema.order.name}',
        schema_uid: '${memphis_schema.order.uid}',
      },
    },
  });
  const { code, errors } = await stack.apply();
  if (code !== 0) throw new Error(errors.join('\n'));
  provider = await startProvider(program, { ...deployment.environment, PLUGIN_PROTOCOL_VERSIONS: '6' });
  client = connect(provider);
  const config = new ObjectCodec(memphisProvider.attributes).encode({});
  const configured = await call(
    client,
    '/tfplugin6.Provider/ConfigureProvider',
    calls.ConfigureProvider.request.encode({ config }),
  );
  expect(calls.ConfigureProvider.response.decode(configured).diagnostics).toEqual([]);
});

afterAll(async () => {
  await call(client, '/plugin.GRPCController/Shutdown');
  client.close();
  expect(await provider.ended).toBe(0);
});

/** What a query for a type finds: identities, or whole objects. */
async function query(typeName: string, given: Values, includeResourceObject = false, limit = 0) {
  const list = memphisProvider.listResources?.find((each) => each.typeName === typeName);
  const resource = memphisProvider.resources.find((each) => each.typeName === typeName);
  const request = streamingCalls.ListResource.request.encode({
    typeName,
    config: new ObjectCodec(list?.attributes ?? []).encode(given),
    includeResourceObject,
    limit,
  });
  const messages = await streamed(client, '/tfplugin6.Provider/ListResource', request);
  return messages.map((message) => {
    const event = streamingCalls.ListResource.response.decode(message);
    expect(event.diagnostics).toEqual([]);
    const identity = new ObjectCodec(resource?.identity?.attributes ?? []).decode(
      event.identity?.identityData,
    );
    const state = new ObjectCodec(resource?.attributes ?? []).decode(event.resourceObject);
    return includeResourceObject ? state : identity?.[resource?.identity?.attributes[0]?.name ?? ''];
  });
}

test.each<[string, Values, unknown[]]>([
  ['memphis_station', {}, ['orders.eu', 'orders.us']],
  ['memphis_station', { include_owned: true }, ['orders.eu', 'orders.owned', 'orders.us']],
  ['memphis_station', { name_pattern: 'ORDERS.u*' }, ['orders.us']],
  ['memphis_station', { name_pattern: 'default' }, ['default']],
  ['memphis_station', { tag: 'EU' }, ['orders.eu']],
  ['memphis_schema', {}, ['order']],
  ['memphis_schema_enforcement', {}, ['orders.eu']],
  ['memphis_schema_enforcement', { name_pattern: '*.us' }, []],
  ['memphis_user', {}, []],
])(
  'a query for %s with %p lists what nobody owns and every broker does not have',
  async (type, config, names) => {
    expect(await query(type, config)).toEqual(names);
  },
);

test('a query gets whole objects, as an import gives them, and no more than its limit', async () => {
  expect(await query('memphis_station', {}, true, 1)).toMatchObject([
    { name: 'orders.eu', partitions_number: 2, tags: ['eu'], on_replace: 'recreate', intact: true },
  ]);
  expect(await query('memphis_schema', {}, true)).toMatchObject([
    { name: 'order', type: 'json', content: '{"type":"object"}', version: 1 },
  ]);
  expect(await query('memphis_schema_enforcement', {}, true)).toMatchObject([
    { station_name: 'orders.eu', schema_name: 'order' },
  ]);
});

const named = process.env.TERRAFORM_BINARY_NAME;
const hasQueries = named !== undefined && spawnSync(named, ['query', '-help']).status === 0;

// Terraform 1.14 or later, where TERRAFORM_BINARY_NAME names it. The query and the import are those of the guide.
if (hasQueries) {
  test('terraform query writes configuration that adopts a broker as it is', async () => {
    const [query, importBlock] = snippetsIn(['hcl'], 'docs/adopt-with-query.md');
    const stack = deployment.stack();
    stack.declare({});
    writeFileSync(join(stack.directory, 'broker.tfquery.hcl'), query?.text ?? '');
    const written = await stack.terraform.run(['query', '-no-color', '-generate-config-out=generated.tf']);
    expect(written).toMatchObject({ code: 0 });
    expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
    expect(await stack.changes()).toEqual({});
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(Object.keys(await stack.terraform.show())).toHaveLength(3);
    expect(await stack.plan()).toMatchObject({ code: 0 });

    const other = deployment.stack();
    other.declare({ stations: { orders: { name: 'orders.us', retention_type: 'ack_based' } } });
    const block = (importBlock?.text ?? '').replace('"orders"', '"orders.us"');
    writeFileSync(join(other.directory, 'import.tf'), block);
    expect(await other.plan()).toMatchObject({ code: 2, errors: [] });
    expect(await other.changes()).toEqual({});
  });
}
