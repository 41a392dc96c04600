import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import type { Msg, NatsConnection } from 'nats';
import { connect } from 'nats';
import { resolveConnection } from '../../../src/model/connection';
import { BrokerRefusedError, MemphisError, ProtocolError, TimeoutError } from '../../../src/model/errors';
import { parsePartitionStream } from '../../../src/model/names';
import { canonicalStation } from '../../../src/model/station';
import type { StreamConfig } from '../../../src/model/stream';
import type { Admin } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { KvLedger } from '../../../src/runtime/admin/ledger';
import { ScriptedBroker } from '../../conformance/defects/scripted-broker';
import { mutatedJson } from '../../support/mutated';
import { many } from '../../support/random';

let server: Server;
let rest: { status: number; body: string };
let admin: Admin;
let nats: NatsConnection;

// What a real broker was recorded to answer, cut at any byte or changed in any place. Each read gives what the changed
// reply still says, or a typed error; never "nothing there" for a reply that said otherwise.
// Closed before their server is.
afterAll(async () => {
  await nats.close();
  await admin.close();
  server.closeAllConnections();
  server.close();
});
const broker = ScriptedBroker.forThisFile();

type Json = Parameters<typeof mutatedJson>[0];
interface Recorded {
  readonly id: string;
  readonly status: number;
  readonly response: Json;
}

const goldenFolder = path.join(__dirname, '../../conformance/golden');
const golden = (file: string): unknown => JSON.parse(readFileSync(path.join(goldenFolder, file), 'utf8'));
const recordings = golden('rest.json') as readonly Recorded[];

/** A recorded reply with ids, which recordings leave out, put back in. */
function recorded(id: string): Json {
  const found = recordings.find((each) => each.id === id);
  if (found === undefined) throw new Error(`nothing is recorded as ${id}`);
  return JSON.parse(JSON.stringify(found.response).replaceAll(/"<[a-z_]*id>"/g, '7')) as Json;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const { status, body } =
      request.url === '/api/usermgmt/login' ? { status: 200, body: '{"jwt":"t"}' } : rest;
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settings = { host: '127.0.0.1', port: broker.port, username: 'root', password: 'p' };
  admin = await connectAdmin(resolveConnection({ ...settings, restUrl: `http://127.0.0.1:${port}` }, {}));
  nats = await connect({ servers: `127.0.0.1:${broker.port}` });
});

/** What a read gives; an error must be one of ours, and must not be about nothing. */
async function outcome<T>(
  read: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly error: MemphisError }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof MemphisError)) throw error;
    expect(error.message).toMatch(/^could not \w+ .+: .+/s);
    return { error };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value under keys, one in the other; undefined where there is none. */
function within(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
}

const cutAnywhere = (right: Json): fc.Arbitrary<string> => {
  const text = JSON.stringify(right);
  return fc.nat(text.length - 1).map((length) => text.slice(0, length));
};

const lists: readonly (readonly [string, string, () => Promise<readonly { name: string }[]>])[] = [
  ['getAllStations', 'getAllStations', () => admin.listStations()],
  ['getAllSchemas', 'getAllSchemas', () => admin.listSchemas()],
];

describe.each(lists)('%s', (_name, id, read) => {
  const right = recorded(id);

  test('as recorded it has all rows', async () => {
    rest = { status: 200, body: JSON.stringify(right) };
    const names = (right as readonly { name: string }[]).map(({ name }) => name);
    expect((await read()).map(({ name }) => name)).toEqual(names);
    expect(names.length).toBeGreaterThan(0);
  });

  test('cut off with status 200 it is an error that names the request', async () => {
    await fc.assert(
      fc.asyncProperty(cutAnywhere(right), async (body) => {
        rest = { status: 200, body };
        const result = await outcome(read);
        expect(result).toMatchObject({ error: expect.any(ProtocolError) as object });
        expect('error' in result && result.error.message).toContain(`/${id}`);
      }),
      { numRuns: many(60) },
    );
  });

  test('changed in one place it has as many rows as it says, or is an error', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(right), async (body) => {
        rest = { status: 200, body };
        const result = await outcome(read);
        if ('error' in result) return;
        const said = parse(body);
        if (said !== null) expect(said).toHaveLength(result.value.length);
        expect(result.value.every(({ name }) => typeof name === 'string' && name !== '')).toBe(true);
      }),
      { numRuns: many(200) },
    );
  });
});

