// Identities and lists: what hosts get of them, call by call.
import { t } from '../../../../src/runtime/provider/cty/type';
import type { Values } from '../../../../src/runtime/provider/cty/value';
import { UNKNOWN, stringAt } from '../../../../src/runtime/provider/cty/value';
import type { ListResource } from '../../../../src/runtime/provider/framework/list-resource';
import type { Provider, Resource } from '../../../../src/runtime/provider/framework/resource';
import { ObjectCodec } from '../../../../src/runtime/provider/framework/wire-forms';
import { Host, findings } from './host';

const identityAttributes = [{ name: 'name', type: t.string, description: 'Name.' }];
const thing: Resource<Values> = {
  typeName: 'test_thing',
  schemaVersion: 0,
  description: 'A thing.',
  attributes: [
    { name: 'name', type: t.string, description: 'Name.', required: true, requiresReplace: true },
    { name: 'size', type: t.number, description: 'Size.', optional: true, default: 1 },
  ],
  identity: {
    version: 3,
    attributes: identityAttributes,
    of: ({ name }) => (name === undefined ? undefined : { name }),
    importId: (identity) => stringAt(identity, 'name') ?? '',
  },
  read: (_client, state) => ({ state: state.name === 'gone' ? null : state }),
  create: (_client, { planned }) => ({ state: planned }),
  update: (_client, { planned }) => ({ state: planned }),
  delete: () => undefined,
  import: (_client, id) => ({ state: id === 'never' ? null : { name: id } }),
};
const asked: string[] = [];
const things: ListResource<Values> = {
  typeName: 'test_thing',
  description: 'Things.',
  attributes: [{ name: 'prefix', type: t.string, description: 'Prefix.', optional: true }],
  validate: ({ prefix }) => (prefix === '' ? [{ severity: 'error', summary: 'Empty prefix' }] : []),
  list: (_client, { prefix }) => {
    if (prefix === 'boom') throw new Error('The list broke\nMend it.');
    return ['a', 'gone', 'b', 'c'].map((name) => ({
      identity: { name },
      displayName: `thing ${name}`,
      read: () => {
        asked.push(name);
        return name === 'gone' ? null : { name };
      },
    }));
  },
};
const provider: Provider<Values> = {
  attributes: [],
  resources: [thing],
  listResources: [things],
  configure: (config) => config,
};
const host = new Host(provider);
beforeAll(() => host.configure({}));
beforeEach(() => (asked.length = 0));

const codec = new ObjectCodec(thing.attributes);
const identityCodec = new ObjectCodec(identityAttributes);
const object = (name: string) => codec.encode({ name, size: 1 });

test('each call about an object says its identity, and none says that of an object that is gone or not known', async () => {
  const typeName = 'test_thing';
  const nameIn = (wire: { readonly identityData: unknown } | undefined): unknown =>
    identityCodec.decode(wire?.identityData as never)?.name;
  const read = await host.call('ReadResource', { typeName, currentState: object('a') });
  expect(nameIn(read.newIdentity)).toBe('a');
  const gone = await host.call('ReadResource', { typeName, currentState: object('gone') });
  expect(gone.newIdentity).toBeUndefined();
  const plan = async (name: Values[string]) => {
    const config = codec.encode({ name, size: null });
    return host.call('PlanResourceChange', { typeName, config, proposedNewState: config });
  };
  expect(nameIn((await plan('b')).plannedIdentity)).toBe('b');
  expect((await plan(UNKNOWN)).plannedIdentity).toBeUndefined();
  const change = { typeName, plannedState: object('b'), config: object('b') };
  expect(nameIn((await host.call('ApplyResourceChange', change)).newIdentity)).toBe('b');
  const identity = { identityData: identityCodec.encode({ name: 'old' }) };
  const { importedResources } = await host.call('ImportResourceState', { typeName, identity });
  expect(nameIn(importedResources[0]?.identity)).toBe('old');
  expect(codec.decode(importedResources[0]?.state)).toEqual({ name: 'old', size: 1 });
});

test('the schema of an identity says what an import needs, and a stored one is handed back as it is', async () => {
  const { identitySchemas } = await host.call('GetResourceIdentitySchemas', {});
  expect(identitySchemas).toMatchObject({
    test_thing: { version: 3, identityAttributes: [{ name: 'name', requiredForImport: true }] },
  });
  const json = Buffer.from('{"name":"a"}');
  const upgrade = (version: number) =>
    host.call('UpgradeResourceIdentity', { typeName: 'test_thing', version, rawIdentity: { json } });
  expect(Buffer.from((await upgrade(3)).upgradedIdentity?.identityData?.json ?? []).toString()).toBe(
    '{"name":"a"}',
  );
  expect(findings((await upgrade(4)).diagnostics)[0]?.summary).toContain(
    'it has version 4, and this provider knows 3',
  );
});

test('an import needs an id or an identity', async () => {
  const { diagnostics } = await host.call('ImportResourceState', { typeName: 'test_thing' });
  expect(findings(diagnostics)).toMatchObject([
    { summary: 'Could not import test_thing: neither an id nor an identity is given' },
  ]);
});

test('a list has identities, and whole objects where they are asked for; one that is gone by then is left out', async () => {
  expect(await host.list('test_thing', {})).toMatchObject([
    { displayName: 'thing a', identity: { name: 'a' }, state: null },
    { identity: { name: 'gone' } },
    { identity: { name: 'b' } },
    { identity: { name: 'c' } },
  ]);
  expect(asked).toEqual([]);
  expect(await host.list('test_thing', {}, { includeResourceObject: true, limit: 3 })).toMatchObject([
    { identity: { name: 'a' }, state: { name: 'a', size: 1 } },
    { identity: { name: 'b' }, state: { name: 'b', size: 1 } },
  ]);
  expect(asked).toEqual(['a', 'gone', 'b']);
});

test('what is wrong with a query is a diagnostic', async () => {
  const config = (prefix: string) => new ObjectCodec(things.attributes).encode({ prefix });
  const { diagnostics } = await host.call('ValidateListResourceConfig', {
    typeName: 'test_thing',
    config: config(''),
  });
  expect(findings(diagnostics)).toMatchObject([{ summary: 'Empty prefix' }]);
  expect(await host.list('test_thing', { prefix: 'boom' })).toMatchObject([
    { findings: [{ severity: 1, summary: 'The list broke', detail: 'Mend it.' }] },
  ]);
  expect(await new Host(provider).list('test_thing', {})).toMatchObject([
    { findings: [{ summary: "Could not list test_thing: the provider's configuration is not known yet" }] },
  ]);
});
