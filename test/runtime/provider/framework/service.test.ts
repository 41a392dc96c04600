// What the framework makes of a resource author's answers, call by call.
import { t } from '../../../../src/runtime/provider/cty/type';
import type { Values } from '../../../../src/runtime/provider/cty/value';
import { UNKNOWN } from '../../../../src/runtime/provider/cty/value';
import { mapOf } from '../../../../src/runtime/provider/framework/attribute';
import { diagnosticOf } from '../../../../src/runtime/provider/framework/diagnostics';
import type { PlanRequest, Resource } from '../../../../src/runtime/provider/framework/resource';
import type { Finding } from './host';
import { Host, findings, providerOf } from './host';

const error = (summary: string, detail = '', attribute?: string): Finding => ({ severity: 1, summary, detail, attribute }); // prettier-ignore

const thing: Resource<Values> = {
  typeName: 'test_thing',
  schemaVersion: 2,
  description: 'A thing.',
  attributes: [
    { name: 'name', type: t.string, description: 'Name.', required: true, requiresReplace: true },
    { name: 'size', type: t.number, description: 'Size.', optional: true, default: 1 },
    { name: 'id', type: t.string, description: 'Id.', computed: true },
  ],
  read: (_client, state) => ({ state }),
  create: (_client, { planned }) => ({ state: { ...planned, id: 'new' } }),
  update: (_client, { planned }) => ({ state: planned }),
  delete: () => undefined,
};
const before = { name: 'a', size: 1, id: 'old' };

async function hostOf(overrides: Partial<Resource<Values>> = {}): Promise<Host<Values>> {
  const host = new Host(providerOf({ ...thing, ...overrides }));
  await host.configure({});
  return host;
}

function fails(message = 'it broke\nMend it.'): never {
  throw new Error(message);
}

describe('the plan hook', () => {
  const asked: PlanRequest<Values>[] = [];
  const recording = {
    plan: (request: PlanRequest<Values>) => {
      asked.push(request);
      return { private: { step: request.action } };
    },
  };
  beforeEach(() => (asked.length = 0));

  test.each<[string, Values | null, Values | null, Partial<PlanRequest<Values>>]>([
    [
      'a create',
      { name: 'a' },
      null,
      { action: 'create', prior: null, planned: { name: 'a', size: 1, id: UNKNOWN } },
    ],
    [
      'an update',
      { name: 'a', size: 2 },
      before,
      { action: 'update', prior: before, planned: { ...before, size: 2 } },
    ],
    ['no change at all', { name: 'a' }, before, { action: 'none', prior: before, planned: before }],
    [
      'the first call of a replacement, with both sides',
      { name: 'b' },
      before,
      { action: 'replace', prior: before, planned: { ...before, name: 'b' }, requiresReplace: ['name'] },
    ],
    ['a destroy', null, before, { action: 'delete', prior: before, planned: null, config: null }],
  ])('sees %s', async (_what, config, prior, expected) => {
    const host = await hostOf(recording);
    const { private: kept } = await host.plan('test_thing', config, prior, { seen: true });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ ...expected, priorPrivate: { seen: true }, client: {} });
    expect(kept).toEqual({ step: expected.action });
  });

  test('has no client while the provider configuration is unknown', async () => {
    const host = new Host(
      providerOf({ ...thing, ...recording }, [
        { name: 'where', type: t.string, description: 'Where.', optional: true },
      ]),
    );
    await host.configure({ where: UNKNOWN });
    await host.plan('test_thing', { name: 'a' });
    expect(asked[0]?.client).toBeUndefined();
    expect((await host.read('test_thing', before, { kept: 1 }))).toEqual({ state: before, private: { kept: 1 }, findings: [] }); // prettier-ignore
    const applied = await host.apply('test_thing', { planned: before });
    expect(applied.state).toBeNull();
    expect(applied.findings[0]?.summary).toContain("the provider's configuration is not known yet");
  });

  test('may put values in, ask for a replacement, warn and refuse', async () => {
    const host = await hostOf({
      plan: () => ({
        planned: { id: 'foreseen' },
        requiresReplace: ['size'],
        diagnostics: [
          { severity: 'warning', summary: 'careful' },
          { ...diagnosticOf('no\nnever'), attribute: 'size' },
        ],
      }),
    });
    expect(await host.plan('test_thing', { name: 'a', size: 5 }, before)).toEqual({
      planned: { name: 'a', size: 5, id: 'foreseen' },
      requiresReplace: ['size'],
      private: {},
      findings: [
        { severity: 2, summary: 'careful', detail: '', attribute: undefined },
        error('no', 'never', 'size'),
      ],
    });
  });

  test('that takes a change back leaves no change, nor a reason to replace', async () => {
    const host = await hostOf({
      attributes: [
        ...thing.attributes,
        {
          name: 'revision',
          type: t.number,
          description: 'Counts.',
          computed: true,
          follows: ['name', 'size'],
        },
      ],
      plan: ({ prior }) => ({ planned: { name: prior?.name ?? null } }),
    });
    const prior = { ...before, revision: 3 };
    expect(await host.plan('test_thing', { name: 'A' }, prior)).toMatchObject({
      planned: prior,
      requiresReplace: [],
    });
  });

  test('that throws is one error, and the prior state stays', async () => {
    const host = await hostOf({ plan: () => fails() });
    expect(await host.plan('test_thing', { name: 'b' }, before)).toMatchObject({
      planned: before,
      findings: [error('it broke', 'Mend it.')],
    });
  });
});

