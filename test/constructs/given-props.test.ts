import { NullProvider } from '@cdktf/provider-null/lib/provider';
import type { TerraformStack } from 'cdktf';
import { MemphisProvider, Schema, SchemaEnforcement, SmokeTest, Station } from '../../src';
import { problemsIn } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

type Make = (stack: TerraformStack, props: never) => unknown;

const constructs: Readonly<Record<string, Make>> = {
  Station: (stack, props) => new Station(stack, 'it', props),
  Schema: (stack, props) => new Schema(stack, 'it', props),
  SchemaEnforcement: (stack, props) => new SchemaEnforcement(stack, 'it', props),
  SmokeTest: (stack, props) => new SmokeTest(stack, 'it', props),
  MemphisProvider: (stack, props) => new MemphisProvider(stack, 'it', props),
};

const given: Readonly<Record<string, object>> = {
  Station: { name: 'orders' },
  Schema: { name: 'order', type: 'json', content: '{}' },
  SchemaEnforcement: { station: 'orders', schema: 'order' },
  SmokeTest: { station: { name: 'orders' } },
  MemphisProvider: { alias: 'it' },
};

/** The problems of one construct, without its path. */
function problemsOfOne(construct: string, props: unknown): string[] {
  const found = problemsIn((stack) => constructs[construct]?.(stack, props as never));
  expect(found.filter((problem) => !problem.startsWith('[test/it'))).toEqual([]);
  return found.map((problem) => problem.replace('[test/it] ', ''));
}

describe('a name that no prop has is a problem', () => {
  test.each([
    ['Station', { partitions: 3 }, 'partitions is not a prop of Station; use partitionsNumber, or remove it'],
    [
      'Station',
      { retention: 86400 },
      'retention is not a prop of Station; use retentionType or retentionValue, or remove it',
    ],
    ['Station', { Name: 'x' }, 'Name is not a prop of Station; use name, or remove it'],
    [
      'Station',
      { storage_type: 'memory' },
      'storage_type is not a prop of Station; use storageType, or remove it',
    ],
    ['Station', { forEeach: {} }, 'forEeach is not a prop of Station; use forEach, or remove it'],
    ['Station', { owner: 'me' }, /^owner is not a prop of Station; remove it, or use one of adoptExisting/],
    ['Schema', { filename: 'a' }, 'filename is not a prop of Schema; use file, or remove it'],
    [
      'Schema',
      { messageStruct: 'A' },
      'messageStruct is not a prop of Schema; use messageStructName, or remove it',
    ],
    [
      'SchemaEnforcement',
      { schemaName: 'order' },
      'schemaName is not a prop of SchemaEnforcement; use schema, or remove it',
    ],
    ['SmokeTest', { message: 3 }, 'message is not a prop of SmokeTest; use messages, or remove it'],
    ['SmokeTest', { timeout: 3000 }, 'timeout is not a prop of SmokeTest; use timeoutMs, or remove it'],
    ['SmokeTest', { lifecycle: {} }, /^lifecycle is not a prop of SmokeTest; /],
    ['MemphisProvider', { hots: 'a' }, 'hots is not a prop of MemphisProvider; use host, or remove it'],
    ['MemphisProvider', { user: 'a' }, 'user is not a prop of MemphisProvider; use username, or remove it'],
    [
      'MemphisProvider',
      { token: 'a-secret' },
      'token is not a prop of MemphisProvider; use connectionToken, or remove it',
    ],
    [
      'Station',
      { lifecycle: { preventDestory: true } },
      'lifecycle.preventDestory is not a setting of lifecycle; use preventDestroy, or remove it',
    ],
    [
      'Schema',
      { lifecycle: { precondition: [{ condition: 'true', message: 'x' }] } },
      'lifecycle.precondition[0].message is not a setting of a condition; use errorMessage, or remove it',
    ],
    [
      'Station',
      { dlsStation: { name: 'dead', nmae: 'x' } },
      'dlsStation.nmae is not a property of a station; use name, or remove it',
    ],
  ])('%s %j', (construct, extra, problem) => {
    expect(problemsOfOne(construct, { ...given[construct], ...extra })).toEqual([
      typeof problem === 'string' ? problem : expect.stringMatching(problem),
    ]);
  });

  test('also in a type-checked loop', () => {
    const teams = [{ name: 'a', partitions: 3, retention: 86400 }];
    const found = problemsIn((stack) => teams.forEach((team) => new Station(stack, team.name, team)));
    expect(found).toEqual([
      '[test/a] partitions is not a prop of Station; use partitionsNumber, or remove it',
      '[test/a] retention is not a prop of Station; use retentionType or retentionValue, or remove it',
    ]);
  });

  test.each(Object.keys(constructs))('%s: not when it has no value', (construct) => {
    expect(problemsOfOne(construct, { ...given[construct], nothing: undefined })).toEqual([]);
  });
});

