import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConnection } from '../../../../src/model/connection';
import { canonicalStation } from '../../../../src/model/station';
import { connectAdmin } from '../../../../src/runtime/admin';
import { LocalBroker } from '../../../../src/runtime/broker';
import type { Report, ReportedObject } from '../../../../src/runtime/report/report';
import type { PlanFile } from '../../../../src/runtime/report/sources/plan';
import { planReport, readPlanFile } from '../../../../src/runtime/report/sources/plan';
import type { ResourceChange } from '../../../../src/runtime/report/sources/plan/plan-file';
import type { DeclaredStack } from '../../../../src/runtime/synthesised';
import { publish } from '../../../support/publish';
import { rejection } from '../../../support/rejection';

/** Written by `terraform show -json`, Terraform 1.11, without the parts that nothing reads. */
const recordedFile = join(__dirname, 'recorded/plan.json');
const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as PlanFile;

const report = (plan: PlanFile, stacks: readonly DeclaredStack[] = []): Promise<Report> =>
  planReport(plan, { stacks, environment: {} });

function recordedChange(address: string): ResourceChange {
  const found = (recorded.resource_changes ?? []).find((each) => each.address === address);
  if (found === undefined) throw new Error(`the recorded plan has no ${address}`);
  return found;
}

/** The report of one change of the recorded plan, with some parts of it replaced. */
async function reported(address: string, more: Partial<ResourceChange>): Promise<ReportedObject> {
  const change = recordedChange(address);
  const { objects } = await report({ ...recorded, resource_changes: [{ ...change, ...more }] });
  const [object] = objects;
  if (object === undefined) throw new Error('nothing was reported');
  return object;
}

describe('a recorded plan', () => {
  test('has destroys and replacements first, with the values before and after', async () => {
    const { objects, stacks, tests } = await report(recorded);
    expect(stacks).toEqual(['shop']);
    expect(objects.map(({ action, name, status }) => [action, name, status])).toEqual([
      ['delete', 'gone', 'unmanaged'],
      ['replace', 'split', 'changed'],
      ['update', 'order', 'changed'],
      ['update', 'shrunk', 'changed'],
      ['create', 'memphis_station.fresh', 'missing'],
      ['none', 'kept', 'same'],
    ]);
    expect(objects[1]?.differences).toEqual([
      {
        field: 'partitionsNumber',
        declared: 2,
        live: 1,
        effect: 'replace',
        why: 'Memphis cannot change the number of partitions of a station.',
      },
    ]);
    expect(objects[4]).toMatchObject({
      differences: [{ field: 'partitionsNumber', declared: 3 }],
      unresolved: ['name'],
    });
    expect(tests).toMatchObject([
      {
        name: 'smoke',
        station: 'kept',
        verdict: 'planned',
        reason: 'It runs because the station, its schema or the enforcement changes.',
      },
    ]);
  });

  test('shows no sensitive value', async () => {
    const found = await report(recorded);
    expect(readFileSync(recordedFile, 'utf8')).toContain('SECRET');
    expect(JSON.stringify(found)).not.toContain('SECRET');
    expect(found.objects[2]?.differences).toEqual([
      { field: 'content', declared: '(sensitive value)', live: '{"type":"object"}', effect: 'inPlace' },
    ]);
  });

  test('shows no sensitive name of what it destroys', async () => {
    const { change } = recordedChange('memphis_station.gone');
    const hidden = { ...change, before_sensitive: { name: true }, after_sensitive: false };
    const { name } = await reported('memphis_station.gone', { change: hidden });
    expect(name).toBe('memphis_station.gone');
  });

  test('says that the broker was not asked', async () => {
    expect((await report(recorded)).findings).toEqual([
      {
        severity: 'warning',
        code: 'STAKE_UNKNOWN',
        message:
          'How many messages are at stake in "gone", "shrunk", "split" is not known, because no data source of the plan reads them and the broker was not asked: host is not set; give it or set MEMPHIS_HOST; username is not set; give it or set MEMPHIS_USERNAME; no credential is set; set MEMPHIS_PASSWORD or MEMPHIS_CONNECTION_TOKEN.',
      },
    ]);
  });

  test('has construct paths and source lines of the stack that it is a plan of', async () => {
    const stack = (name: string, owner: string): DeclaredStack => ({
      name,
      folder: '/',
      providers: [],
      problems: [],
      objects: [
        {
          kind: 'station',
          provider: 'memphis',
          values: { owner },
          unresolved: [],
          site: {
            stack: name,
            constructPath: `${name}/split`,
            address: 'memphis_station.split',
            file: `${name}.ts`,
            line: 7,
          },
        },
      ],
    });
    const owner = '5c2f7a1e-3b64-4d0a-9f18-6e0b7d9c4a21/shop/split';
    const { objects } = await report(recorded, [stack('other', 'x/other/split'), stack('shop', owner)]);
    expect(objects[0]?.declaration).toEqual({
      stack: 'shop',
      constructPath: 'shop/gone',
      address: 'memphis_station.gone',
    });
    expect(objects[1]?.declaration).toMatchObject({ stack: 'shop', file: 'shop.ts', line: 7 });
  });
});

