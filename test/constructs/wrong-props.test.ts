import { Aspects, TerraformVariable } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import * as library from '../../src';
import {
  ClusterConfig,
  Duration,
  MemphisProvider,
  Retention,
  Size,
  SmokeSuite,
  SmokeTest,
  Station,
  StationSet,
} from '../../src';
import { metaArgumentNames } from '../../src/constructs/framework';
import { smokeTestPropNames } from '../../src/constructs/smoke-test-props';
import { clusterConfigFields } from '../../src/model/cluster-config';
import { environmentVariables } from '../../src/model/environment';
import { fieldNames } from '../../src/model/field';
import { schemaFields } from '../../src/model/schema-declaration';
import { stationFields } from '../../src/model/station';
import { stationDefaultFields } from '../../src/model/station-defaults';
import { stationOptionNames } from '../../src/model/station-set';
import { userFields } from '../../src/model/user';
import { problemsIn, stackWith, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

interface Kind {
  /** Props of the number-th construct of a stack, which collide with those of no other. */
  readonly valid: (number: number) => object;
  readonly names: readonly string[];
  readonly meta: readonly string[];
}

const dataMeta = metaArgumentNames.filter((name) => name !== 'provisioners' && name !== 'connection');

const kinds: Readonly<Record<string, Kind>> = {
  Station: {
    valid: (number) => ({ name: `s${number}` }),
    names: [...fieldNames(stationFields), 'schemaName'],
    meta: metaArgumentNames,
  },
  StationSet: {
    valid: (number) => ({ stations: [`m${number}`] }),
    names: ['stations', 'release', ...stationOptionNames],
    meta: metaArgumentNames,
  },
  Schema: {
    valid: (number) => ({ name: `c${number}`, type: 'json', content: '{}' }),
    names: [...fieldNames(schemaFields), 'file'],
    meta: metaArgumentNames,
  },
  SchemaEnforcement: {
    valid: (number) => ({ station: `e${number}`, schema: 'order' }),
    names: ['station', 'schema', 'adoptExisting'],
    meta: metaArgumentNames,
  },
  User: {
    valid: (number) => ({ name: `u${number}`, type: 'application', passwordEnv: 'P', passwordVersion: 1 }),
    names: fieldNames(userFields),
    meta: metaArgumentNames,
  },
  ClusterConfig: { valid: () => ({}), names: fieldNames(clusterConfigFields), meta: metaArgumentNames },
  SmokeTest: { valid: () => ({ station: { name: 'orders' } }), names: smokeTestPropNames, meta: [] },
  DataMemphisStation: { valid: () => ({ name: 'a' }), names: ['name'], meta: dataMeta },
  DataMemphisStations: { valid: () => ({}), names: ['namePattern'], meta: dataMeta },
  DataMemphisSchema: { valid: () => ({ name: 'a' }), names: ['name'], meta: dataMeta },
  DataMemphisSchemas: { valid: () => ({}), names: ['namePattern'], meta: dataMeta },
  DataMemphisUser: { valid: () => ({ name: 'a' }), names: ['name'], meta: dataMeta },
  DataMemphisCluster: { valid: () => ({}), names: [], meta: dataMeta },
  MemphisProvider: {
    valid: (number) => ({ alias: `p${number}` }),
    names: [
      ...[...Object.keys(environmentVariables), 'envPrefix', 'allowBrokerChange', 'alias'],
      ...fieldNames(stationDefaultFields),
    ],
    meta: [],
  },
};

function kindOf(kind: string): Kind {
  const found = kinds[kind];
  if (found === undefined) throw new Error(`No construct is called ${kind}.`);
  return found;
}

/** Makes a construct as a program without types does. */
function make(kind: string, scope: Construct, id: string, props: unknown): object {
  const made = Reflect.get(library, kind) as new (scope: Construct, id: string, props: unknown) => object;
  return new made(scope, id, props);
}

const circle: { self?: unknown } = {};
circle.self = circle;

/** What no prop of any construct may be. Left out of JSON, or written as null, it would count as not given. */
const unusable: readonly unknown[] = [
  null,
  NaN,
  5n,
  Symbol('s'),
  () => 1,
  new Map([['a', 1]]),
  new Set(['a']),
  circle,
  [undefined],
];

/** Which values have a problem of their construct that begins with the prop, by their index. */
function reported(found: readonly string[], name: string): number[] {
  return unusable.flatMap((_, index) => {
    const start = `[test/it${index}] ${name}`;
    return found.some((each) => each.startsWith(start) && /^[ .[]/.test(each.slice(start.length)))
      ? [index]
      : [];
  });
}

const all = Object.entries(kinds).flatMap(([kind, { names, meta }]) =>
  [...names, ...meta].filter((name) => name !== 'owner').map((name) => [kind, name] as const),
);

describe('a value that no prop takes is a problem with the path, never an exception', () => {
  test.each(all)('%s %s', (kind, name) => {
    const { valid } = kindOf(kind);
    const found = problemsIn((stack) => {
      for (const [index, value] of unusable.entries())
        make(kind, stack, `it${index}`, { ...valid(index), [name]: value });
    });
    // null is a payload as any other.
    const isPayload = name === 'sample' || name === 'invalidSample';
    const expected = [...unusable.keys()].filter((index) => !isPayload || unusable[index] !== null);
    expect(reported(found, name)).toEqual(expected);
  });

  const unsettable = ['owner', 'alias', 'schemaName', 'station', 'provider', 'dependsOn', 'runVia'];
  const settable = all.filter(
    ([kind, name]) =>
      !kind.startsWith('Data') &&
      !metaArgumentNames.includes(name) &&
      !unsettable.includes(name) &&
      !(kind === 'SmokeTest' && ['rerunOn', 'sampleFile'].includes(name)),
  );
  test.each(settable)('%s %s, when it is set', (kind, name) => {
    const { valid } = kindOf(kind);
    const found = problemsIn((stack) => {
      for (const [index, value] of unusable.entries())
        Reflect.set(make(kind, stack, `it${index}`, valid(index)), name, value);
    });
    const isPayload = name === 'sample' || name === 'invalidSample';
    const expected = [...unusable.keys()].filter((index) => !isPayload || unusable[index] !== null);
    expect(reported(found, name)).toEqual(expected);
  });

  const resources = Object.keys(kinds).filter((kind) => kinds[kind]?.meta === metaArgumentNames);
  test.each(resources)('%s: the arguments of Terraform, when they are set', (kind) => {
    const { valid, meta } = kindOf(kind);
    for (const name of meta.filter((each) => each !== 'dependsOn')) {
      const found = problemsIn((stack) => {
        for (const [index, value] of unusable.entries())
          if (value !== null) Reflect.set(make(kind, stack, `it${index}`, valid(index)), name, value);
      });
      expect([name, ...reported(found, name)]).toEqual([
        name,
        ...[...unusable.keys()].filter((index) => index > 0),
      ]);
    }
  });

  test.each(Object.keys(kinds))('%s: the props as a whole', (kind) => {
    const wrong = [...unusable.slice(0, 7), 'text', 7, [], new Date(0), Duration.days(1), Buffer.from('a')];
    const found = problemsIn((stack) => {
      for (const [index, value] of wrong.entries()) make(kind, stack, `it${index}`, value);
    });
    for (const index of wrong.keys())
      expect(found).toContainEqual(
        expect.stringMatching(
          new RegExp(`^\\[test/it${index}\\] (the props of ${kind} are |\\d+ is not a prop of )`),
        ),
      );
  });
});

test.each([
  ['Station', { count: -1 }, 'count is -1; it must be a number or a TerraformCount, or be left out'],
  ['Station', { count: 1.5 }, 'count is 1.5; it must be a number or a TerraformCount, or be left out'],
  [
    'Station',
    { provisioners: [{ type: 'local' }] },
    'provisioners[0].type is "local"; it must be one of file, local-exec, remote-exec',
  ],
  ['Schema', { connection: {} }, 'connection.type is undefined; it must be one of ssh, winrm'],
  ['StationSet', { release: 'a' }, 'release is "a"; give a list of the names of stations, or leave it out'],
  [
    'StationSet',
    { release: ['a b'] },
    'release[0] is "a b"; it must be a station name: 1 to 128 of a-z 0-9 _ . -, starting and ending with a letter or digit',
  ],
  [
    'StationSet',
    { stations: { a: { replicas: null } } },
    'stations.a: replicas is null; it must be a whole number from 1 to 5 (copies), or be left out',
  ],
  ['StationSet', { stations: { a: { partitions: 3 } } }, 'stations.a.partitions is not an option'],
  ['MemphisProvider', { host: 7 }, 'host is of the type number; it must be a string, or be left out'],
  ['MemphisProvider', { password: NaN }, 'password is of the type number; it must be a string'],
  ['MemphisProvider', { alias: 'a b' }, 'alias is "a b"; it must start with a letter or _'],
  ['MemphisProvider', { envPrefix: 7 }, 'envPrefix is of the type number; it must be a string'],
  ['SmokeTest', { samples: [{ a: NaN }] }, 'samples[0].a is NaN; give a finite number'],
  ['SmokeTest', { sample: { at: new Date(0) } }, 'sample.at is a Date; give a value that JSON has'],
  ['SmokeTest', { sample: Buffer.from('a') }, 'sample is a Buffer; give a value that JSON has'],
  ['SmokeTest', { sample: { tags: [undefined] } }, 'sample.tags[0] is undefined; give a value'],
  ['SmokeTest', { generate: { sede: 1 } }, 'generate.sede is not a setting of generate; use seed'],
  [
    'SmokeTest',
    { invalidMessages: [{ message: 1, reasons: 'x' }] },
    'invalidMessages[0].reasons is not a setting of an invalid message; use reason',
  ],
  [
    'SmokeTest',
    { samples: ['a'], sampleFile: __filename },
    'samples and sampleFile are both given; give one of them',
  ],
])('%s %p', (kind, props, problem) => {
  const found = problemsIn((stack) => make(kind, stack, 'it', { ...kinds[kind]?.valid(0), ...props }));
  expect(found).toEqual([expect.stringContaining(`[test/it] ${problem}`)]);
});

describe('a name that no prop has', () => {
  test.each(Object.keys(kinds))('%s', (kind) => {
    const [name] = [...kindOf(kind).names, 'count'] as [string];
    const misspelt = `${name}x`;
    const found = problemsIn((stack) =>
      make(kind, stack, 'it', { ...kinds[kind]?.valid(0), [misspelt]: 'x' }),
    );
    expect(found).toEqual([`[test/it] ${misspelt} is not a prop of ${kind}; use ${name}, or remove it`]);
  });

  test('assigned to a construct is reported like one in the props', () => {
    const found = problemsIn((stack) => {
      const settings: object = { retention: 7, partitionsNumber: 3, schemaName: 'order' };
      Object.assign(new Station(stack, 'orders', { name: 'orders' }), settings);
      Object.assign(new ClusterConfig(stack, 'settings'), { logsRetention: 3 });
      const test = new SmokeTest(stack, 'smoke', { station: Station.fromName(stack, 'a', 'a') });
      Object.assign(test, { message: 3, rerunOn: 'x' });
    });
    expect(found).toEqual([
      '[test/orders] retention is not a prop of Station; use retentionType or retentionValue, or remove it',
      '[test/orders] schemaName cannot be set after the Station is made; give it in the props',
      '[test/settings] logsRetention is not a prop of ClusterConfig; use logsRetentionDays, or remove it',
      '[test/smoke] message is not a prop of SmokeTest; use messages, or remove it',
      '[test/smoke] rerunOn cannot be set after the SmokeTest is made; give it in the props',
    ]);
  });

  test('is no problem of a class that a program derives', () => {
    class TeamStation extends Station {
      readonly team = 'billing';
    }
    expect(problemsIn((stack) => new TeamStation(stack, 'a', { name: 'a' }))).toEqual([]);
  });
});

test.each<[unknown, string]>([
  [null, 'the props of SmokeSuite are missing; give an object with the settings of its tests'],
  ['all', 'the props of SmokeSuite are "all"; give an object with the settings of its tests'],
  [{ mesages: 3 }, 'mesages is not a prop of SmokeSuite; use messages, or remove it'],
  [{ except: 'audit' }, 'except is "audit"; it must be a list of stations, or be left out'],
  [{ except: [7] }, 'except[0] is 7; give a station, or the name of one'],
  [{ seed: 'x' }, 'seed is "x"; it must be a whole number, or be left out'],
])('the props of a smoke suite: %p', (props, problem) => {
  const found = problemsIn((stack: TerraformStack) => {
    new Station(stack, 'orders', { name: 'orders' });
    Aspects.of(stack).add(new SmokeSuite(props as never));
  });
  expect(found).toEqual([`[test/smoke-suite] ${problem}`]);
});

test('values that are known when the stack is deployed are no problem', () => {
  const found = problemsIn((stack) => {
    const late = new TerraformVariable(stack, 'late', {});
    new MemphisProvider(stack, 'other', { alias: 'other', host: late.stringValue, port: late.numberValue });
    new Station(stack, 'a', { name: late.stringValue, count: late.numberValue, tags: late.listValue });
    new StationSet(stack, 'b', {
      stations: { b: { retentionValue: late.numberValue }, c: {} },
      retentionValue: Duration.days(1),
      release: [late.stringValue],
    });
  });
  expect(found).toEqual([]);
});

test('a quantity of the wrong kind', () => {
  const found = problemsIn(
    (stack) => new Station(stack, 'a', { name: 'a', retentionValue: Size.mebibytes(1) } as never),
  );
  expect(found).toEqual([expect.stringMatching(/^\[test\/a\] retentionValue is /)]);
});

describe('an option that another one decides the meaning of', () => {
  const rendered = (props: object): unknown => {
    const { resource } = synthesised((stack) => make('StationSet', stack, 'set', props));
    return resource?.memphis_station_set?.set?.overrides;
  };

  test('the limit of a station of a set has the unit of the retention of the set', () => {
    const bytes = { retentionType: Retention.BYTES, retentionValue: Size.mebibytes(1) };
    expect(rendered({ ...bytes, stations: { a: { retentionValue: Size.mebibytes(2) } } })).toEqual({
      a: { retention_value: 2_097_152 },
    });
    const found = problemsIn((stack) =>
      make('StationSet', stack, 'set', { ...bytes, stations: { a: { retentionValue: Duration.days(1) } } }),
    );
    expect(found).toEqual([
      '[test/set] stations.a: retentionValue is a Duration of 1 day; it must be a whole number from 1 to 2147483647 (bytes per partition), or a Size',
    ]);
  });

  test('a station of a set that repeats the retention of the set keeps its limit', () => {
    const set = new StationSet(
      stackWith(() => undefined),
      'set',
      {
        retentionValue: Duration.days(7),
        stations: { a: { retentionType: Retention.MAX_MESSAGE_AGE_SECONDS }, b: {} },
      },
    );
    expect(set.declarationOf('a').retentionValue).toBe(604_800);
    expect(set.declarationOf('b').retentionValue).toBe(604_800);
  });

  test.each(['Station', 'StationSet'])('a retention of %s that is set without its limit', (kind) => {
    const found = problemsIn((stack) => {
      const own = (number: number) => ({ ...kinds[kind]?.valid(number), retentionValue: 604_800 });
      const only = make(kind, stack, 'only', own(1));
      Object.assign(only, { retentionType: Retention.BYTES });
      const both = make(kind, stack, 'both', own(2));
      Object.assign(both, { retentionType: Retention.BYTES, retentionValue: 5_000 });
      Object.assign(make(kind, stack, 'same', own(3)), {
        retentionType: Retention.MAX_MESSAGE_AGE_SECONDS,
      });
    });
    expect(found).toEqual([
      '[test/only] retentionType has been set, but retentionValue is still 604800 seconds; set it, too (bytes per partition)',
    ]);
  });

  const load = { rate: 5, durationMs: 1_000 };
  test.each([
    [
      { load: { ...load, payloadBytes: 5 }, sample: 'a' },
      'load.payloadBytes is given beside messages of your own; give one of them',
    ],
    [
      { load: { ...load, payloadBytes: 5 }, generate: true },
      'load.payloadBytes is given beside generate; give one of them',
    ],
    [
      { load, messages: 5 },
      'messages is given beside load, whose rate and durationMs say how many there are; give one of them',
    ],
    [{ load, rate: 5 }, 'rate is given beside load, which has a rate of its own; give load.rate alone'],
    [
      { maxMsgDeliveries: 3, expect: { deadLettered: false } },
      'maxMsgDeliveries is given without expect.deadLettered, which alone uses it; set deadLettered: true in expect, or remove maxMsgDeliveries',
    ],
  ])('a smoke test of %j', (props, problem) => {
    const found = problemsIn((stack) =>
      make('SmokeTest', stack, 'it', { station: Station.fromName(stack, 'a', 'a'), ...props }),
    );
    expect(found).toEqual([`[test/it] ${problem}`]);
  });
});