describe('after an apply', () => {
  const planned = { name: 'a', size: 1, id: UNKNOWN };

  test.each<[string, Partial<Resource<Values>>, Values | null, Finding[]]>([
    ['a create that throws made nothing', { create: () => fails() }, null, [error('it broke', 'Mend it.')]],
    [
      'a create that fails half-way has what it returned, and null where it returned nothing',
      { create: () => ({ state: { name: 'a' }, diagnostics: [diagnosticOf('half')] }) },
      { name: 'a', size: null, id: null },
      [error('half')],
    ],
    [
      'what a create leaves out is as planned',
      { create: () => ({ state: { id: 'x' } }) },
      { name: 'a', size: 1, id: 'x' },
      [],
    ],
    [
      'a value that stays unknown is a defect, but the object is kept',
      { create: () => ({ state: {} }) },
      { name: 'a', size: 1, id: null },
      [error('test_thing.id is still unknown after it was applied', expect.any(String) as string)],
    ],
    [
      'a value of a wrong type is a defect, but the object is kept',
      { create: () => ({ state: { id: 'x', size: 'huge' } }) },
      { name: 'a', size: 1, id: 'x' },
      [error('size: expected a number, found text that is not a number.')],
    ],
    [
      'a create without an object and without an error is a defect',
      { create: () => ({ state: null }) },
      null,
      [error('test_thing does not exist after it was applied', expect.any(String) as string)],
    ],
  ])('%s', async (_what, overrides, state, found) => {
    const host = await hostOf(overrides);
    expect(await host.apply('test_thing', { planned })).toEqual({ state, private: {}, findings: found });
  });

  test('an update that throws leaves the prior state', async () => {
    const host = await hostOf({ update: () => fails() });
    const change = { prior: before, planned: { ...before, size: 2 } };
    expect(await host.apply('test_thing', change)).toMatchObject({
      state: before,
      findings: [error('it broke', 'Mend it.')],
    });
  });

  test('an update that fails half-way has what it returned, and the prior values elsewhere', async () => {
    const host = await hostOf({
      update: () => ({ state: { size: 2 }, diagnostics: [diagnosticOf('half')] }),
    });
    const change = { prior: before, planned: { ...before, size: 2, name: 'never' } };
    expect((await host.apply('test_thing', change)).state).toEqual({ ...before, size: 2 });
  });

  test.each<[string, Partial<Resource<Values>>, Values | null]>([
    ['a destroy leaves nothing', {}, null],
    ['a destroy that throws leaves the prior state', { delete: () => fails() }, before],
    [
      'a destroy that fails half-way leaves what it returned',
      { delete: () => ({ state: { size: 0 }, diagnostics: [diagnosticOf('half')] }) },
      { ...before, size: 0 },
    ],
    [
      'a destroy that returns the object without an error is a defect',
      { delete: () => ({ state: before }) },
      before,
    ],
  ])('%s', async (_what, overrides, state) => {
    const host = await hostOf(overrides);
    const answer = await host.apply('test_thing', { prior: before, planned: null });
    expect(answer.state).toEqual(state);
    expect(answer.findings).toHaveLength(state === null ? 0 : 1);
  });

  test('private state goes from plan to apply to read, and each step may replace it', async () => {
    const host = await hostOf({
      plan: ({ priorPrivate }) => ({ private: { ...priorPrivate, plan: 1 } }),
      create: (_client, { planned: values, private: kept }) => ({
        state: { ...values, id: 'x' },
        private: { ...kept, create: 2 },
      }),
      read: (_client, state, kept) => ({ state, private: { ...kept, read: 3 } }),
    });
    const plan = await host.plan('test_thing', { name: 'a' }, null, { first: 0 });
    const applied = await host.apply('test_thing', {
      planned: plan.planned,
      private: plan.private as object,
    });
    expect(applied.private).toEqual({ first: 0, plan: 1, create: 2 });
    expect((await host.read('test_thing', before, applied.private as object)).private).toMatchObject({
      read: 3,
    });
  });
});

