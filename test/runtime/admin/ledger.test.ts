import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { ConnectionOptions, NatsConnection } from 'nats';
import { connect } from 'nats';
import { AlreadyExistsError, BrokerRefusedError, MemphisError } from '../../../src/model/errors';
import { nameProblem } from '../../../src/model/names';
import type { LedgerRecord } from '../../../src/runtime/admin';
import { LedgerConflictError } from '../../../src/runtime/admin';
import { KvLedger } from '../../../src/runtime/admin/ledger';
import { LocalBroker } from '../../../src/runtime/broker';
import { many } from '../../support/random';
import { BareServer } from '../messaging/bare-server';

let broker: LocalBroker;
let nats: NatsConnection;
let requests: string[] = [];

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  nats = await connection({ servers: `${broker.host}:${broker.port}`, user: 'root', pass: 'memphis' });
});

afterAll(async () => {
  await nats.close();
  await broker.stop();
});

beforeEach(async () => {
  // A server that deletes a stream and makes it again at once may find old messages in it, so it is emptied first.
  await nats.request('$JS.API.STREAM.PURGE.KV_CDKTF_MEMPHIS');
  await nats.request('$JS.API.STREAM.DELETE.KV_CDKTF_MEMPHIS');
  requests = [];
});

/** A connection that notes the subjects of its requests. */
async function connection(options: ConnectionOptions): Promise<NatsConnection> {
  const made = await connect({ ...options, name: `${randomUUID()}::root` });
  const request = made.request.bind(made);
  made.request = async (subject, ...rest) => {
    requests.push(subject);
    return request(subject, ...rest);
  };
  return made;
}

/** Another run has a ledger of its own. */
const ledgerOfARun = (): KvLedger => new KvLedger(nats, 1);

const pending = (owner: string): LedgerRecord => ({ owner, state: 'pending' });
const complete = (owner: string, uid = '1'): LedgerRecord => ({ owner, state: 'complete', uid });

test('a broker without a ledger has no records, and reading creates none', async () => {
  const ledger = ledgerOfARun();
  expect(await ledger.brokerId()).toBeUndefined();
  expect(await ledger.read('station', 'orders')).toBeUndefined();
  expect([...(await ledger.list('station'))]).toEqual([]);
  await ledger.remove('station', 'orders');
  const info = (await nats.request('$JS.API.STREAM.INFO.KV_CDKTF_MEMPHIS')).json<{ error?: object }>();
  expect(info.error).toMatchObject({ err_code: 10_059 });
});

test('records are read back, listed by kind, and removed', async () => {
  const ledger = ledgerOfARun();
  const attachments = { tags: ['a'], deadLetterSources: ['b.c'] };
  await ledger.write('station', 'Orders', complete('shop/s/orders'));
  await ledger.write('station', 'orders.eu', pending('shop/s/eu'));
  await ledger.write('schema', 'orders', complete('shop/s/schema', '7'));
  await ledger.write('replacement', 'orders', { ...pending('shop/s/orders'), attachments });
  for (const each of [ledger, ledgerOfARun()]) {
    expect(await each.read('station', 'orders')).toEqual(complete('shop/s/orders'));
    expect(await each.read('replacement', 'orders')).toEqual({ ...pending('shop/s/orders'), attachments });
    expect(await each.list('station')).toEqual(
      new Map([
        ['orders', complete('shop/s/orders')],
        ['orders.eu', pending('shop/s/eu')],
      ]),
    );
  }
  await ledger.remove('station', 'orders');
  for (const each of [ledger, ledgerOfARun()]) {
    expect(await each.read('station', 'orders')).toBeUndefined();
    expect([...(await each.list('station')).keys()]).toEqual(['orders.eu']);
  }
  await ledger.write('station', 'orders', complete('other/s/orders', '2'));
  expect(await ledgerOfARun().read('station', 'orders')).toEqual(complete('other/s/orders', '2'));
});

test('a listing has every one of 3,000 records', async () => {
  const ledger = ledgerOfARun();
  const names = Array.from({ length: 3_000 }, (_, index) => `station-${index}`);
  await ledger.write('enforcement', 'first', complete('o'));
  await Promise.all(names.map((name) => ledger.write('enforcement', name, complete(`o/${name}`))));
  const listed = await ledgerOfARun().list('enforcement');
  expect(listed.size).toBe(names.length + 1);
  for (const name of names) expect(listed.get(name)?.owner).toBe(`o/${name}`);
});