describe('a change has its reason', () => {
  const { change } = recordedChange('memphis_station.gone');
  test.each<[string, Partial<ResourceChange>, string, string]>([
    ['tainted', { action_reason: 'replace_because_tainted' }, 'REPLACE_BECAUSE_TAINTED', 'tainted'],
    ['-replace', { action_reason: 'replace_by_request' }, 'REPLACE_BY_REQUEST', '-replace names it'],
    [
      'a key that is gone',
      { action_reason: 'delete_because_each_key' },
      'DELETE_BECAUSE_EACH_KEY',
      'its key',
    ],
    ['one of a later Terraform', { action_reason: 'because_of_x' }, 'BECAUSE_OF_X', 'because_of_x'],
    ['terraform destroy', { action_reason: undefined as never }, 'DESTROY', 'terraform destroy'],
    ['an interrupted replacement', { deposed: 'abcd' }, 'DEPOSED', 'left this object behind'],
    ['moved', { previous_address: 'memphis_station.old' }, 'MOVED', 'It was memphis_station.old before.'],
    ['imported', { change: { ...change, importing: { id: 'gone' } } }, 'IMPORTED', 'imports it'],
    [
      'damaged',
      { change: { ...change, actions: ['update'], before: { ...change.before, intact: false } } },
      'DAMAGED',
      'The deploy repairs it.',
    ],
    ['forgotten', { change: { ...change, actions: ['forget'] } }, 'FORGOTTEN', 'stays on the broker'],
  ])('%s', async (_, more, code, says) => {
    const { findings } = await reported('memphis_station.gone', more);
    const found = findings.find((each) => each.code === code);
    expect(found?.message).toContain(says);
  });
});

test('settings that no declaration says are shown as what the deploy sets back', async () => {
  const { change } = recordedChange('memphis_station.gone');
  const [before, after] = [['no_ack = true'], []].map((settings) => ({
    ...change.before,
    stream_settings: settings,
  }));
  const { differences } = await reported('memphis_station.gone', {
    change: { ...change, actions: ['update'], before: before ?? null, after: after ?? null },
  });
  expect(differences).toEqual([
    { field: 'streamSettings', declared: [], live: ['no_ack = true'], effect: 'inPlace' },
  ]);
});

test.each(['shadow', 'live'] as const)(
  'a smoke test with the target %s is reported with it',
  async (target) => {
    const address =
      (recorded.resource_changes ?? []).find(({ type }) => type === 'terraform_data')?.address ?? '';
    const site = { stack: 'shop', constructPath: 'shop/smoke', address };
    const declared: DeclaredStack = {
      name: 'shop',
      folder: '/',
      // By this object the report knows that the plan is of this stack.
      objects: [
        {
          kind: 'station',
          provider: 'memphis',
          values: { owner: recordedChange('memphis_station.split').change.after?.owner },
          unresolved: [],
          site: { stack: 'shop', constructPath: 'shop/split', address: 'memphis_station.split' },
        },
      ],
      providers: [],
      tests: [{ name: 'smoke', station: 'kept', target, site }],
      problems: [],
    };
    const { tests } = await report(recorded, [declared]);
    expect(tests).toMatchObject([{ name: 'smoke', station: 'kept', target, declaration: site }]);
  },
);