const objects: readonly (readonly [string, string, () => Promise<{ name: string } | undefined>])[] = [
  ['getStation', 'getStation.ok', () => admin.readStation('r-st')],
  ['getStation', 'getStation.dotted-uppercase', () => admin.readStation('r.two')],
  ['getSchemaDetails', 'getSchemaDetails.ok', () => admin.readSchema('r-sch')],
  ['getSchemaDetails', 'getSchemaDetails.proto', () => admin.readSchema('r-pb')],
];

describe.each(objects)('%s (%s)', (path, id, read) => {
  const right = recorded(id);

  test('cut off or changed in one place, with status 200, it never reads as missing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(cutAnywhere(right), mutatedJson(right)), async (body) => {
        rest = { status: 200, body };
        const result = await outcome(read);
        if ('error' in result) expect(result.error.message).toContain(`/${path}`);
        else expect(typeof result.value?.name).toBe('string');
      }),
      { numRuns: many(150) },
    );
  });

  test('a refusal reads as missing only in the very words of the broker', async () => {
    const message = path === 'getStation' ? 'Station x does not exist' : 'Schema x does not exist';
    const refusals = fc.tuple(
      fc.constantFrom(200, 400, 404, 406, 500, 502),
      fc.oneof(
        fc.constant(JSON.stringify({ message })),
        fc.constant(`${JSON.stringify({ message })}{"message":"Server error"}`),
        cutAnywhere({ message }),
        mutatedJson({ message }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(refusals, async ([status, body]) => {
        rest = { status, body };
        const result = await outcome(read);
        const said = within(parse(body), 'message');
        if ('error' in result) expect(status === 406 && said === message).toBe(false);
        else expect([status, said]).toEqual([406, message]);
      }),
      { numRuns: many(100) },
    );
  });
});

describe('getAllUsers', () => {
  const right = recorded('getAllUsers');
  type Users = Readonly<Record<'application_users' | 'management_users', readonly Json[] | null>>;
  const said = (body: string): readonly Json[] => {
    const { application_users: some, management_users: others } = parse(body) as Users;
    return [...(some ?? []), ...(others ?? [])];
  };

  test('as recorded it has all users', async () => {
    rest = { status: 200, body: JSON.stringify(right) };
    const users = await admin.listUsers();
    expect(users.map(({ name }) => name)).toEqual(expect.arrayContaining(['root', 'r-app', 'r-rbac']));
    expect(users).toHaveLength(said(rest.body).length);
  });

  test('cut off with status 200 it is an error that names the request', async () => {
    await fc.assert(
      fc.asyncProperty(cutAnywhere(right), async (body) => {
        rest = { status: 200, body };
        const result = await outcome(() => admin.listUsers());
        expect(result).toMatchObject({ error: expect.any(ProtocolError) as object });
        expect('error' in result && result.error.message).toContain('/getAllUsers');
      }),
      { numRuns: many(60) },
    );
  });

  test('changed in one place it has the users and the permissions that it says, or is an error', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(right), async (body) => {
        rest = { status: 200, body };
        const result = await outcome(() => admin.listUsers());
        if ('error' in result) return;
        const shown = result.value.map((user) => [
          user.name,
          user.team,
          user.allowReadPermissions,
          user.allowWritePermissions,
        ]);
        const wanted = said(body).map((user) => [
          within(user, 'username'),
          within(user, 'team'),
          ...['allow_read_permissions', 'allow_write_permissions'].map((list) => {
            const names = within(user, 'permissions', list);
            return names === null ? [] : names;
          }),
        ]);
        expect(shown).toEqual(wanted);
      }),
      { numRuns: many(300) },
    );
  });
});