test('each call makes one request; the first write to a broker creates the bucket', async () => {
  const ledger = ledgerOfARun();
  const made = async (call: () => Promise<unknown>): Promise<number> => {
    const before = requests.length;
    await call();
    return requests.length - before;
  };
  expect(await made(() => ledger.ensureBrokerId())).toBe(4);
  expect(await made(() => ledger.ensureBrokerId())).toBe(1);
  expect(await made(() => ledger.brokerId())).toBe(1);
  expect(await made(() => ledger.write('station', 'a', pending('o')))).toBe(1);
  expect(await made(() => ledger.write('station', 'a', complete('o')))).toBe(1);
  expect(await made(() => ledger.read('station', 'a'))).toBe(1);
  expect(await made(() => ledger.list('station'))).toBe(1);
  expect(await made(() => ledger.remove('station', 'a'))).toBe(1);
  expect(await made(() => ledger.remove('station', 'a'))).toBe(0);
  expect(await made(() => ledgerOfARun().remove('station', 'unread'))).toBe(1);
  expect(await made(() => ledgerOfARun().remove('station', 'unread', 'o'))).toBe(1);
});

describe('two runs at once', () => {
  test('a claim that was decided before another run recorded the object does not replace its record', async () => {
    const [ours, theirs] = [ledgerOfARun(), ledgerOfARun()];
    expect(await theirs.read('station', 'orders')).toBeUndefined();
    await ours.write('station', 'orders', pending('ours'));
    await ours.write('station', 'orders', complete('ours'));
    const refused = theirs.write('station', 'orders', pending('theirs'));
    await expect(refused).rejects.toBeInstanceOf(LedgerConflictError);
    await expect(refused).rejects.toThrow(
      'could not create station "orders": another run has recorded it for ours since this one read the record. Run again.',
    );
    await expect(refused).rejects.toBeInstanceOf(AlreadyExistsError);
    expect(await ours.read('station', 'orders')).toEqual(complete('ours'));
  });

  test('a claim that is taken back does not take the record of the run that made the object', async () => {
    const [ours, theirs] = [ledgerOfARun(), ledgerOfARun()];
    await ours.write('station', 'orders', pending('ours'));
    await theirs.write('station', 'orders', pending('theirs'));
    await ours.write('station', 'orders', complete('ours'));
    await theirs.remove('station', 'orders');
    expect(await ledgerOfARun().read('station', 'orders')).toEqual(complete('ours'));
  });

  test('the record of a made object replaces the claim of a run that did not make it, and no complete one', async () => {
    const [ours, theirs, third] = [ledgerOfARun(), ledgerOfARun(), ledgerOfARun()];
    await ours.write('station', 'orders', pending('ours'));
    await theirs.write('station', 'orders', pending('theirs'));
    await ours.write('station', 'orders', complete('ours'));
    expect(await third.read('station', 'orders')).toEqual(complete('ours'));
    await expect(theirs.write('station', 'orders', complete('theirs'))).rejects.toThrow(
      'could not record the owner of station "orders": another run has recorded it for ours',
    );
    expect(await third.read('station', 'orders')).toEqual(complete('ours'));
  });

  test('a removal leaves the record of an object of that name that another run made since', async () => {
    const [ours, theirs] = [ledgerOfARun(), ledgerOfARun()];
    await ours.write('station', 'orders', complete('ours', '1'));
    await theirs.read('station', 'orders');
    await theirs.write('station', 'orders', complete('theirs', '2'));
    await ours.remove('station', 'orders');
    expect(await ledgerOfARun().read('station', 'orders')).toEqual(complete('theirs', '2'));
  });

  test("a removal in an owner's name leaves the record of any other, read before or not", async () => {
    await ledgerOfARun().write('station', 'orders', complete('theirs'));
    const [ignorant, informed] = [ledgerOfARun(), ledgerOfARun()];
    await informed.read('station', 'orders');
    for (const ledger of [ignorant, informed]) await ledger.remove('station', 'orders', 'ours');
    expect(await ledgerOfARun().read('station', 'orders')).toEqual(complete('theirs'));
    await ignorant.remove('station', 'orders', 'theirs');
    expect(await ledgerOfARun().read('station', 'orders')).toBeUndefined();
  });

  test('one identity comes of runs that give the broker one at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => ledgerOfARun().ensureBrokerId()));
    expect(new Set(ids).size).toBe(1);
    expect(await ledgerOfARun().brokerId()).toBe(ids[0]);
  });

  /** A run that makes an object as the engine does, step by step; `maker` is whose request the broker carried out. */
  async function* creation(owner: string, name: string, broker: { maker?: string }): AsyncGenerator<void> {
    const ledger = ledgerOfARun();
    if ((await ledger.read('station', name)) !== undefined) return;
    yield;
    if (broker.maker !== undefined) return;
    yield;
    try {
      await ledger.write('station', name, pending(owner));
    } catch (error) {
      if (error instanceof LedgerConflictError) return;
      throw error;
    }
    yield;
    const { maker } = broker as { maker: string | undefined };
    const isRefused = maker !== undefined;
    broker.maker ??= owner;
    yield;
    if (isRefused) await ledger.remove('station', name, owner);
    else await ledger.write('station', name, complete(owner));
  }

  test('in whatever order three runs make an object, the one that made it is recorded', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 3, maxLength: 15 }), async (order) => {
        const name = `random-${(count += 1)}`;
        const made: { maker?: string } = {};
        const runs = [0, 1, 2].map((index) => creation(`run-${index}`, name, made));
        for (const index of [...order, ...Array<number[]>(5).fill([0, 1, 2]).flat()])
          await runs[index]?.next();
        const record = await ledgerOfARun().read('station', name);
        expect(record).toEqual(complete(made.maker ?? ''));
      }),
      { numRuns: many(60) },
    );
  });
});

