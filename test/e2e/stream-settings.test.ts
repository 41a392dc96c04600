import { BrokerClient } from '../runtime/broker/broker-client';
import { Deployment } from '../support/deployment';

/**
 * What somebody can do to the streams of a station with a NATS client and no declaration says. Each is changed by hand
 * on the real server, shown by the plan, set back by the deploy, and read with a client of its own.
 */
interface ByHand {
  /** The change of the stream's configuration; `undefined` takes the key away. */
  readonly change: Readonly<Record<string, unknown>>;
  /** What the plan shows. */
  readonly shows: readonly string[];
}

const restored: Readonly<Record<string, ByHand>> = {
  no_ack: { change: { no_ack: true }, shows: ['no_ack = true'] },
  max_msg_size: { change: { max_msg_size: 1024 }, shows: ['max_msg_size = 1024'] },
  max_msgs_per_subject: { change: { max_msgs_per_subject: 10 }, shows: ['max_msgs_per_subject = 10'] },
  discard: { change: { discard: 'new' }, shows: ['discard = "new"'] },
  discard_new_per_subject: {
    change: { discard: 'new', discard_new_per_subject: true, max_msgs_per_subject: 5 },
    shows: ['discard = "new"', 'discard_new_per_subject = true', 'max_msgs_per_subject = 5'],
  },
  compression: { change: { compression: 's2' }, shows: ['compression = "s2"'] },
  allow_direct: { change: { allow_direct: true }, shows: ['allow_direct = true'] },
  allow_rollup_hdrs: { change: { allow_rollup_hdrs: true }, shows: ['allow_rollup_hdrs = true'] },
  description: { change: { description: 'by hand' }, shows: ['description = "by hand"'] },
  sources: { change: { sources: [{ name: 'feed' }] }, shows: ['sources = [{"name":"feed"}]'] },
  republish: {
    change: { republish: { src: '>', dest: 'copy.>' } },
    shows: ['republish = {"src":">","dest":"copy.>"}'],
  },
  subject_transform: {
    change: { subject_transform: { src: '>', dest: 'moved.>' } },
    shows: ['subject_transform = {"src":">","dest":"moved.>"}'],
  },
  consumer_limits: {
    change: { consumer_limits: { max_ack_pending: 7 } },
    shows: ['consumer_limits = {"max_ack_pending":7}'],
  },
};

/** Settings that no server takes back. */
const permanent: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  deny_delete: { deny_delete: true },
  deny_purge: { deny_purge: true },
};

/** The same, which a stream has from its creation on. */
const permanentFromTheStart: Record<string, Readonly<Record<string, unknown>>> = {
  max_consumers: { max_consumers: 7 },
};

/** Settings of servers since 2.11, which are read where NATS_SERVER names one. */
const ofNewerServers: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  allow_msg_ttl: { allow_msg_ttl: true },
};

const nameOf = (setting: string): string => `s-${setting.replaceAll('_', '-')}`;

const deployment = Deployment.forThisFile();
let client: BrokerClient;

beforeAll(async () => {
  client = await BrokerClient.connect(deployment.broker, 'memphis', 'by-hand::root');
});

afterAll(() => client.close());

interface StreamConfig extends Record<string, unknown> {
  readonly name: string;
}

async function streamOf(station: string, partition = 1): Promise<StreamConfig> {
  const info = await client.jetstream<{ config: StreamConfig }>(`STREAM.INFO.${station}$${partition}`);
  return info.config;
}

async function byHand(station: string, change: object, partition = 1): Promise<void> {
  const config = await streamOf(station, partition);
  const reply = await client.jetstream<{ error?: object }>(`STREAM.UPDATE.${config.name}`, {
    ...config,
    ...change,
  });
  expect(reply.error).toBeUndefined();
}

/** Puts another stream in place of that of a partition. */
async function recreate(
  station: string,
  change: (config: StreamConfig) => object,
  partition = 1,
): Promise<void> {
  const config = await streamOf(station, partition);
  await client.jetstream(`STREAM.DELETE.${config.name}`);
  const reply = await client.jetstream<{ error?: object }>(`STREAM.CREATE.${config.name}`, change(config));
  expect(reply.error).toBeUndefined();
}

/** Whether the server keeps a setting that it may not know. */
async function isKnown(change: Readonly<Record<string, unknown>>): Promise<boolean> {
  const name = 'probe';
  const reply = await client.jetstream<{ config?: object }>(`STREAM.CREATE.${name}`, { name, ...change });
  await client.jetstream(`STREAM.DELETE.${name}`);
  return Object.keys(change).every((key) => key in (reply.config ?? {}));
}