test('the settings of the broker, cut off or changed in one place, are what the reply says, or an error', async () => {
  const right = recorded('getClusterConfig');
  rest = { status: 200, body: JSON.stringify(right) };
  expect(await admin.readClusterSettings()).toEqual(right);
  await fc.assert(
    fc.asyncProperty(fc.oneof(cutAnywhere(right), mutatedJson(right)), async (body) => {
      rest = { status: 200, body };
      const result = await outcome(() => admin.readClusterSettings());
      if ('error' in result) expect(result.error.message).toContain('/getClusterConfig');
      else {
        expect(result.value).toEqual(parse(body));
        for (const [key, value] of Object.entries(right as object))
          expect(typeof within(result.value, key)).toBe(typeof value);
      }
    }),
    { numRuns: many(150) },
  );
});

test('the history of a station, cut off or changed in one place, has as many lines as it says, or is an error', async () => {
  const right = recorded('getStationOverviewData.all');
  rest = { status: 200, body: JSON.stringify(right) };
  expect(await admin.readStationHistory('r-st', 1)).toHaveLength(2);
  await fc.assert(
    fc.asyncProperty(fc.oneof(cutAnywhere(right), mutatedJson(right)), async (body) => {
      rest = { status: 200, body };
      const result = await outcome(() => admin.readStationHistory('r-st', 1));
      if ('error' in result) {
        expect(result.error.message).toContain('/getStationOverviewData');
        return;
      }
      const lines = within(parse(body), 'audit_logs') as readonly Json[] | null;
      expect(result.value.map(({ what }) => what)).toEqual(
        expect.arrayContaining((lines ?? []).map((line) => within(line, 'message'))),
      );
      expect(result.value).toHaveLength((lines ?? []).length);
    }),
    { numRuns: many(150) },
  );
});

const newUser = {
  name: 'r-rbac',
  type: 'application' as const,
  password: 'Abc123!@#x',
  fullName: '',
  team: '',
  position: '',
  description: '',
  allowReadPermissions: [],
  allowWritePermissions: [],
};

test.each([
  [
    'addUser',
    'addUser.with-lists',
    async () => {
      const { id, name, allowReadPermissions } = await admin.createUser(newUser);
      return [id, name, allowReadPermissions];
    },
    (reply: unknown) => [
      within(reply, 'id'),
      within(reply, 'username'),
      within(reply, 'permissions', 'allow_read_permissions') ?? [],
    ],
  ],
  [
    'createStation',
    'createStation.minimal',
    () => admin.createStation(canonicalStation({ name: 'r-st' })),
    (reply: unknown) => within(reply, 'id'),
  ],
  [
    'useSchema',
    'useSchema.ok',
    () => admin.attachSchema('r-st', 'demo-schema'),
    (reply: unknown) => within(reply, 'name'),
  ],
] as const)(
  'the reply of %s, cut off or changed, is what it says, or an error',
  async (name, id, change, of) => {
    const right = recorded(id);
    rest = { status: 200, body: JSON.stringify(right) };
    // Before the first station, a run asks whether there are users with permission lists; any reply will do for that.
    expect(await change()).toEqual(of(right));
    await fc.assert(
      fc.asyncProperty(fc.oneof(cutAnywhere(right), mutatedJson(right)), async (body) => {
        rest = { status: 200, body };
        const result = await outcome<unknown>(change);
        if ('error' in result) expect(result.error.message).toContain(`/${name}`);
        else expect(result.value).toEqual(of(parse(body)));
      }),
      { numRuns: many(60) },
    );
  },
);

test.each([
  [
    'an error of a second document',
    406,
    '{"message":"Station s already exists"}{"message":"x"}',
    BrokerRefusedError,
  ],
  ['a success with a second document', 200, '{}{"message":"Server error"}', ProtocolError],
  ['a success without a body', 200, '', ProtocolError],
  ['null for an object', 200, 'null', ProtocolError],
] as const)('a change answered by %s is an error', async (_why, status, body, type) => {
  rest = { status, body };
  await expect(admin.removeStation('s')).rejects.toBeInstanceOf(type);
});