describe('props that are not there', () => {
  test.each([
    ['Station', 'the props of Station are missing; give an object with name'],
    ['Schema', 'the props of Schema are missing; give an object with name, and file or content'],
    [
      'SchemaEnforcement',
      'the props of SchemaEnforcement are missing; give an object with station and schema',
    ],
    ['SmokeTest', 'the props of SmokeTest are missing; give an object with station'],
  ])('%s', (construct, problem) => {
    expect(problemsOfOne(construct, undefined)[0]).toBe(problem);
    expect(problemsOfOne(construct, null)[0]).toBe(problem);
  });

  test.each(Object.keys(constructs))('%s of another type', (construct) => {
    for (const props of ['orders', 7, [], true])
      expect(problemsOfOne(construct, props)[0]).toMatch(/^the props of \w+ are .*; give an object with /);
  });

  test('of a provider are all from the environment', () => {
    expect(problemsOfOne('MemphisProvider', null)[0]).toMatch(/^the props of MemphisProvider are missing/);
  });
});

describe('null is a problem with the path, never a TypeError', () => {
  const props: Readonly<Record<string, readonly string[]>> = {
    Station: [
      ...['name', 'retentionType', 'retentionValue', 'storageType', 'replicas', 'partitionsNumber'],
      ...['idempotencyWindowMs', 'sendPoisonMsgToDls', 'sendSchemaFailedMsgToDls', 'dlsStation', 'tags'],
      ...['tieredStorageEnabled', 'allowMessageLoss', 'adoptExisting', 'deletionProtection', 'schemaName'],
      ...['dependsOn', 'count', 'provider', 'lifecycle', 'forEach', 'provisioners', 'connection'],
    ],
    Schema: [
      'name',
      'type',
      'content',
      'file',
      'messageStructName',
      'adoptExisting',
      'lifecycle',
      'provider',
    ],
    SchemaEnforcement: ['station', 'schema', 'dependsOn', 'count', 'provider'],
    SmokeTest: ['station', 'messages', 'timeoutMs', 'rerunOn', 'provider', 'dependsOn'],
    MemphisProvider: [
      ...['host', 'port', 'restUrl', 'accountId', 'username', 'password', 'connectionToken', 'restUsername'],
      ...['restPassword', 'caFile', 'certFile', 'keyFile', 'alias', 'allowBrokerChange'],
    ],
  };
  const all = Object.entries(props).flatMap(([construct, names]) => names.map((name) => [construct, name]));

  test.each(all)('%s %s', (construct = '', name = '') => {
    const found = problemsOfOne(construct, { ...given[construct], [name]: null });
    // A provider that loses its alias is also the second one without.
    expect(found.filter((problem) => !problem.startsWith('alias is missing'))).toEqual([
      expect.stringMatching(new RegExp(`^${name} is null; `)),
    ]);
  });

  test.each(all)('%s %s: undefined is the same as left out', (construct = '', name = '') => {
    const { [name]: _, ...without } = given[construct] as Record<string, unknown>;
    const left = problemsOfOne(construct, without);
    expect(problemsOfOne(construct, { ...without, [name]: undefined })).toEqual(left);
    const isRequired = ['name', 'type', 'content', 'station', 'schema'].includes(name);
    if (isRequired) expect(left).toEqual([expect.stringContaining('missing; ')]);
  });
});