describe('names', () => {
  test('old records of ordinary names keep their keys', async () => {
    const kv = await nats.jetstream().views.kv('CDKTF_MEMPHIS', { history: 1, replicas: 1 });
    await kv.put('station.a.b-c_d', JSON.stringify(complete('old')));
    await kv.put('station.gone', JSON.stringify(complete('old')));
    await kv.purge('station.gone');
    await kv.put('station.deleted', JSON.stringify(complete('old')));
    await kv.delete('station.deleted');
    await kv.put('broker', '6f1c1f5e-5a3e-4b5e-9d38-3c1d2b8c0c11');
    const ledger = ledgerOfARun();
    expect(await ledger.read('station', 'a.b-c_d')).toEqual(complete('old'));
    expect(await ledger.read('station', 'gone')).toBeUndefined();
    expect(await ledger.read('station', 'deleted')).toBeUndefined();
    expect([...(await ledger.list('station')).keys()]).toEqual(['a.b-c_d']);
    expect(await ledger.ensureBrokerId()).toBe('6f1c1f5e-5a3e-4b5e-9d38-3c1d2b8c0c11');
    await ledger.write('station', 'gone', complete('new'));
    expect(await ledgerOfARun().read('station', 'gone')).toEqual(complete('new'));
  });

  test.each(['a..b', 'a...b', 'a.-.b', '1.2..3', 'a'.repeat(128)])(
    '%s has a record of its own',
    async (name) => {
      const ledger = ledgerOfARun();
      await ledger.write('station', 'a.b', complete('another'));
      await ledger.write('station', name, complete('o'));
      expect(await ledgerOfARun().read('station', name)).toEqual(complete('o'));
      expect((await ledgerOfARun().list('station')).get(name)).toEqual(complete('o'));
      await ledger.remove('station', name);
      expect([...(await ledgerOfARun().list('station')).keys()]).toEqual(['a.b']);
    },
  );

  test('any two names have two records, valid ones and those of foreign objects', async () => {
    const letters = fc.constantFrom('a', 'b', '.', '.', '-', '_', '=', '*', '>', ' ', '/', 'ü', '%', '0');
    const names = fc.array(fc.string({ unit: letters, minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(names, async (list) => {
        const ledger = ledgerOfARun();
        const unique = [...new Set(list)];
        for (const name of unique) await ledger.write('schema', name, complete(`o/${name}`));
        const expected = unique.map((name): [string, string] => [name, `o/${name}`]).sort();
        const listed = [...(await ledgerOfARun().list('schema'))];
        expect(listed.map(([name, { owner }]): [string, string] => [name, owner]).sort()).toEqual(expected);
        for (const name of unique) await ledger.remove('schema', name);
        expect((await ledgerOfARun().list('schema')).size).toBe(0);
      }),
      { numRuns: many(20) },
    );
    expect(nameProblem('Station', 'a..b')).toBeUndefined();
  });
});

test('the advice about permissions stands where they are the cause, and only there', async () => {
  const server = await BareServer.start(`
    jetstream { store_dir: "$FOLDER/js", max_file_store: 1048576 }
    authorization { users: [
      { user: "few", password: "p", permissions: { publish: { deny: ["$KV.>"] } } }
      { user: "blind", password: "p", permissions: { publish: { deny: ["$JS.API.>"] } } }
      { user: "all", password: "p" }
    ] }`);
  const connections: NatsConnection[] = [];
  const of = async (user: string): Promise<KvLedger> => {
    const made = await connection({ servers: `127.0.0.1:${server.port}`, user, pass: 'p' });
    connections.push(made);
    return new KvLedger(made, 3);
  };
  try {
    const advice = 'Allow the user to create and write it, or deploy as root';
    const forbidden = (await of('few')).write('station', 'a', pending('o'));
    await expect(forbidden).rejects.toBeInstanceOf(BrokerRefusedError);
    await expect(forbidden).rejects.toThrow(advice);
    await expect((await of('blind')).read('station', 'a')).rejects.toThrow(advice);

    // Three replicas on one server are refused for another reason.
    const refused: unknown = await (
      await of('all')
    )
      .write('station', 'a', pending('o'))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MemphisError);
    expect((refused as MemphisError).message).toContain(
      'replicas > 1 not supported in non-clustered mode (10074)',
    );
    expect((refused as MemphisError).message).not.toMatch(/user|root/);
  } finally {
    await Promise.all(connections.map((each) => each.close()));
    await server.kill();
  }
});
