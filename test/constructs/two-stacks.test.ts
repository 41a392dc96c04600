import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { MemphisProvider, Schema, SchemaEnforcement, SmokeTest, Station } from '../../src';
import { scratch } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

function stack(app: App, id: string): TerraformStack {
  const made = new TerraformStack(app, id);
  new LocalBackend(made, { path: `${id}.tfstate` });
  new MemphisProvider(made, 'memphis');
  return made;
}

test('objects of another stack are used through its outputs, and only parts of the own stack are waited for', () => {
  const app = new App({ outdir: scratch() });
  const [platform, shop] = [stack(app, 'platform'), stack(app, 'shop')];
  const deadLetters = new Station(platform, 'dead', { name: 'dead' });
  const order = new Schema(platform, 'order', {
    name: 'order',
    type: 'json',
    content: '{"required":["id"]}',
  });
  new Station(shop, 'orders', { name: 'orders', dlsStation: deadLetters });
  new SchemaEnforcement(shop, 'enforcement', { station: deadLetters, schema: order });
  new SmokeTest(shop, 'smoke', { station: deadLetters, sample: { id: 1 } });
  app.synth();

  const { resource } = JSON.parse(readFileSync(join(app.outdir, 'stacks/shop/cdk.tf.json'), 'utf8')) as {
    resource: Record<string, Record<string, Record<string, unknown>>>;
  };
  const output = (name: string): unknown =>
    expect.stringMatching(
      new RegExp(`^\\$\\{data\\.terraform_remote_state\\..*\\.outputs\\.cross-stack-output-${name}\\}$`),
    );
  expect(resource.memphis_station?.orders?.dls_station).toEqual(output('memphis_stationdeadname'));
  expect(resource.memphis_schema_enforcement?.enforcement).toMatchObject({
    station_name: output('memphis_stationdeadname'),
    station_uid: output('memphis_stationdeaduid'),
    schema_uid: output('memphis_schemaorderuid'),
  });
  expect(resource.null_resource?.smoke).toMatchObject({
    triggers: { station: output('memphis_stationdeaduid') },
    depends_on: ['memphis_schema_enforcement.enforcement'],
  });
});

test('a sample is checked against the schema that the stack of the station declares', () => {
  const app = new App({ outdir: scratch() });
  const [platform, shop] = [stack(app, 'platform'), stack(app, 'shop')];
  const orders = new Station(platform, 'orders', { name: 'orders', schemaName: 'order' });
  new Schema(platform, 'order', { name: 'order', type: 'json', content: '{"required":["id"]}' });
  new SmokeTest(shop, 'smoke', { station: orders, sample: {} });
  expect(() => app.synth()).toThrow('[shop/smoke] sample does not fit schema "order"');
});