/** Streams as a real broker shows them, with a state, which the recordings leave out. */
const streams = (
  golden('streams.json') as {
    readonly stations: readonly { readonly configs?: Readonly<Record<string, Json>> }[];
  }
).stations
  .flatMap(({ configs = {} }) => Object.values(configs))
  .filter((config) => parsePartitionStream(String(within(config, 'name'))) !== undefined)
  .slice(0, 8)
  .map((config, index): Record<string, Json> => ({
    config: { ...(config as Record<string, Json>), name: `s${index}$1` },
    created: '2023-11-02T10:00:00.123456789Z',
    state: {
      messages: 3,
      bytes: 120,
      first_seq: 1,
      first_ts: '2023-11-02T10:00:00.123456789Z',
      last_seq: 3,
      last_ts: '2023-11-02T10:00:00.123456789Z',
      consumer_count: 0,
    },
  }));
const consumers = ['a', 'b', 'c'].map((name) => ({
  stream_name: 's0$1',
  name,
  delivered: { consumer_seq: 2, stream_seq: 2 },
  ack_floor: { consumer_seq: 1, stream_seq: 1 },
  num_pending: 1,
}));
const listing = (key: string, items: readonly Json[], total = items.length): Json => ({
  type: `io.nats.jetstream.api.v1.${key}_list_response`,
  total,
  offset: 0,
  limit: 256,
  [key]: items,
});

const listings: readonly (readonly [string, string, string, readonly Json[], () => Promise<unknown[]>])[] = [
  ['streams', '$JS.API.STREAM.LIST', 'streams', streams, () => admin.listStreams()],
  ['consumer groups', '$JS.API.CONSUMER.LIST.*', 'consumers', consumers, () => admin.listConsumers('s0$1')],
];

describe.each(listings)('the listing of %s', (_what, subject, key, items, read) => {
  test('as recorded it has all', async () => {
    await broker.answer(subject, JSON.stringify(listing(key, items)));
    expect(await read()).toEqual(items);
  });

  test('cut off or changed in one place it has as many as it says, or is an error', async () => {
    const right = listing(key, items);
    await fc.assert(
      fc.asyncProperty(fc.oneof(cutAnywhere(right), mutatedJson(right)), async (body) => {
        await broker.answer(subject, body);
        const result = await outcome(read);
        if ('error' in result) return;
        const said = parse(body);
        const named = ((within(said, key) ?? []) as readonly Json[]).filter(
          (item) =>
            key === 'consumers' || parsePartitionStream(String(within(item, 'config', 'name'))) !== undefined,
        );
        expect(result.value).toHaveLength(named.length);
        if (named.length === 0) expect(within(said, 'total')).toBe(0);
      }),
      { numRuns: many(200) },
    );
  });

  test.each([
    ['no items where the total says some', (): Json => listing(key, [], items.length)],
    ['null where the total says some', (): Json => ({ total: items.length, [key]: null })],
    ['no list where the total says some', (): Json => ({ total: items.length })],
  ])('%s is an error that names the request', async (_why, reply) => {
    await broker.answer(subject, JSON.stringify(reply()));
    await expect(read()).rejects.toThrow(`ends after 0 of ${items.length}`);
    await expect(read()).rejects.toThrow('$JS.API.');
  });

  test('an empty listing, of either form, is empty', async () => {
    for (const none of [[], null]) {
      await broker.answer(subject, JSON.stringify({ total: 0, offset: 0, limit: 256, [key]: none }));
      expect(await read()).toEqual([]);
    }
  });
});

