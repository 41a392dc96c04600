import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { partitionStream, partitionSubject } from '../../src/model/names';
import { Deployment } from '../support/deployment';

const deployment = Deployment.forThisFile();

const names = ['one', 'two', 'three', 'four'];
const PARTITIONS = 2;

/** Publishes to every partition of every station as fast as the broker acknowledges, until it is stopped. */
class Publishers {
  readonly acknowledged = new Map<string, number>();
  readonly errors = new Map<string, string>();
  private stopping = false;
  private loops: Promise<void>[] = [];

  constructor(private readonly nats: NatsConnection) {}

  start(stations: readonly string[]): void {
    for (const station of stations) {
      for (let partition = 1; partition <= PARTITIONS; partition += 1) {
        for (let count = 0; count < 4; count += 1) this.loops.push(this.loop(station, partition));
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.loops);
  }

  private async loop(station: string, partition: number): Promise<void> {
    const subject = partitionSubject(partitionStream(station, partition));
    while (!this.stopping) {
      try {
        await this.nats.jetstream().publish(subject, 'message', { timeout: 500 });
        this.acknowledged.set(station, (this.acknowledged.get(station) ?? 0) + 1);
      } catch (error) {
        this.errors.set(station, (error as Error).message);
        await pause(20);
      }
    }
  }
}

async function deployed(): Promise<ReturnType<typeof deployment.stack>> {
  const stack = deployment.stack();
  const stations = names.map((name) => [name, { name, partitions_number: PARTITIONS }] as const);
  stack.declare({ stations: Object.fromEntries(stations) });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  return stack;
}

async function nothingVanished(publishers: Publishers): Promise<Record<string, number>> {
  const left: Record<string, number> = {};
  for (const name of names) {
    left[name] = await deployment.messages(name);
    const acknowledged = publishers.acknowledged.get(name) ?? 0;
    // A publisher whose acknowledgement came too late may have stored a message more.
    if (left[name] === -1) expect([name, acknowledged]).toEqual([name, 0]);
    else expect(left[name]).toBeGreaterThanOrEqual(acknowledged);
  }
  return left;
}

async function cleared(): Promise<void> {
  for (const name of names) await deployment.admin.removeStation(name);
}

test('publishers at work before a destroy: it is refused, and they never notice it', async () => {
  const stack = await deployed();
  const publishers = new Publishers(await deployment.nats());
  publishers.start(names);
  const run = await stack.destroy();
  await publishers.stop();
  expect(run.code).toBe(1);
  expect(run.errors).toHaveLength(names.length);
  for (const error of run.errors) expect(error).toContain('MEMPHIS_MESSAGE_LOSS');
  expect(Object.fromEntries(publishers.errors)).toEqual({});
  const left = await nothingVanished(publishers);
  for (const name of names) expect(left[name]).toBeGreaterThan(0);
  await cleared();
});

test('publishers that start while stations are frozen, counted and removed: refused, or the station stays', async () => {
  const stack = await deployed();
  const nats = await deployment.nats();
  const publishers = new Publishers(nats);
  // With the first request that closes a partition, and so in the middle of what happens to the other stations.
  let hasStarted = false;
  nats.subscribe('$JS.API.STREAM.UPDATE.>', {
    callback: () => {
      if (!hasStarted) publishers.start(names);
      hasStarted = true;
    },
  });
  await nats.flush();
  await stack.destroy();
  await publishers.stop();
  expect(hasStarted).toBe(true);
  const left = await nothingVanished(publishers);
  for (const name of names) {
    if (left[name] === -1) expect(publishers.errors.get(name)).toBeDefined();
  }
  // What was refused takes messages again.
  const again = new Publishers(nats);
  again.start(names.filter((name) => left[name] !== -1));
  await pause(100);
  await again.stop();
  for (const name of names) if (left[name] !== -1) expect(again.acknowledged.get(name)).toBeGreaterThan(0);
  await cleared();
});

test('publishers that start when a station was found empty and is about to go get an error', async () => {
  const stack = deployment.stack();
  stack.declare({ stations: { one: { name: 'one', partitions_number: PARTITIONS } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const publishers = new Publishers(await deployment.nats());
  deployment.proxy.before('/stations/removeStation', async () => {
    publishers.start(['one']);
    await pause(50);
  });
  expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
  await publishers.stop();
  expect([...publishers.errors.keys()]).toEqual(['one']);
  expect(publishers.acknowledged.size).toBe(0);
  expect(await deployment.messages('one')).toBe(-1);
});