test('what was changed outside of Terraform is history', async () => {
  const change = recordedChange('memphis_station.shrunk');
  const { objects } = await report({ ...recorded, resource_drift: [change] });
  expect(objects.find(({ name }) => name === 'shrunk')?.history).toEqual([
    { what: 'retentionValue changed outside of Terraform.' },
  ]);
});

test('objects of other providers, data sources and resources that run something else are none of ours', async () => {
  const changes = (recorded.resource_changes ?? []).flatMap((each): ResourceChange[] =>
    each.type === 'terraform_data'
      ? [{ ...each, name: 'other' }]
      : [
          { ...each, provider_name: 'registry.terraform.io/acme/memphis' },
          { ...each, mode: 'data' },
        ],
  );
  const { objects, tests } = await report({ ...recorded, resource_changes: changes });
  expect({ objects, tests }).toEqual({ objects: [], tests: [] });
});

test('a plan that ended with errors, or is not the whole work, says so', async () => {
  const codes = async (plan: PlanFile) =>
    (await report({ ...plan, resource_changes: [] })).findings.map(
      ({ code, severity }) => `${severity} ${code}`,
    );
  expect(await codes({ ...recorded, errored: true })).toEqual(['error PLAN_ERRORED']);
  expect(await codes({ ...recorded, complete: false })).toEqual(['warning PLAN_INCOMPLETE']);
});

describe('a file that is no plan in JSON', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-plan-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const errorOf = async (file: string): Promise<string> => (await rejection(readPlanFile(file))).message;

  test.each([
    ['a saved plan', 'PK\u0003\u0004…', "it is a plan in Terraform's own form; run terraform show -json"],
    ['nothing', '', 'it is empty; run terraform show -json'],
    [
      'text',
      'No changes.',
      'it is not JSON (line 1, column 1: expected a value, found "N"); run terraform show -json',
    ],
    [
      'half a file',
      '{"format_version":',
      'it is not JSON (line 1, column 19: expected a value, found the end',
    ],
    [
      'a log',
      '{"@level":"info"}\n{"@level":"info"}\n',
      'it is the log of terraform plan -json; run terraform show',
    ],
    ['another JSON', '[1]', 'it has no format_version; run terraform show -json'],
    ['null', 'null', 'it has no format_version; run terraform show -json'],
    ['another version', '{"format_version":"2.0"}', 'its format_version is 2.0, and this version'],
    ['a state', '{"format_version":"1.0","values":{}}', 'it is a state, not a plan; run terraform plan -out'],
  ])('%s', async (_, content, says) => {
    const file = join(folder, 'plan.json');
    writeFileSync(file, content);
    const message = await errorOf(file);
    expect(message).toContain(`could not read the plan ${file}: ${says}`);
  });

  test('a file that is not there', async () => {
    const file = join(folder, 'none.json');
    expect(await errorOf(file)).toMatch(
      /^could not read the plan .*none\.json: ENOENT.*\. Name a file that terraform show -json/,
    );
  });

  test('but one of PowerShell is read', async () => {
    const file = join(folder, 'plan.json');
    writeFileSync(file, `\uFEFF${JSON.stringify(recorded)}`, 'utf16le');
    expect((await readPlanFile(file)).format_version).toBe(recorded.format_version);
  });
});