/** Answers `STREAM.LIST` as a server with these streams, by pages of `limit`; `before` may change them between pages. */
async function serveStreams(
  served: { names: readonly string[] },
  limit: number,
  before: (page: number) => void = () => undefined,
): Promise<{ readonly offsets: number[] }> {
  const offsets: number[] = [];
  await broker.answer('$JS.API.STREAM.LIST', (request: Msg) => {
    before(offsets.length);
    const { offset } = request.json<{ offset: number }>();
    offsets.push(offset);
    const all = [...served.names].sort();
    const page = all.slice(offset, offset + limit).map((name) => ({
      ...streams[0],
      config: { ...(streams[0]?.config as Record<string, Json>), name },
    }));
    return JSON.stringify({ total: all.length, offset: Math.min(offset, all.length), limit, streams: page });
  });
  return { offsets };
}

describe('pages of a listing', () => {
  const names = Array.from({ length: 600 }, (_, index) => `s${String(index).padStart(3, '0')}$1`);
  const listed = async (): Promise<string[]> =>
    (await admin.listStreams()).map((stream) => stream.config.name);

  test('600 streams come in three pages, which overlap by one', async () => {
    const { offsets } = await serveStreams({ names }, 256);
    expect(await listed()).toEqual(names);
    expect(offsets).toEqual([0, 255, 510]);
  });

  test('a stream that goes between two pages hides no other', async () => {
    const served = { names: names as readonly string[] };
    await serveStreams(served, 256, (page) => {
      if (page === 1) served.names = names.slice(1);
    });
    expect(await listed()).toEqual(names.slice(1));
  });

  test('a stream that comes between two pages is not listed twice, nor is another', async () => {
    const served = { names: names as readonly string[] };
    await serveStreams(served, 256, (page) => {
      if (page === 2) served.names = ['a$1', ...names];
    });
    const found = await listed();
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(names));
  });

  test('when streams come and go all the time it is an error in the end', async () => {
    const served = { names: names as readonly string[] };
    await serveStreams(served, 256, (page) => {
      served.names = page % 2 === 0 ? names : names.slice(1);
    });
    await expect(listed()).rejects.toThrow('changed during each of 20 listings ($JS.API.STREAM.LIST)');
  });

  test('any number of streams, by any size of page, with any streams removed and created between pages', async () => {
    const changes = fc.array(fc.record({ page: fc.nat(4), remove: fc.nat(29), create: fc.nat(9) }), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 2, max: 8 }),
        changes,
        async (total, limit, list) => {
          const first = names.slice(0, total);
          const served = { names: first as readonly string[] };
          const gone = new Set<string>();
          await serveStreams(served, limit, (page) => {
            for (const change of list.filter((each) => each.page === page)) {
              gone.add(first[change.remove] ?? '');
              served.names = [
                ...served.names.filter((name) => !gone.has(name)),
                `n${change.create}-${page}$1`,
              ];
            }
          });
          const found = await listed();
          // What was there all the time is there, once.
          for (const name of first)
            if (!gone.has(name)) expect(found.filter((each) => each === name)).toEqual([name]);
        },
      ),
      { numRuns: many(100) },
    );
  });

  test('a listing is repeated while servers elect a leader, although each incomplete one takes seconds', async () => {
    let listings = 0;
    await broker.answer('$JS.API.STREAM.LIST', ({ reply = '' }: Msg) => {
      const whole = listing('streams', streams) as object;
      listings += 1;
      if (listings > 1) return JSON.stringify(whole);
      // A server waits up to four seconds for the others before it answers without them.
      setTimeout(() => broker.send(reply, JSON.stringify({ ...whole, missing: ['s0$1'] })), 2_700);
      return undefined;
    });
    expect(await listed()).toHaveLength(streams.length);
    expect(listings).toBe(2);
  });

  test('streams without state, because their servers are down, are an error and not empty streams', async () => {
    await broker.answer(
      '$JS.API.STREAM.LIST',
      JSON.stringify({ ...(listing('streams', streams) as object), missing: ['s0$1'] }),
    );
    await expect(listed()).rejects.toBeInstanceOf(TimeoutError);
    await expect(listed()).rejects.toThrow('because the servers of 1 stream did not answer: s0$1');
  });
});

