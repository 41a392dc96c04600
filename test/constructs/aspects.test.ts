import { Aspects, TerraformVariable } from 'cdktf';
import type { IAspect, TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import {
  ClusterConfig,
  Duration,
  MemphisProvider,
  Retention,
  Schema,
  SchemaEnforcement,
  Size,
  SmokeTest,
  Station,
  StationSet,
  User,
} from '../../src';
import { clusterConfigFields } from '../../src/model/cluster-config';
import { fieldNames } from '../../src/model/field';
import { schemaFields } from '../../src/model/schema-declaration';
import { stationFields } from '../../src/model/station';
import { stationOptionNames } from '../../src/model/station-set';
import { userFields } from '../../src/model/user';
import { problemsIn as listOfProblemsIn, stackWith, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

type Attributes = Readonly<Record<string, unknown>>;

/** Calls a function for each construct of a class, as an Aspect of a project does. */
const forEach = <T>(of: new (...args: never[]) => T, change: (construct: T) => void): IAspect => ({
  visit: (node: IConstruct) => {
    if (node instanceof of) change(node);
  },
});

/** The attributes of the resources of a stack, by `type.id`. */
function rendered(declare: (stack: TerraformStack) => void): Readonly<Record<string, Attributes>> {
  const { resource = {} } = synthesised(declare);
  return Object.fromEntries(
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, attributes]) => [`${type}.${id}`, attributes]),
    ),
  );
}

const problemsIn = (declare: (stack: TerraformStack) => void): string => listOfProblemsIn(declare).join('\n');

/** Two stations, one enforced, tested and read by a user, with dead letters in the other. */
function shop(stack: TerraformStack): void {
  const dead = new Station(stack, 'dead', { name: 'dead', tags: ['letters'] });
  const orders = new Station(stack, 'orders', { name: 'orders', dlsStation: dead, schemaName: 'order' });
  new Schema(stack, 'order', { name: 'order', type: 'json', content: '{"type":"object"}' });
  new User(stack, 'billing', {
    name: 'billing',
    type: 'application',
    passwordEnv: 'P',
    passwordVersion: 1,
    allowReadPermissions: [orders],
  });
  new SmokeTest(stack, 'smoke', { station: orders, sample: {} });
}

const hashOf = (resources: Readonly<Record<string, Attributes>>): unknown =>
  (resources['null_resource.smoke']?.triggers as Attributes).tested;

