import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAdmin } from '../../src/runtime/admin';
import { resolveConnection } from '../../src/model/connection';
import { LocalBroker } from '../../src/runtime/broker';
import { observe, isIntact } from '../../src/runtime/reconcile';
import { Deployment } from '../support/deployment';
import { childrenOf } from '../support/processes';
import { publish } from '../support/publish';
import type { Stack } from '../support/stack';

const deployment = Deployment.forThisFile();

/** Runs an apply in which the broker did what it was asked for, and whoever had asked is killed before it hears of it. */
async function killedAfter(stack: Stack, path: string, victim: 'provider' | 'terraform'): Promise<string> {
  const done = deployment.proxy.keepAnswerOf(path);
  const terraform = stack.terraform.start(['apply', '-auto-approve', '-input=false', '-no-color']);
  let output = '';
  terraform.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  terraform.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(terraform, 'close');
  await done;
  const providers = childrenOf(terraform.pid ?? 0);
  if (victim === 'terraform') terraform.kill('SIGKILL');
  for (const pid of providers) process.kill(pid, 'SIGKILL');
  await ended;
  return output;
}

describe('a run that is killed between the broker’s answer and Terraform’s record', () => {
  const owned = (name: string) => ({ name, owner: `shop/s/${name}` });

  it.each<['provider' | 'terraform', string]>([
    ['provider', 'a crash of ours'],
    ['terraform', 'a pipeline that is cancelled for good'],
  ])('is resumed by the next one: %s killed (%s)', async (victim) => {
    const name = `killed-${victim}`;
    const stack = await deployment.stackToKill();
    stack.declare({ stations: { s: { ...owned(name), partitions_number: 3 } } });
    await killedAfter(stack, '/stations/createStation', victim);
    expect(await deployment.messages(name)).toBe(0);
    expect(await stack.terraform.show()).toEqual({});
    expect(await deployment.admin.ledger.read('station', name)).toEqual({
      owner: owned(name).owner,
      state: 'pending',
      request: { by: 'root', settings: expect.any(String) as string },
      storedAt: expect.any(String) as string,
    });
    await publish(deployment.broker, name, 3, 3);

    // Somebody else's declaration of the same name does not get it.
    const other = deployment.stack();
    other.declare({
      stations: { s: { name, owner: 'other/s/x', partitions_number: 3, adopt_existing: true } },
    });
    const refused = await other.apply();
    expect(refused.code).toBe(1);
    expect(refused.errors.join()).toContain(`belongs to ${owned(name).owner}`);

    // The values declared by now count.
    stack.declare({ stations: { s: { ...owned(name), partitions_number: 3, retention_value: 9999 } } });
    const run = await stack.plan();
    expect(run).toMatchObject({ code: 2, errors: [] });
    expect(run.warnings.join()).toContain('exists and is resumed');
    expect(run.warnings.join()).toContain('retentionValue: 3600 -> 9999');
    expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages(name)).toBe(3);
    expect((await stack.plan()).code).toBe(0);
  });

  it('goes on with a schema and with an enforcement too', async () => {
    const stack = await deployment.stackToKill();
    stack.declare({
      stations: { s: owned('half') },
      schemas: { c: { ...owned('half'), type: 'json', content: '{"type":"object"}' } },
      enforcements: {
        e: {
          station_name: '${memphis_station.s.name}',
          station_uid: '${memphis_station.s.uid}',
          schema_name: '${memphis_schema.c.name}',
          schema_uid: '${memphis_schema.c.uid}',
        },
      },
    });
    await killedAfter(stack, '/schemas/createNewSchema', 'provider');
    await killedAfter(stack, '/stations/useSchema', 'terraform');
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.plan()).code).toBe(0);
    expect((await deployment.admin.readSchema('half'))?.versions).toHaveLength(1);
  });

  it('destroys again what was half destroyed: the station is gone, or takes messages', async () => {
    const stack = await deployment.stackToKill();
    stack.declare({ stations: { s: { ...owned('going'), partitions_number: 3 } } });
    expect((await stack.apply()).code).toBe(0);
    stack.declare({});
    await killedAfter(stack, '/stations/removeStation', 'terraform');
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(await deployment.messages('going')).toBe(-1);
  });

  it('puts the schema and the dead-letter references back after a replacement that died in the middle', async () => {
    const stack = await deployment.stackToKill();
    const declare = (partitions: number, isReleased: boolean): void =>
      stack.declare({
        stations: {
          s: { ...owned('middle'), partitions_number: partitions },
          source: { ...owned('middle-source'), dls_station: '${memphis_station.s.name}' },
          released: {
            ...owned('middle-released'),
            ...(isReleased ? {} : { dls_station: '${memphis_station.s.name}' }),
            depends_on: ['memphis_station.s'],
          },
        },
        schemas: { c: { ...owned('middle'), type: 'json', content: '{"type":"object"}' } },
        enforcements: {
          e: {
            station_name: '${memphis_station.s.name}',
            station_uid: '${memphis_station.s.uid}',
            schema_name: '${memphis_schema.c.name}',
            schema_uid: '${memphis_schema.c.uid}',
          },
        },
      });
    declare(1, false);
    expect((await stack.apply()).code).toBe(0);
    declare(2, true);
    await killedAfter(stack, '/stations/removeStation', 'terraform');
    expect(await deployment.messages('middle')).toBe(-1);
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    const rows = await deployment.admin.listStations();
    expect(rows.find(({ name }) => name === 'middle')).toMatchObject({
      partitions: [1, 2],
      schemaName: 'middle',
    });
    expect(rows.find(({ name }) => name === 'middle-source')?.dlsStation).toBe('middle');
    expect(rows.find(({ name }) => name === 'middle-released')?.dlsStation).toBe('');
    expect(await deployment.admin.ledger.list('replacement')).toEqual(new Map());
    expect((await stack.plan()).code).toBe(0);
  });
});

test('a broker that is killed in the middle of an apply: the next apply converges, and no station lacks a partition', async () => {
  const store = mkdtempSync(join(tmpdir(), 'cdktf-memphis-store-'));
  const first = await LocalBroker.start({ store, log: () => undefined });
  const stack = deployment.stack(first.environment());
  const names = Array.from({ length: 20 }, (_, index) => `station-${index}`);
  stack.declare({
    stations: Object.fromEntries(
      names.map((name) => [name, { name, owner: `shop/s/${name}`, partitions_number: 3, tags: ['x'] }]),
    ),
  });
  const admin = await connectAdmin(resolveConnection({}, first.environment()));
  const running = stack.apply();
  while ((await admin.listStations()).length < 8) await pause(5);
  await Promise.all([first.kill(), admin.close()]);
  const broken = await running;
  expect(broken.code).toBe(1);
  for (const error of broken.errors) {
    expect(error).toMatch(
      /MEMPHIS_(CONNECTION|TIMEOUT|REFUSED)|still unreachable; the longer error of this run says why/,
    );
  }

  const second = await LocalBroker.start({ store, port: first.port, restPort: first.restPort });
  try {
    const again = await connectAdmin(resolveConnection({}, second.environment()));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await stack.plan()).code).toBe(0);
    const { stations } = await observe(again);
    for (const name of names) {
      const live = stations.get(name);
      expect([name, live?.streams.length, live !== undefined && isIntact(live)]).toEqual([name, 3, true]);
    }
    await again.close();
  } finally {
    await second.stop();
    rmSync(store, { recursive: true, force: true });
  }
});