test('a stream reads as missing only when JetStream says so', async () => {
  const right = { ...streams[0], error: { code: 404, err_code: 10_059, description: 'stream not found' } };
  const replies = fc.oneof(cutAnywhere(right), mutatedJson(right), mutatedJson(streams[0] ?? null));
  await fc.assert(
    fc.asyncProperty(replies, async (body) => {
      await broker.answer('$JS.API.STREAM.INFO.*', body);
      const result = await outcome(() => admin.readStream('s0$1'));
      if ('error' in result) return;
      if (result.value === undefined) expect(within(parse(body), 'error', 'err_code')).toBe(10_059);
      else expect(result.value.config.name).toBe('s0$1');
    }),
    { numRuns: many(200) },
  );
});

describe('snapshots of streams', () => {
  const chunk = Buffer.from('a chunk').toString('base64');
  const [stream = null] = streams;
  const replies = {
    snapshot: { type: 'snapshot', config: {}, state: { messages: 3, last_seq: 3 } } as Json,
    stored: { stream: 'copies', seq: 1 } as Json,
    restore: { type: 'restore', deliver_subject: '$JS.SNAPSHOT.RESTORE.s0$1.x' } as Json,
    message: { message: { subject: 'copies', seq: 1, data: chunk, time: 't' } } as Json,
    restored: stream,
  };
  type Name = keyof typeof replies;

  /** Answers all that a snapshot and its restoring ask, with one of the replies changed. */
  async function serve(changed?: Name, body = ''): Promise<void> {
    const text = (name: Name): string => (name === changed ? body : JSON.stringify(replies[name]));
    await broker.answer('$JS.API.STREAM.SNAPSHOT.*', (request) => {
      const to = within(request.json(), 'deliver_subject') as string;
      setTimeout(() => {
        broker.send(to, 'a chunk', 'acknowledged');
        broker.send(to, '');
      }, 1);
      return text('snapshot');
    });
    await broker.answer('copies', () => text('stored'));
    await broker.answer('$JS.API.STREAM.RESTORE.*', () => text('restore'));
    await broker.answer('$JS.API.STREAM.MSG.GET.copies', () => text('message'));
    await broker.answer('$JS.SNAPSHOT.RESTORE.>', ({ data }) => (data.length > 0 ? '' : text('restored')));
  }

  const take = () => admin.takeSnapshot('s0$1', 'copies');
  const config = within(stream, 'config') as StreamConfig;
  const restore = () => admin.restoreSnapshot('copies', 1, config);

  test('as a server answers, a snapshot is taken and restored', async () => {
    await serve();
    expect(await take()).toMatchObject({ state: { messages: 3, last_seq: 3 }, chunks: 1 });
    expect(await restore()).toEqual(stream);
  });

  test.each(['snapshot', 'stored'] as const)(
    'a reply (%s) that is cut off or changed gives what it says, or an error',
    async (name) => {
      const right = replies[name];
      await fc.assert(
        fc.asyncProperty(fc.oneof(cutAnywhere(right), mutatedJson(right)), async (body) => {
          await serve(name, body);
          const result = await outcome(take);
          if ('error' in result) return;
          expect(result.value.chunks).toBe(1);
          if (name === 'stored') expect(within(parse(body), 'seq')).toBe(1);
          else expect(result.value.state.messages).toBe(within(parse(body), 'state', 'messages'));
        }),
        { numRuns: many(60) },
      );
    },
  );

  test.each(['restore', 'message', 'restored'] as const)(
    'a reply (%s) that is cut off or changed restores what it says, or is an error',
    async (name) => {
      const right = replies[name];
      await fc.assert(
        fc.asyncProperty(fc.oneof(cutAnywhere(right), mutatedJson(right)), async (body) => {
          await serve(name, body);
          const result = await outcome(restore);
          if (!('error' in result)) expect(result.value.config.name).toBe('s0$1');
        }),
        { numRuns: many(60) },
      );
    },
  );
});

