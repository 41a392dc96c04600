import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConnection } from '../../src/model/connection';
import type { Admin } from '../../src/runtime/admin';
import { connectAdmin } from '../../src/runtime/admin';
import { LocalBroker } from '../../src/runtime/broker';
import { isIntact, observe } from '../../src/runtime/reconcile';
import { childrenOf, killed } from '../support/processes';
import { many, seed } from '../support/random';
import { RestProxy } from '../support/rest-proxy';
import type { Attributes, Declared } from '../support/stack';
import { Stack } from '../support/stack';

/**
 * Applies of random stacks in which the provider, Terraform or the broker is killed at a random change. The next apply
 * converges, its plan is empty, and the broker has what is declared and nothing else, in the ledger, too.
 */
const KILLS_PER_STACK = 3;

type Random = () => number;

/** The same numbers for the same seed. */
function randomOf(start: number): Random {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const upTo = (random: Random, limit: number): number => Math.floor(random() * limit);
const oneOf = <T>(random: Random, values: readonly T[]): T => values[upTo(random, values.length)] as T;

/** Declarations by the name of the resource, and which records the ledger has for them. */
interface Wanted {
  readonly declared: Declared;
  readonly records: readonly string[];
}

function wantedBy(random: Random): Wanted {
  const stations: Record<string, Attributes> = {};
  const schemas: Record<string, Attributes> = {};
  const enforcements: Record<string, Attributes> = {};
  const records: string[] = [];
  for (const name of ['c0', 'c1']) {
    if (random() < 0.3) continue;
    const content = JSON.stringify({ type: 'object', required: [oneOf(random, ['a', 'b'])] });
    schemas[name] = { name, type: 'json', content, owner: `shop/s/${name}` };
    records.push(`schema ${name}`);
  }
  for (const name of ['s0', 's1', 's.2', 's3']) {
    if (random() < 0.25) continue;
    const key = name.replace('.', '_');
    stations[key] = {
      name,
      owner: `shop/s/${key}`,
      partitions_number: 1 + upTo(random, 3),
      retention_value: oneOf(random, [3600, 7200]),
      send_poison_msg_to_dls: random() < 0.5,
      ...(random() < 0.5 ? { tags: [oneOf(random, ['x', 'y'])] } : {}),
    };
    records.push(`station ${name}`);
    const schema = oneOf(random, ['', ...Object.keys(schemas)]);
    if (schema === '') continue;
    enforcements[key] = {
      owner: `shop/s/${key}-enforcement`,
      station_name: `\${memphis_station.${key}.name}`,
      station_uid: `\${memphis_station.${key}.uid}`,
      schema_name: `\${memphis_schema.${schema}.name}`,
      schema_uid: `\${memphis_schema.${schema}.uid}`,
    };
    records.push(`enforcement ${name}`);
  }
  return { declared: { stations, schemas, enforcements }, records: records.sort() };
}

const victims = ['provider', 'terraform', 'both', 'broker'] as const;

class Rig {
  private constructor(
    private readonly store: string,
    private broker: LocalBroker,
    readonly proxy: RestProxy,
    readonly stack: Stack,
  ) {}

  static async start(template: Stack): Promise<Rig> {
    const store = mkdtempSync(join(tmpdir(), 'cdktf-memphis-kills-'));
    const broker = await LocalBroker.start({ store, log: () => undefined });
    const proxy = await RestProxy.start(broker.restUrl);
    const stack = template.copy({ ...broker.environment(), MEMPHIS_REST_URL: proxy.url });
    return new Rig(store, broker, proxy, stack);
  }

  /** An apply in which somebody is killed; it may end before that. */
  async applyAndKill(random: Random): Promise<string> {
    const victim = oneOf(random, victims);
    let left = upTo(random, 24);
    const pause = oneOf(random, [0, 0, 2, 10]);
    const terraform = this.stack.terraform.start(['apply', '-auto-approve', '-input=false', '-no-color']);
    terraform.stdout?.resume();
    terraform.stderr?.resume();
    const ended = once(terraform, 'close');
    let dying: Promise<void> | undefined;
    const kill = (): Promise<void> => {
      const providers = childrenOf(terraform.pid ?? 0);
      if (victim === 'broker') return this.broker.kill();
      if (victim !== 'provider') terraform.kill('SIGKILL');
      if (victim !== 'terraform') killed(providers);
      return Promise.resolve();
    };
    this.proxy.onChange = () => {
      left -= 1;
      if (left < 0) dying ??= new Promise((resolve) => setTimeout(resolve, pause)).then(kill);
    };
    await ended;
    this.proxy.onChange = undefined;
    await dying;
    if (victim === 'broker' && dying !== undefined) await this.restart();
    return `${victim} ${dying === undefined ? 'survived' : 'killed'}`;
  }

  private async restart(): Promise<void> {
    const { port, restPort } = this.broker;
    this.broker = await LocalBroker.start({ store: this.store, port, restPort, log: () => undefined });
  }

  /** What the broker has, and what is recorded on it. */
  async found(): Promise<{ objects: string[]; records: string[]; damaged: string[] }> {
    const admin = await connectAdmin(resolveConnection({}, this.broker.environment()));
    try {
      const { stations, schemas, orphans } = await observe(admin);
      const present = [...stations.values()].filter(({ row }) => row.name !== 'default');
      return {
        objects: [
          ...present.map(({ row }) => `station ${row.name}`),
          ...present.flatMap(({ row }) => (row.schemaName === '' ? [] : [`enforcement ${row.name}`])),
          ...[...schemas.keys()].filter((name) => /^c\d$/.test(name)).map((name) => `schema ${name}`),
        ].sort(),
        records: await recordsOn(admin),
        damaged: [
          ...present.filter((station) => !isIntact(station)).map(({ row }) => row.name),
          ...orphans.map(({ config }) => config.name),
        ],
      };
    } finally {
      await admin.close();
    }
  }

  async stop(): Promise<void> {
    this.stack.remove();
    await this.proxy.stop();
    await this.broker.stop();
    rmSync(this.store, { recursive: true, force: true });
  }
}

async function recordsOn({ ledger }: Admin): Promise<string[]> {
  const kinds = ['station', 'schema', 'enforcement', 'replacement'] as const;
  const lists = await Promise.all(kinds.map((kind) => ledger.list(kind)));
  const texts = lists.map((list, index) =>
    [...list].map(
      ([name, { state }]) => `${kinds[index] ?? ''} ${name}${state === 'pending' ? ' pending' : ''}`,
    ),
  );
  return texts.flat().sort();
}

let template: Stack;

beforeAll(async () => {
  template = await Stack.create({});
});

afterAll(() => template.remove());

// A long run has at least 300 kills.
const stacks = process.env.TIMES === undefined ? many(3) : Math.max(75, many(3));

test.each(Array.from({ length: stacks }, (_, index) => seed + index))(
  'stack %d converges after each kill, and leaves nothing behind',
  async (number) => {
    const random = randomOf(number);
    const rig = await Rig.start(template);
    const happened: string[] = [];
    try {
      for (let kills = 0; kills < KILLS_PER_STACK; kills += 1) {
        const { declared, records } = wantedBy(random);
        rig.stack.declare(declared);
        happened.push(await rig.applyAndKill(random));
        const applied = await rig.stack.apply();
        expect([happened, applied.code, applied.errors]).toEqual([happened, 0, []]);
        const planned = await rig.stack.plan();
        expect([happened, planned.code, planned.errors]).toEqual([happened, 0, []]);
        expect([happened, await rig.found()]).toEqual([happened, { objects: records, records, damaged: [] }]);
      }
      rig.stack.declare({});
      happened.push(await rig.applyAndKill(random));
      const destroyed = await rig.stack.apply();
      expect([happened, destroyed.code, destroyed.errors]).toEqual([happened, 0, []]);
      expect([happened, await rig.found()]).toEqual([happened, { objects: [], records: [], damaged: [] }]);
    } finally {
      await rig.stop();
    }
  },
);