describe('the messages at stake', () => {
  /** What the data source `memphis_stations` read of the stations of the recorded plan. */
  const stored = (name: string, uid: string, partitions = 1) => ({
    name,
    uid,
    messages: 12 * partitions,
    bytes: 1200 * partitions,
    consumer_groups: 2,
    partitions_number: partitions,
    schema_name: null,
    dls_station: 'a-SECRET-station',
  });
  const dataSource = (type: string, values: object) => ({
    mode: 'data' as const,
    type,
    name: 'all',
    provider_name: 'npm.invalid/cdktf-memphis/memphis',
    values: { ...values },
  });
  const withData = (...resources: readonly ReturnType<typeof dataSource>[]): PlanFile => ({
    ...recorded,
    prior_state: { values: { root_module: { resources } } },
  });
  const stations = ['gone 14', 'split 16', 'shrunk 10'].map((text) => text.split(' ') as [string, string]);
  const all = dataSource('memphis_stations', { stations: stations.map(([name, uid]) => stored(name, uid)) });
  const stakes = ({ objects }: Report) =>
    Object.fromEntries(objects.flatMap(({ name, stake }) => (stake === undefined ? [] : [[name, stake]])));

  test('are in a plan whose data sources read the stations, so that no broker is asked', async () => {
    const found = await report(withData(all));
    expect(found.findings).toEqual([]);
    const whole = { messages: 12, bytes: 1200, consumerGroups: 2, isPermitted: true };
    const consequence = 'drop 12 messages (1.2 KiB), read by 2 consumer groups';
    expect(stakes(found)).toEqual({
      gone: { ...whole, consequence },
      split: { ...whole, consequence },
      shrunk: {
        ...whole,
        messages: 8,
        bytes: 800,
        consequence: 'drop the oldest 8 of 12 messages of partition 1',
      },
    });
  });

  test('of several partitions take the data source that tells each of them', async () => {
    const partitions = [10, 3].map((messages, index) => ({
      number: index + 1,
      messages,
      bytes: messages * 10,
    }));
    const shrunk = { ...stored('shrunk', '10', 2), messages: 13, bytes: 130 };
    const split = dataSource('memphis_stations', { stations: [shrunk] });
    const change = recordedChange('memphis_station.shrunk');
    const after = { ...change.change.after, partitions_number: 2 };
    const changes = [{ ...change, change: { ...change.change, after } }];
    const blind = await report({ ...withData(split), resource_changes: changes });
    expect(blind.findings.map(({ code }) => code)).toEqual(['STAKE_UNKNOWN']);
    const one = dataSource('memphis_station', { ...shrunk, consumer_groups: [], partitions });
    const told = await report({ ...withData(split, one), resource_changes: changes });
    expect(stakes(told).shrunk).toMatchObject({
      messages: 6,
      consequence: 'drop the oldest 6 of 10 messages of partition 1',
    });
  });

  test('of another station of the same name are not those of this one', async () => {
    const other = dataSource('memphis_stations', { stations: [stored('gone', '15')] });
    expect((await report(withData(other))).findings[0]?.message).toContain('"gone", "shrunk", "split"');
  });

  test('come from the broker otherwise, without a sensitive value in any text', async () => {
    const broker = await LocalBroker.start({ store: 'memory' });
    try {
      const admin = await connectAdmin(resolveConnection({}, broker.environment()));
      await admin.createStation(canonicalStation({ name: 'a-secret-letters' }));
      await admin.createStation(canonicalStation({ name: 'a-secret-name', dlsStation: 'a-secret-letters' }));
      await admin.close();
      await publish(broker, 'a-secret-name', 5);
      const { change, ...rest } = recordedChange('memphis_station.shrunk');
      const values = { name: 'a-SECRET-name', uid: undefined, dls_station: 'a-secret-letters' };
      const hidden = { name: true, dls_station: true };
      const changes = [
        {
          ...rest,
          change: {
            ...change,
            before: { ...change.before, ...values },
            after: { ...change.after, ...values, allow_message_loss: false },
            before_sensitive: hidden,
            after_sensitive: hidden,
          },
        },
      ];
      const plan = { ...recorded, resource_changes: changes };
      const found = await planReport(plan, { stacks: [], environment: broker.environment() });
      expect(found.objects).toMatchObject([
        {
          name: 'memphis_station.shrunk',
          stake: { messages: 1, isPermitted: false },
          findings: [{ code: 'MEMPHIS_MESSAGE_LOSS' }],
          live: { messages: 5, dlsStation: '(sensitive value)' },
        },
      ]);
      expect(JSON.stringify(found)).not.toMatch(/secret/i);
    } finally {
      await broker.stop();
    }
  });
});

test('5,000 replacements are reported in less than a second', async () => {
  const change = recordedChange('memphis_station.split');
  const changes = Array.from({ length: 5000 }, (_, index) => ({
    ...change,
    address: `${change.address}[${index}]`,
  }));
  const before = process.cpuUsage();
  const { objects } = await report({ ...recorded, resource_changes: changes });
  const { user, system } = process.cpuUsage(before);
  expect(objects).toHaveLength(5000);
  expect((user + system) / 1000).toBeLessThan(1000);
});
