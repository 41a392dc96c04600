import type { TerraformStack } from 'cdktf';
import { Aspects, TerraformCount, TerraformIterator, Token } from 'cdktf';
import { Schema, SchemaEnforcement, SmokeSuite, SmokeTest, Station, StationSet, User } from '../../src';
import { problemsIn, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

const json = { type: 'json', content: '{"type":"object"}' } as const;

function rendered(declare: (stack: TerraformStack) => void): {
  stations: Readonly<Record<string, unknown>>;
  enforcements: Readonly<Record<string, unknown>>;
} {
  const { resource } = synthesised(declare);
  return {
    stations: resource?.memphis_station ?? {},
    enforcements: resource?.memphis_schema_enforcement ?? {},
  };
}

describe('the enforcement of a station with forEach has one instance for each station', () => {
  const instance = {
    for_each: '${toset(["a", "b"])}',
    station_name: '${memphis_station.team[each.key].name}',
    station_uid: '${memphis_station.team[each.key].uid}',
  };
  const cases: Record<string, (stack: TerraformStack, station: Station) => void> = {
    'of enforce()': (_stack, station) => station.enforce('order'),
    'of a SchemaEnforcement': (stack, station) =>
      new SchemaEnforcement(stack, 'e', { station, schema: 'order' }),
    'of one by reference to the name': (stack, station) =>
      new SchemaEnforcement(stack, 'e', { station: station.name, schema: 'order' }),
  };
  test.each(Object.entries(cases))('%s', (_, enforce) => {
    const { enforcements } = rendered((stack) => {
      const forEach = TerraformIterator.fromList(['a', 'b']);
      enforce(stack, new Station(stack, 'team', { forEach, name: forEach.value as string }));
    });
    expect(Object.values(enforcements)).toEqual([
      { ...instance, schema_name: 'order', owner: expect.any(String) as unknown },
    ]);
  });

  test('of schemaName, which may be another one for each', () => {
    const { enforcements } = rendered((stack) => {
      const forEach = TerraformIterator.fromMap({ a: { schema: 'x' }, b: { schema: 'y' } });
      new Station(stack, 'team', { forEach, name: forEach.key, schemaName: forEach.getString('schema') });
    });
    expect(Object.values(enforcements)).toEqual([
      {
        for_each: { a: { schema: 'x' }, b: { schema: 'y' } },
        station_name: '${memphis_station.team[each.key].name}',
        station_uid: '${memphis_station.team[each.key].uid}',
        schema_name: '${each.value.schema}',
        owner: 'fixture-project/test/team/enforcement',
      },
    ]);
  });

  test('with a schema, and a dead-letter station, for each', () => {
    const { stations, enforcements } = rendered((stack) => {
      const forEach = TerraformIterator.fromList(['a', 'b']);
      const name = forEach.value as string;
      const dlsStation = new Station(stack, 'dead', { forEach, name: `${name}-dead` });
      const team = new Station(stack, 'team', { forEach, name, dlsStation });
      team.enforce(new Schema(stack, 'order', { forEach, name, ...json }));
    });
    expect(stations.team).toMatchObject({ dls_station: '${memphis_station.dead[each.key].name}' });
    expect(Object.values(enforcements)).toEqual([
      {
        ...instance,
        schema_name: '${memphis_schema.order[each.key].name}',
        schema_uid: '${memphis_schema.order[each.key].uid}',
        owner: expect.any(String) as unknown,
      },
    ]);
  });

  test('and with count, one for each number', () => {
    const { enforcements } = rendered((stack) => {
      const count = TerraformCount.of(2);
      new Station(stack, 'team', { count, name: `team-${Token.asString(count.index)}`, schemaName: 'order' });
    });
    expect(Object.values(enforcements)).toEqual([
      {
        count: 2,
        station_name: '${memphis_station.team[count.index].name}',
        station_uid: '${memphis_station.team[count.index].uid}',
        schema_name: 'order',
        owner: expect.any(String) as unknown,
      },
    ]);
  });
});

test('one expression gives different names with different iterators', () => {
  const found = problemsIn((stack) => {
    const [one, two] = [TerraformIterator.fromList(['a']), TerraformIterator.fromList(['b'])];
    new Station(stack, 'one', { forEach: one, name: '${each.value}', schemaName: 'order' });
    new Station(stack, 'two', { forEach: two, name: '${each.value}', schemaName: 'order' });
  });
  expect(found).toEqual([]);
});

test('several objects where one is needed are refused, with the way that works', () => {
  const found = problemsIn((stack) => {
    const forEach = TerraformIterator.fromList(['a', 'b']);
    const name = forEach.value as string;
    const several = new Station(stack, 'several', { forEach, name });
    const schemas = new Schema(stack, 'schemas', { forEach, name, ...json });
    new Station(stack, 'one', { name: 'one', dlsStation: several }).enforce(schemas);
    new Station(stack, 'counted', { count: 2, name: 'c', dlsStation: several });
    new SmokeTest(stack, 'smoke', { station: several });
  });
  const advice = (kind: string): string =>
    `, which stands for several objects (forEach), and this construct for one; give it the same ${kind}, or give the name of one of them`;
  expect(found).toEqual([
    `[test/one] dlsStation is "test/several"${advice('forEach')}`,
    `[test/one/enforcement] schema is "test/schemas"${advice('forEach')}`,
    `[test/counted] dlsStation is "test/several"${advice('forEach')}`,
    '[test/smoke] station is "test/several", which stands for several stations (forEach or count); give Station.fromName for one of them, and the construct in dependsOn',
  ]);
});

describe('users and sets refer to the instance with the same key', () => {
  const login = { type: 'application', passwordEnv: 'P', passwordVersion: 1 } as const;

  test('with the same forEach', () => {
    const { resource } = synthesised((stack) => {
      const forEach = TerraformIterator.fromList(['a', 'b']);
      const name = forEach.value as string;
      const station = new Station(stack, 'team', { forEach, name });
      const schemaName = new Schema(stack, 'order', { forEach, name, ...json });
      new User(stack, 'reader', { forEach, name, ...login, allowReadPermissions: [station] });
      new StationSet(stack, 'set', { forEach, stations: [`${name}-1`], dlsStation: station, schemaName });
    });
    expect(resource?.memphis_user?.reader?.allow_read_permissions).toEqual([
      '${memphis_station.team[each.key].name}',
    ]);
    expect(resource?.memphis_station_set?.set).toMatchObject({
      stations: { '${each.value}-1': '' },
      dls_station: '${memphis_station.team[each.key].name}',
      schema_name: '${memphis_schema.order[each.key].name}',
      schema_uids: { '${each.value}': '${memphis_schema.order[each.key].uid}' },
    });
  });

  test('one station of several sets is refused, and a suite tests none of them', () => {
    const declare = (stack: TerraformStack): StationSet => {
      const forEach = TerraformIterator.fromList(['a', 'b']);
      return new StationSet(stack, 'set', { forEach, stations: [`${forEach.value as string}-1`, 'q'] });
    };
    const found = problemsIn((stack) => {
      new SchemaEnforcement(stack, 'e', { station: declare(stack).station('q'), schema: 'order' });
    });
    expect(found).toEqual([
      '[test/set] station("q") is of a set that stands for several (forEach or count); give Station.fromName for one of them',
    ]);
    const { resource } = synthesised((stack) => {
      declare(stack);
      Aspects.of(stack).add(new SmokeSuite());
    });
    expect(Object.keys(resource ?? {})).toEqual(['memphis_station_set']);
  });

  test('without one they are refused', () => {
    const found = problemsIn((stack) => {
      const forEach = TerraformIterator.fromList(['a', 'b']);
      const station = new Station(stack, 'team', { forEach, name: forEach.value as string });
      new User(stack, 'reader', { name: 'reader', ...login, allowReadPermissions: [station] });
      new StationSet(stack, 'set', { stations: ['x'], dlsStation: station });
    });
    const several = 'is "test/team", which stands for several objects (forEach), and this construct for one';
    expect(found).toEqual([
      expect.stringContaining(`[test/reader] allowReadPermissions[0] ${several}`),
      expect.stringContaining(`[test/set] dlsStation ${several}`),
    ]);
  });
});