test('a stream setting changed by hand is shown, set back by the deploy, and stays away', async () => {
  const stack = deployment.stack();
  stack.declare({
    stations: {
      ...Object.fromEntries(Object.keys(restored).map((each) => [nameOf(each), { name: nameOf(each) }])),
      's-subjects': { name: 's-subjects' },
      's-one': { name: 's-one', partitions_number: 3 },
    },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  const asMade = new Map<string, StreamConfig>();
  for (const setting of Object.keys(restored)) asMade.set(setting, await streamOf(nameOf(setting)));

  await client.jetstream('STREAM.CREATE.feed', { name: 'feed', subjects: ['feed'] });
  for (const [setting, { change }] of Object.entries(restored)) await byHand(nameOf(setting), change);
  await byHand('s-subjects', { subjects: ['s-subjects$1.>', 'other.>'] });
  await byHand('s-one', { no_ack: true }, 2);

  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  const changes = await stack.changes();
  const shown = (station: string) => changes[`memphis_station.${station}`];
  for (const [setting, { shows }] of Object.entries(restored)) {
    expect([setting, shown(nameOf(setting))]).toEqual([
      setting,
      { actions: ['update'], attributes: { stream_settings: [shows, []] } },
    ]);
  }
  expect(shown('s-subjects')?.attributes).toEqual({ stream_settings: [['subjects = ["other.>"]'], []] });
  expect(shown('s-one')?.attributes).toEqual({ stream_settings: [['no_ack = true (partition 2)'], []] });

  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  const hasValue = (config: StreamConfig | undefined) =>
    Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => !isNothing(value)));
  for (const setting of Object.keys(restored)) {
    expect(hasValue(await streamOf(nameOf(setting)))).toEqual(hasValue(asMade.get(setting)));
  }
  expect((await streamOf('s-subjects')).subjects).toEqual(['s-subjects$1.>']);
  expect(hasValue(await streamOf('s-one', 2))).not.toHaveProperty('no_ack');
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
});

/** Servers differ in how they show that there is nothing. */
function isNothing(value: unknown): boolean {
  return value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
}

test('a setting that no server takes back is a warning of every plan and hinders no other change', async () => {
  const stack = deployment.stack();
  const recreated = { ...permanentFromTheStart };
  for (const [setting, change] of Object.entries(ofNewerServers))
    if (await isKnown(change)) recreated[setting] = change;
  const all = { ...permanent, ...recreated };
  const declared = (retention: number) => ({
    stations: Object.fromEntries(
      Object.keys(all).map((each) => [
        nameOf(each),
        { name: nameOf(each), retention_type: 'messages', retention_value: retention },
      ]),
    ),
  });
  stack.declare(declared(100));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  for (const [setting, change] of Object.entries(permanent)) await byHand(nameOf(setting), change);
  for (const [setting, change] of Object.entries(recreated))
    await recreate(nameOf(setting), (config) => ({ ...config, ...change }));

  const plan = await stack.plan();
  expect(plan).toMatchObject({ code: 0, errors: [] });
  for (const [setting, change] of Object.entries(all)) {
    const warning = plan.warnings.find((each) => each.includes(nameOf(setting)));
    expect(warning).toContain(`${setting} = ${String(change[setting])}`);
    expect(warning).toContain('terraform taint');
  }
  stack.declare(declared(200));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  for (const [setting, change] of Object.entries(all)) {
    expect(await streamOf(nameOf(setting))).toMatchObject({ ...change, max_msgs: 200 });
  }
});

test('a sealed partition, and one that copies another stream, make the plan fail, which says how to replace the station', async () => {
  const stack = deployment.stack();
  const mirror = { name: 's-mirror', partitions_number: 2 };
  stack.declare({ stations: { sealed: { name: 's-sealed', partitions_number: 2 }, mirror } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await byHand('s-sealed', { sealed: true }, 2);
  await client.jetstream('STREAM.CREATE.origin', { name: 'origin', subjects: ['origin'] });
  await recreate('s-mirror', ({ subjects: _, ...config }) => ({ ...config, mirror: { name: 'origin' } }), 2);

  const plan = await stack.plan();
  expect(plan.code).toBe(1);
  expect(plan.errors).toHaveLength(2);
  for (const [station, setting] of [
    ['sealed', 'sealed = true (partition 2)'],
    ['mirror', 'mirror = {"name":"origin"} (partition 2)'],
  ] as const) {
    const error = plan.errors.find((each) => each.includes(`"s-${station}"`));
    expect(error).toContain(setting);
    expect(error).toContain('terraform taint');
    expect((await stack.terraform.run(['taint', `memphis_station.${station}`])).code).toBe(0);
  }
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect((await streamOf('s-sealed', 2)).sealed).toBe(false);
  expect((await streamOf('s-mirror', 2)).mirror).toBeUndefined();
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
});