describe('read', () => {
  test.each<[string, Partial<Resource<Values>>, Values | null, number]>([
    ['null means gone', { read: () => ({ state: null }) }, null, 0],
    ['what is left out stays as stored', { read: () => ({ state: { size: 9 } }) }, { ...before, size: 9 }, 0],
    ['what throws leaves the stored state', { read: () => fails() }, before, 1],
    ['a value of a wrong type leaves the stored state', { read: () => ({ state: { size: [] } }) }, before, 1],
  ])('%s', async (_what, overrides, state, problems) => {
    const answer = await (await hostOf(overrides)).read('test_thing', before);
    expect(answer.state).toEqual(state);
    expect(answer.findings).toHaveLength(problems);
  });
});

describe('a stored state', () => {
  const stored = (version: number, state: object) => ({
    typeName: 'test_thing',
    version,
    rawState: { json: Buffer.from(JSON.stringify(state)) },
  });

  test('of this version comes back byte for byte, digits that JSON.parse would round included', async () => {
    const json = Buffer.from('{"size": 12345678901234567890123, "name":"a"}');
    const request = { typeName: 'test_thing', version: 2, rawState: { json } };
    const { upgradedState } = await (await hostOf()).call('UpgradeResourceState', request);
    expect(Buffer.from(upgradedState?.json ?? []).toString()).toBe(json.toString());
  });

  test('gets the defaults of attributes that it lacks, and loses those that the schema has dropped', async () => {
    const host = await hostOf({
      stored: (_client, state) => void asked.push(state),
    });
    const asked: Values[] = [];
    const { upgradedState } = await host.call(
      'UpgradeResourceState',
      stored(2, { name: 'a', colour: 'red' }),
    );
    expect(JSON.parse(Buffer.from(upgradedState?.json ?? []).toString())).toEqual({ name: 'a', size: 1 });
    expect(asked).toEqual([{ name: 'a', size: 1 }]);
  });

  test('that an earlier version wrote may be given other values', async () => {
    const host = await hostOf({ fromEarlierVersion: ({ name }) => ({ name: `new ${name as string}` }) });
    const upgraded = async (state: object) => {
      const { upgradedState } = await host.call('UpgradeResourceState', stored(2, state));
      return JSON.parse(Buffer.from(upgradedState?.json ?? []).toString()) as unknown;
    };
    expect(await upgraded({ name: 'a', size: 2 })).toEqual({ name: 'new a' });
    expect(await upgraded(before)).toEqual(before);
  });

  test('of an older schema version is upgraded, without nested attributes that are gone', async () => {
    const part = { name: 'colour', type: t.string, optional: true, description: '' } as const;
    const parts = { name: 'parts', ...mapOf([part]), optional: true, description: '' } as const;
    const versions: number[] = [];
    const host = await hostOf({
      attributes: [parts],
      fromEarlierVersion: ({ pieces = null }, version) => {
        versions.push(version);
        return { parts: pieces };
      },
    });
    const pieces = { a: { colour: 'red', weight: 1 }, b: {} };
    const { upgradedState } = await host.call('UpgradeResourceState', stored(1, { pieces }));
    const upgradedParts = { a: { colour: 'red' }, b: { colour: null } };
    expect(JSON.parse(Buffer.from(upgradedState?.json ?? []).toString())).toEqual({ parts: upgradedParts });
    expect(versions).toEqual([1]);
  });

  test.each([
    ['older', 1, 'cannot upgrade to 2'],
    ['newer', 3, 'written by a newer version'],
  ])('that is %s is an error', async (_what, version, text) => {
    const { diagnostics } = await (await hostOf()).call('UpgradeResourceState', stored(version, {}));
    expect(findings(diagnostics)[0]?.summary).toContain(text);
  });
});

