import { Aspects } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import { Duration, Retention, Schema, SmokeSuite, Station, StationSet, Storage } from '../../src';
import { readSynthesisedStacks } from '../../src/runtime/synthesised';
import { problemsIn, stackWith, synthesiseApp, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

const declare = (stack: TerraformStack): StationSet => {
  const schema = new Schema(stack, 'order', { name: 'order', type: 'json', content: '{}' });
  const dead = new Station(stack, 'dead', { name: 'dead' });
  return new StationSet(stack, 'events', {
    retentionValue: Duration.hours(2),
    dlsStation: dead,
    schemaName: schema,
    stations: {
      Orders: {},
      payments: { partitionsNumber: 3, schemaName: '' },
      audit: { retentionType: Retention.ACK_BASED, dlsStation: 'orders' },
    },
  });
};

test('renders what the stations have in common once, and what differs by name', () => {
  const set = synthesised(declare).resource?.memphis_station_set?.events;
  expect(set).toMatchObject({
    stations: { Orders: '', payments: '', audit: '' },
    retention_value: 7200,
    dls_station: '${memphis_station.dead.name}',
    schema_name: '${memphis_schema.order.name}',
    schema_uids: { order: '${memphis_schema.order.uid}' },
    overrides: {
      payments: { partitions_number: 3, schema_name: '' },
      audit: { retention_type: 'ack_based', dls_station: 'orders' },
    },
    owner: expect.stringMatching(/test\/events$/) as string,
  });
});

test('takes a list of names', () => {
  const set = synthesised((stack) => new StationSet(stack, 'events', { stations: ['a', 'b'], replicas: 1 }));
  expect(set.resource?.memphis_station_set?.events).toMatchObject({
    stations: { a: '', b: '' },
    replicas: 1,
  });
  expect(set.resource?.memphis_station_set?.events).not.toHaveProperty('overrides');
});

test('gives a reference to one of its stations, which makes Terraform deploy the set first', () => {
  const { resource } = synthesised((stack) => {
    const set = new StationSet(stack, 'events', { stations: ['dead', 'other'] });
    new Station(stack, 'orders', { name: 'orders', dlsStation: set.station('Dead') });
  });
  expect(resource?.memphis_station?.orders?.dls_station).toBe(
    '${["dead", memphis_station_set.events.uids["dead"]][0]}',
  );
  expect(() => stackWith((stack) => void declare(stack).station('nobody'))).toThrow(/does not have it/);
});

test('reports every problem at synth, with the station it is about', () => {
  const problems = problemsIn((stack) => {
    new Station(stack, 'one', { name: 'one' });
    new StationSet(stack, 'events', {
      stations: { One: {}, 'bad name': {}, two: { partitionsNumber: 0, replica: 1 } as never, Two: {} },
    });
    new StationSet(stack, 'further', { stations: ['two'] });
    new StationSet(stack, 'none', {} as never);
  }).join('\n');
  expect(problems).toMatch(/stations has "One", which "test\/one" declares already/);
  expect(problems).toMatch(/name is "bad name"/);
  expect(problems).toMatch(/stations.two: partitionsNumber is 0/);
  expect(problems).toMatch(/stations.two.*replica/);
  expect(problems).toMatch(/names "two" twice, also as "Two"/);
  expect(problems).toMatch(/\[test\/further\] stations has "two", which "test\/events" declares already/);
  expect(problems).toMatch(/stations is missing/);
});

test('a smoke suite tests every station of a set', () => {
  const { resource } = synthesised((stack) => {
    const set = new StationSet(stack, 'events', { stations: ['a', 'b', 'c'] });
    Aspects.of(stack).add(new SmokeSuite({ except: [set.station('b')] }));
  });
  expect(Object.keys(resource?.null_resource ?? {})).toHaveLength(2);
});

test('its stations are read from the output with the path of the set', async () => {
  const folder = synthesiseApp(
    stackWith((stack) => {
      declare(stack);
      new StationSet(stack, 'memory', {
        stations: ['dead-2', 'm'],
        storageType: Storage.MEMORY,
        dlsStation: 'dead-2',
      });
    }),
  );
  const [stack] = await readSynthesisedStacks({ folder, environment: {} });
  const found = stack?.objects.filter(({ site }) => site.address.startsWith('memphis_station_set.')) ?? [];
  const valuesOf = (kind: string) =>
    Object.fromEntries(
      found.filter((each) => each.kind === kind).map(({ values, site }) => [site.address, values]),
    );
  expect(valuesOf('station')).toMatchObject({
    'memphis_station_set.events["Orders"]': { name: 'Orders', retentionValue: 7200, dlsStation: 'dead' },
    'memphis_station_set.events["payments"]': { name: 'payments', partitionsNumber: 3 },
    'memphis_station_set.events["audit"]': {
      name: 'audit',
      retentionType: 'ack_based',
      dlsStation: 'orders',
    },
    'memphis_station_set.memory["m"]': { storageType: 'memory', dlsStation: 'dead-2' },
  });
  expect(valuesOf('station')['memphis_station_set.memory["dead-2"]']).not.toHaveProperty('dlsStation');
  expect(valuesOf('station')['memphis_station_set.events["audit"]']).not.toHaveProperty('retentionValue');
  expect(valuesOf('enforcement')).toMatchObject({
    'memphis_station_set.events["Orders"]': { stationName: 'Orders', schemaName: 'order' },
  });
  expect(Object.keys(valuesOf('enforcement'))).toHaveLength(2);
  expect(found.every(({ site }) => /^test\/(events|memory)$/.test(site.constructPath))).toBe(true);
  expect(stack?.problems).toEqual([]);
});
