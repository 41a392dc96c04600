import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { resolveConnection } from '../../src/model/connection';
import type { Admin } from '../../src/runtime/admin';
import { connectAdmin } from '../../src/runtime/admin';
import { LocalBroker } from '../../src/runtime/broker';
import { isIntact, observe } from '../../src/runtime/reconcile';
import { childrenOf, killed } from './processes';
import type { Random } from './random-stack';
import { oneOf, upTo, userPassword } from './random-stack';
import { RestProxy } from './rest-proxy';
import type { Stack } from './stack';
import { StateServer } from './state-server';

export const victims = ['provider', 'terraform', 'both', 'broker'] as const;
export type Victim = (typeof victims)[number];

/** A kill: who, and when; or that the command had ended before. */
export interface Kill {
  readonly victim: Victim;
  readonly when: string;
  readonly hasHappened: boolean;
  /** True when Terraform was killed while it wrote its state file, which is empty then; its own backup was put back. */
  readonly tornState: boolean;
}

/** What is on a broker, and what is recorded on it. */
export interface Found {
  readonly objects: readonly string[];
  readonly records: readonly string[];
  /** Stations with a missing or frozen partition, and streams of partitions that belong to no station. */
  readonly damaged: readonly string[];
}

/** A broker that survives its death, and a stack that is deployed on it while somebody is killed. */
export class KillRig {
  /** How long an apply takes that nobody disturbs, in milliseconds. */
  #applyMs = 1_500;

  private constructor(
    private readonly store: string,
    private current: LocalBroker,
    private readonly proxy: RestProxy,
    private readonly states: StateServer | undefined,
    readonly stack: Stack,
  ) {}

  /** @param isRemote keeps the state with a server, which Terraform tells less often */
  static async start(template: Stack, isRemote: boolean): Promise<KillRig> {
    const store = mkdtempSync(join(tmpdir(), 'cdktf-memphis-kills-'));
    const broker = await LocalBroker.start({ store, log: () => undefined });
    const proxy = await RestProxy.start(broker.restUrl);
    const states = isRemote ? await StateServer.start() : undefined;
    const env = { ...broker.environment(), ...userPassword, ...states?.environment };
    const stack = template.copy({ ...env, MEMPHIS_REST_URL: proxy.url });
    return new KillRig(store, broker, proxy, states, stack);
  }

  get broker(): LocalBroker {
    return this.current;
  }

  /** An undisturbed apply. */
  async apply(): ReturnType<Stack['apply']> {
    const start = performance.now();
    const run = await this.stack.apply();
    this.#applyMs = (this.#applyMs + performance.now() - start) / 2;
    return run;
  }

  /** An apply in which somebody is killed at a change over REST, or after a while; it may end before that. */
  async applyAndKill(random: Random): Promise<Kill> {
    const victim = oneOf(random, victims);
    const isTimed = random() < 0.4;
    const left = upTo(random, 30);
    const pause = oneOf(random, [0, 0, 2, 10, 40]);
    const wait = random() * this.#applyMs;
    const terraform = this.stack.terraform.start(['apply', '-auto-approve', '-input=false', '-no-color']);
    terraform.stdout?.resume();
    terraform.stderr?.resume();
    const ended = once(terraform, 'close');
    const kill = (): Promise<void> => {
      const providers = childrenOf(terraform.pid ?? 0);
      if (victim === 'broker') return this.current.kill();
      if (victim !== 'provider') terraform.kill('SIGKILL');
      if (victim !== 'terraform') killed(providers);
      return Promise.resolve();
    };
    const [when, dying] = isTimed
      ? await killedAfter(wait, ended, kill)
      : await this.#killedAtChange(left, pause, ended, kill);
    await dying;
    if (victim === 'broker' && dying !== undefined) await this.#restart();
    return { victim, when, hasHappened: dying !== undefined, tornState: this.#mendState() };
  }

  async #killedAtChange(
    number: number,
    pause: number,
    ended: Promise<unknown>,
    kill: () => Promise<void>,
  ): Promise<[when: string, dying: Promise<void> | undefined]> {
    let left = number;
    let when = 'at no change';
    let dying: Promise<void> | undefined;
    this.proxy.onChange = (call, heard) => {
      left -= 1;
      if (left >= 0 || dying !== undefined) return;
      when = `${heard ? 'after' : 'before'} ${call.slice(call.lastIndexOf('/') + 1)} + ${pause} ms`;
      dying = delay(pause).then(kill);
    };
    await ended;
    this.proxy.onChange = undefined;
    return [when, dying];
  }

  async #restart(): Promise<void> {
    const { port, restPort } = this.current;
    this.current = await LocalBroker.start({ store: this.store, port, restPort, log: () => undefined });
  }

  /** Terraform empties its state file before it writes it: a kill in between is its own loss, and it keeps a backup. */
  #mendState(): boolean {
    const [state, backup] = ['terraform.tfstate', 'terraform.tfstate.backup'].map((name) =>
      join(this.stack.directory, name),
    ) as [string, string];
    if (!existsSync(state) || statSync(state).size > 0) return false;
    if (existsSync(backup)) copyFileSync(backup, state);
    else rmSync(state);
    return true;
  }

  /** What the broker has, and what is recorded on it. */
  async found(): Promise<Found> {
    return this.withAdmin(async (admin) => {
      const [{ stations, schemas, orphans }, users] = await Promise.all([observe(admin), admin.listUsers()]);
      const present = [...stations.values()].filter(({ row }) => row.name !== 'default');
      return {
        objects: [
          ...present.map(({ row }) => `station ${row.name}`),
          ...present.flatMap(({ row }) => (row.schemaName === '' ? [] : [`enforcement ${row.name}`])),
          ...[...schemas.keys()].filter((name) => name !== 'demo-schema').map((name) => `schema ${name}`),
          ...users.filter(({ type }) => type !== 'root').map(({ name }) => `user ${name}`),
        ].sort(),
        records: await recordsOn(admin),
        damaged: [
          ...present.filter((station) => !isIntact(station)).map(({ row }) => row.name),
          ...orphans.map(({ config }) => config.name),
        ],
      };
    });
  }

  private async withAdmin<T>(action: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = await connectAdmin(resolveConnection({}, this.current.environment()));
    try {
      return await action(admin);
    } finally {
      await admin.close();
    }
  }

  async stop(): Promise<void> {
    this.stack.remove();
    await Promise.all([this.proxy.stop(), this.states?.stop(), this.current.stop()]);
    rmSync(this.store, { recursive: true, force: true });
  }
}

/** @returns no promise of a kill when the command has ended before. */
async function killedAfter(
  wait: number,
  ended: Promise<unknown>,
  kill: () => Promise<void>,
): Promise<[when: string, dying: Promise<void> | undefined]> {
  const hasEnded = await Promise.race([ended.then(() => true), delay(wait, false)]);
  const dying = hasEnded ? undefined : kill();
  await ended;
  return [`after ${Math.round(wait)} ms`, dying];
}

async function recordsOn({ ledger }: Admin): Promise<string[]> {
  const kinds = ['station', 'schema', 'enforcement', 'user', 'cluster', 'replacement'] as const;
  const lists = await Promise.all(kinds.map((kind) => ledger.list(kind)));
  const texts = lists.map((list, index) =>
    [...list].map(
      ([name, { state }]) => `${kinds[index] ?? ''} ${name}${state === 'pending' ? ' pending' : ''}`,
    ),
  );
  return texts.flat().sort();
}