test('a value in the JSON form, which no host sends, is an error and not an absent object', async () => {
  const log = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const host = await hostOf();
  const state = { json: Buffer.from(JSON.stringify(before)) };
  const request = { typeName: 'test_thing', priorState: state, proposedNewState: state, config: state };
  const { plannedState, diagnostics } = await host.call('PlanResourceChange', request);
  expect(plannedState).toBeUndefined();
  expect(findings(diagnostics)[0]?.summary).toBe(
    'Could not read a value: the host sent it as JSON instead of msgpack',
  );
  log.mockRestore();
});

test('a failing configure is the one error of ConfigureProvider', async () => {
  const provider = { ...providerOf(thing), configure: () => fails('no broker\nStart one.') };
  expect(await new Host(provider).configure({})).toEqual([error('no broker', 'Start one.')]);
});

test.each<[string, Partial<Resource<Values>>, Finding[]]>([
  ['no validate, no findings', {}, []],
  ['findings are passed on', { validate: () => [diagnosticOf('bad', 'name')] }, [error('bad', '', 'name')]],
  ['what throws is a finding', { validate: () => fails() }, [error('it broke', 'Mend it.')]],
])('validation: %s', async (_what, overrides, found) => {
  const host = await hostOf(overrides);
  const config = host.codecOf('test_thing').encode({ name: UNKNOWN });
  const { diagnostics } = await host.call('ValidateResourceConfig', { typeName: 'test_thing', config });
  expect(findings(diagnostics)).toEqual(found);
});

test('a type that does not exist is an error and a line in the log, not a crash', async () => {
  const log = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { diagnostics } = await (await hostOf()).call('ReadResource', { typeName: 'test_other' });
  expect(findings(diagnostics)).toEqual([error('This provider has no resource test_other.')]);
  expect(log).toHaveBeenCalledWith(expect.stringContaining('ReadResource failed'));
  log.mockRestore();
});

describe('a write-only attribute', () => {
  const asked: unknown[] = [];
  const secret = { name: 'secret', type: t.string, description: 'Secret.', optional: true } as const;
  const withSecret = {
    attributes: [...thing.attributes, { ...secret, writeOnly: { otherwise: 'Set secret_env.' } }],
    create: (_client: Values, { planned, config }: { readonly planned: Values; readonly config: Values }) => {
      asked.push(config.secret);
      return { state: { ...planned, id: 'new' } };
    },
  };

  test('reaches the creation, and is in no plan and no state', async () => {
    const host = await hostOf(withSecret);
    const config = { name: 'a', secret: 'hush' };
    const { planned, requiresReplace } = await host.plan('test_thing', config);
    expect([planned?.secret, requiresReplace]).toEqual([null, []]);
    const { state } = await host.apply('test_thing', { planned: planned ?? {}, config });
    expect([asked, state?.secret]).toEqual([['hush'], null]);
    const again = await host.plan('test_thing', { ...config, secret: 'other' }, state);
    expect([again.planned, again.requiresReplace]).toEqual([state, []]);
  });

  test.each([
    ['that knows no such attributes', undefined, 1],
    ['that says it does not', { writeOnlyAttributesAllowed: false }, 1],
    ['that knows them', { writeOnlyAttributesAllowed: true }, 0],
  ])('is refused by a host %s, which would store it', async (_, clientCapabilities, refusals) => {
    const host = await hostOf(withSecret);
    const validated = async (values: Values) => {
      const config = host.codecOf('test_thing').encode({ name: 'a', ...values });
      const request = { typeName: 'test_thing', config };
      const answer = await host.call(
        'ValidateResourceConfig',
        clientCapabilities === undefined ? request : { ...request, clientCapabilities },
      );
      return findings(answer.diagnostics);
    };
    expect(await validated({})).toEqual([]);
    expect(await validated({ secret: 'hush' })).toEqual(
      Array.from({ length: refusals }, () =>
        error(
          'Could not use secret: this version would write it into the state',
          'secret needs Terraform 1.11 or later, or OpenTofu 1.11 or later. Set secret_env.',
        ),
      ),
    );
  });
});