describe('a value of another type', () => {
  test.each([
    ['Station', { dlsStation: 7 }, 'dlsStation is 7; give a station, or the name of one'],
    ['Station', { dlsStation: {} }, 'dlsStation has no name; give a station, or the name of one'],
    ['Station', { schemaName: [] }, 'schemaName has no name; give a schema, or the name of one'],
    [
      'Station',
      { provider: 'memphis' },
      'provider is "memphis"; it must be a MemphisProvider, or be left out',
    ],
    ['Station', { dependsOn: ['a'] }, 'dependsOn is ["a"]; it must be a list of constructs, or be left out'],
    ['Station', { forEach: ['a'] }, 'forEach is ["a"]; it must be a TerraformIterator, or be left out'],
    ['Station', { count: 'two' }, 'count is "two"; it must be a number or a TerraformCount, or be left out'],
    ['Station', { lifecycle: [] }, 'lifecycle is []; it must be an object, or be left out'],
    ['Station', { tags: ['a', null] }, 'tags is ["a",null]; it must be a list of strings'],
    ['Schema', { file: 7 }, 'file is 7; it must be the path of a file, or be left out'],
    ['SchemaEnforcement', { station: 7 }, 'station is 7; give a station, or the name of one'],
    [
      'SmokeTest',
      { station: 'orders' },
      /^station is "orders"; give a station: a construct, or Station\.from/,
    ],
    ['SmokeTest', { station: 7 }, 'station is 7; give a station: a construct, or Station.fromName'],
    ['SmokeTest', { rerunOn: 7 }, 'rerunOn is 7; it must be a string, or be left out'],
    [
      'MemphisProvider',
      { password: ['x'] },
      'password is of the type list; it must be a string, or be left out',
    ],
    [
      'MemphisProvider',
      { allowBrokerChange: 'yes' },
      /^allowBrokerChange is of the type string; it must be true/,
    ],
  ])('%s %j', (construct, extra, problem) => {
    const props = { ...given[construct], ...extra };
    const withoutText: object = 'file' in extra ? { name: 'a', type: 'json', ...extra } : props;
    expect(problemsOfOne(construct, withoutText)).toEqual([
      typeof problem === 'string' ? problem : expect.stringMatching(problem),
    ]);
  });

  test('another kind of construct', () => {
    const found = problemsIn((stack) => {
      const order = new Schema(stack, 'order', { name: 'order', type: 'json', content: '{}' });
      const other = Schema.fromName(stack, 'other', 'other');
      new Station(stack, 'a', { name: 'a', dlsStation: order });
      new Station(stack, 'b', { name: 'b', dlsStation: other });
      new Station(stack, 'c', { name: 'c', provider: new NullProvider(stack, 'null') });
    });
    expect(found).toEqual([
      '[test/a] dlsStation is the memphis_schema "test/order"; give a station, or the name of one',
      '[test/b] dlsStation is a schema, "other"; give a station, or the name of one',
      expect.stringMatching(/^\[test\/c\] provider is .*; it must be a MemphisProvider, or be left out$/),
    ]);
  });

  test('enforce() without a schema, and fromName without a name', () => {
    const found = problemsIn((stack) => {
      new Station(stack, 'a', { name: 'a' }).enforce(undefined as never);
      Station.fromName(stack, 'b', undefined as never);
      Schema.fromName(stack, 'c', null as never);
    });
    expect(found).toEqual([
      '[test/a/enforcement] schema is missing; give a schema, or the name of one',
      '[test/b] name is missing; give the name of a station',
      '[test/c] name is null; give the name of a schema',
    ]);
  });
});