describe('an Aspect of a stack', () => {
  test('sets tags and retention of all stations, and the smoke test runs for it', () => {
    const before = rendered(shop);
    const after = rendered((stack) => {
      shop(stack);
      Aspects.of(stack).add(
        forEach(Station, (station) => {
          station.tags = [...(station.tagsInput ?? []), 'shop'];
          station.retentionValue = Duration.days(7);
        }),
      );
    });
    expect(after['memphis_station.orders']).toMatchObject({ tags: ['shop'], retention_value: 604_800 });
    expect(after['memphis_station.dead']).toMatchObject({
      tags: ['letters', 'shop'],
      retention_value: 604_800,
    });
    expect(hashOf(after)).not.toBe(hashOf(before));
    // The notes for reports still name the line that declares the station.
    const notesOf = (resources: typeof after) => resources['memphis_station.orders']?.['//'];
    expect(notesOf(after)).toEqual(notesOf(before));
  });

  test('leaves a prop out again', () => {
    const { 'memphis_station.dead': dead } = rendered((stack) => {
      shop(stack);
      Aspects.of(stack).add(forEach(Station, (station) => station.resetTags()));
    });
    expect(dead).not.toHaveProperty('tags');
  });

  test('renames a station, and enforcement, dead letters, user and smoke test follow', () => {
    let enforcement: SchemaEnforcement | undefined;
    let smoke: SmokeTest | undefined;
    const declare = (stack: TerraformStack): void => {
      shop(stack);
      Aspects.of(stack).add(forEach(Station, (station) => (station.name = `eu-${station.nameInput ?? ''}`)));
      [enforcement] = stack.node.findAll().filter((node) => node instanceof SchemaEnforcement);
      [smoke] = stack.node.findAll().filter((node) => node instanceof SmokeTest);
    };
    expect(rendered(declare)['memphis_station.orders']?.name).toBe('eu-orders');
    expect(enforcement?.declaration.stationName).toBe('eu-orders');
    expect(JSON.parse(smoke?.specText ?? '')).toMatchObject({ station: 'eu-orders', schema: 'order' });
    expect(
      problemsIn((stack) => {
        shop(stack);
        Aspects.of(stack).add(forEach(Station, (station) => (station.name = 'same')));
      }),
    ).toContain('name is "same", which "test/dead" declares already');
  });

  test('reports a wrong value at synth, with the path of the construct and the range', () => {
    const problems = problemsIn((stack) => {
      shop(stack);
      Aspects.of(stack).add(
        forEach(Station, (station) => {
          station.retentionType = Retention.ACK_BASED;
          station.retentionValue = 5;
          station.partitionsNumber = 0;
        }),
      );
    });
    expect(problems).toContain('test/orders');
    expect(problems).toContain('partitionsNumber is 0; it must be a whole number from 1 to 10000');
    expect(problems).toMatch(/retentionValue .* ACK_BASED/);
  });

  test('enforces another schema and moves everything to another broker', () => {
    const resources = rendered((stack) => {
      shop(stack);
      const other = new MemphisProvider(stack, 'other', { alias: 'other' });
      const strict = new Schema(stack, 'strict', { name: 'strict', type: 'json', content: '{}' });
      Aspects.of(stack).add(forEach(SchemaEnforcement, (each) => (each.schema = strict)));
      Aspects.of(stack).add(forEach(Station, (station) => (station.provider = other)));
      Aspects.of(stack).add(forEach(Schema, (schema) => (schema.provider = other)));
    });
    const [, enforcement] =
      Object.entries(resources).find(([address]) => address.startsWith('memphis_schema_enforcement.')) ?? [];
    expect(enforcement).toMatchObject({
      schema_name: '${memphis_schema.strict.name}',
      schema_uid: '${memphis_schema.strict.uid}',
      provider: 'memphis.other',
    });
  });

  test('changes schemas, sets, users, settings, smoke tests and the provider', () => {
    let smoke: SmokeTest | undefined;
    const declare = (stack: TerraformStack): void => {
      shop(stack);
      new StationSet(stack, 'events', { stations: ['a', 'b'], tags: ['old'] });
      new ClusterConfig(stack, 'settings', {});
      Aspects.of(stack).add(forEach(Schema, (each) => (each.content = '{"type":"array"}')));
      Aspects.of(stack).add(
        forEach(StationSet, (set) => {
          set.retentionType = Retention.BYTES;
          set.retentionValue = Size.mebibytes(1);
          set.stations = ['a', 'c'];
          set.resetTags();
        }),
      );
      Aspects.of(stack).add(forEach(User, (user) => (user.team = 'billing')));
      Aspects.of(stack).add(forEach(ClusterConfig, (settings) => (settings.logsRetentionDays = 3)));
      Aspects.of(stack).add(forEach(SmokeTest, (test) => (test.messages = 7)));
      Aspects.of(stack).add(
        forEach(SmokeTest, (test) => {
          test.sample = [];
          smoke = test;
        }),
      );
    };
    const resources = rendered(declare);
    expect(resources['memphis_schema.order']?.content).toBe('{"type":"array"}');
    expect(resources['memphis_station_set.events']).toMatchObject({
      stations: { a: '', c: '' },
      retention_type: 'bytes',
      retention_value: 1_048_576,
    });
    expect(resources['memphis_station_set.events']).not.toHaveProperty('tags');
    expect(resources['memphis_user.billing']?.team).toBe('billing');
    expect(resources['memphis_cluster_config.settings']?.logs_retention_days).toBe(3);
    expect(JSON.parse(smoke?.specText ?? '')).toMatchObject({ messages: 7, sample: [] });
    // The sample of the program fits no longer, once an Aspect has changed the schema alone.
    const problems = problemsIn((stack) => {
      shop(stack);
      Aspects.of(stack).add(forEach(Schema, (each) => (each.content = '{"type":"array"}')));
    });
    expect(problems).toContain('sample does not fit schema "order"');
  });

  test('sets the defaults and the address of a provider, and a literal secret is warned of', () => {
    const stack = stackWith((made) => {
      const [provider] = made.node.findAll().filter((node) => node instanceof MemphisProvider);
      const memphis = provider ?? new MemphisProvider(made, 'memphis');
      memphis.tags = ['eu'];
      memphis.host = new TerraformVariable(made, 'host', {}).stringValue;
      memphis.port = 6667;
      memphis.resetPort();
      memphis.password = 'secret';
    });
    const provider = stack.node.findAll().find((node) => node instanceof MemphisProvider);
    expect(provider?.tagsInput).toEqual(['eu']);
    expect(provider?.settings).toEqual({ host: provider?.host, password: 'secret' });
    expect(provider?.host).toContain('TOKEN');
    expect(provider?.node.metadata.map(({ data }: { data: unknown }) => data)).toContainEqual(
      expect.stringContaining('password is a literal secret'),
    );
  });
});

test.each([
  ['Station', Station, [...fieldNames(stationFields), 'schemaName']],
  ['StationSet', StationSet, ['stations', 'release', ...stationOptionNames]],
  ['Schema', Schema, [...fieldNames(schemaFields), 'file']],
  ['User', User, fieldNames(userFields)],
  ['ClusterConfig', ClusterConfig, fieldNames(clusterConfigFields)],
] as const)('every prop of %s can be set, read as given and left out', (_name, construct, names) => {
  for (const name of names.filter((each) => each !== 'owner' && each !== 'schemaName')) {
    const prototypes: object[] = [];
    for (
      let each: object | null = construct.prototype;
      each !== null;
      each = Object.getPrototypeOf(each) as object | null
    )
      prototypes.push(each);
    const found = prototypes.find((each) => Object.hasOwn(each, name));
    const property = found && Object.getOwnPropertyDescriptor(found, name);
    expect([name, typeof property?.set]).toEqual([name, 'function']);
    expect(construct.prototype).toHaveProperty(`reset${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    expect(prototypes.some((each) => Object.hasOwn(each, `${name}Input`))).toBe(true);
  }
});