describe('the ledger', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const record = { owner: 'shop/s/orders', state: 'complete', uid: '7' } as const;
  const subject = '$KV.CDKTF_MEMPHIS.station.orders';
  const reply = (data: string): Json => ({
    type: 'io.nats.jetstream.api.v1.stream_msg_get_response',
    message: { subject, seq: 4, data: base64(data), time: '2023-11-02T10:00:00Z' },
  });
  const ledger = (): KvLedger => new KvLedger(nats, 1, 100);

  test('a record reads as missing only when JetStream says so', async () => {
    const right = reply(JSON.stringify(record));
    const missing = { error: { code: 404, err_code: 10_037, description: 'no message found' } };
    const replies = fc.oneof(
      cutAnywhere(right),
      mutatedJson(right),
      mutatedJson(missing),
      fc.oneof(cutAnywhere(record), mutatedJson(record)).map((text) => JSON.stringify(reply(text))),
    );
    await fc.assert(
      fc.asyncProperty(replies, async (body) => {
        await broker.answer('$JS.API.STREAM.MSG.GET.*', body);
        const result = await outcome(() => ledger().read('station', 'orders'));
        if ('error' in result) return;
        if (result.value === undefined) {
          expect([10_037, 10_059]).toContain(within(parse(body), 'error', 'err_code'));
        } else expect(typeof result.value.owner).toBe('string');
      }),
      { numRuns: many(250) },
    );
  });

  test('the identity of the broker is an id, missing, or an error', async () => {
    const id = '6f1c1f5e-5a3e-4b5e-9d38-3c1d2b8c0c11';
    const right = { message: { subject: '$KV.CDKTF_MEMPHIS.broker', seq: 1, data: base64(id), time: 't' } };
    await fc.assert(
      fc.asyncProperty(fc.oneof(cutAnywhere(right), mutatedJson(right)), async (body) => {
        await broker.answer('$JS.API.STREAM.MSG.GET.*', body);
        const result = await outcome(() => ledger().brokerId());
        if (!('error' in result)) expect(result.value).toBe(id);
      }),
      { numRuns: many(100) },
    );
  });

  const created = {
    type: 'io.nats.jetstream.api.v1.consumer_create_response',
    name: 'x',
    delivered: { consumer_seq: 0, stream_seq: 0 },
    num_pending: 3,
  };

  /** Answers a listing with this reply, and sends these of its three records. */
  async function serveRecords(text: string, deliveries: readonly number[]): Promise<void> {
    await broker.answer('$JS.API.CONSUMER.CREATE.*', (request) => {
      const inbox = within(request.json(), 'config', 'deliver_subject') as string;
      for (const place of deliveries) {
        const sequence = place + 1;
        broker.nats.publish(inbox, JSON.stringify(record), {
          reply: `any.ack.KV_CDKTF_MEMPHIS.x.1.${sequence}.${sequence}.1700000000000000000.${2 - place}`,
        });
      }
      return text;
    });
  }

  test.each([
    ['stops half-way', [0, 1], TimeoutError, 'stopped after 2 records'],
    ['never begins', [], TimeoutError, 'stopped after 0 records'],
    ['loses a record', [0, 2], ProtocolError, 'record 2 of the listing did not come'],
  ] as const)('a listing that %s is an error', async (_why, deliveries, type, text) => {
    await serveRecords(JSON.stringify(created), deliveries);
    const listed = ledger().list('station');
    await expect(listed).rejects.toBeInstanceOf(type);
    await expect(listed).rejects.toThrow(text);
  });

  test('a reply that is cut off or changed ends in an error unless it says that there are no records', async () => {
    const replies = fc.oneof(cutAnywhere(created), mutatedJson(created));
    await fc.assert(
      fc.asyncProperty(replies, async (body) => {
        await serveRecords(body, []);
        const result = await outcome(() => new KvLedger(nats, 1, 5).list('station'));
        if ('error' in result) return;
        expect(result.value.size).toBe(0);
        const said = parse(body);
        const isMissing = within(said, 'error', 'err_code') === 10_059;
        if (!isMissing) expect(within(said, 'num_pending')).toBe(0);
      }),
      { numRuns: many(100) },
    );
  });
});
