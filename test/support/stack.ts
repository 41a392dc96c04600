import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AttachedProvider } from './attached-provider';
import { installProvider, readManifest } from './packed-provider';
import type { TerraformResult } from './terraform';
import { Terraform, eventsOf } from './terraform';

const ADDRESS = 'npm.invalid/cdktf-memphis/memphis';
const bundles = resolve(__dirname, '../../lib/bundles');

/** Values of a resource's attributes, as in a configuration in JSON. */
export type Attributes = Readonly<Record<string, unknown>>;

/** A `backend` block. */
export type Backend = Readonly<Record<string, Attributes>>;

/** What a configuration declares: resources by type and name, and anything else on top. */
export interface Declared {
  readonly stations?: Readonly<Record<string, Attributes>>;
  readonly schemas?: Readonly<Record<string, Attributes>>;
  readonly enforcements?: Readonly<Record<string, Attributes>>;
  /** `stations` may be a list of names, too. */
  readonly stationSets?: Readonly<Record<string, Attributes>>;
  readonly users?: Readonly<Record<string, Attributes>>;
  readonly clusterConfigs?: Readonly<Record<string, Attributes>>;
  /** The provider block; empty by default, so that the environment counts. */
  readonly provider?: Attributes;
  /** `moved` and `import` blocks, and whatever else stands at the top of a configuration. */
  readonly more?: Attributes;
}

/** An error or a warning of Terraform. */
export interface Told {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
}

/** How a command ended, and what it told. */
export interface Run {
  readonly code: number;
  /** Everything it wrote. */
  readonly output: string;
  /** Summary and detail of each error. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** One planned change: the attributes that differ, with what they are and will be; `undefined` is "not known yet". */
export interface PlannedChange {
  readonly actions: readonly string[];
  readonly attributes: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
}

/** Sets with a map of stations, also where a list of their names is given. */
export function withNamedStations(sets: Readonly<Record<string, Attributes>>): Record<string, Attributes> {
  return Object.fromEntries(
    Object.entries(sets).map(([key, { stations, ...set }]) => [
      key,
      {
        ...set,
        stations: Array.isArray(stations)
          ? Object.fromEntries((stations as readonly string[]).map((name) => [name, '']))
          : stations,
      },
    ]),
  );
}

/** A directory with a configuration, its state, and our provider: installed, or running and attached to. */
export class Stack {
  private constructor(
    readonly directory: string,
    private readonly env: Readonly<Record<string, string>>,
    readonly terraform: Terraform,
    private readonly backend?: Backend,
  ) {}

  /**
   * Installs the provider of `lib/bundles` and initialises the directory.
   * @param backend where Terraform keeps the state. Default: in the directory
   */
  static async create(env: Readonly<Record<string, string>>, backend?: Backend): Promise<Stack> {
    const directory = mkdtempSync(join(tmpdir(), 'cdktf-memphis-stack-'));
    installProvider(directory, bundles, readManifest(bundles, ADDRESS));
    const stack = new Stack(directory, env, new Terraform(directory, { env }), backend);
    stack.declare({});
    const { code, stdout, stderr } = await stack.terraform.init();
    if (code !== 0) throw new Error(`terraform init failed\n${stdout}${stderr}`);
    return stack;
  }

  /** A new directory without a provider; it takes no `terraform init` to use the one that it attaches to. */
  static attached(provider: AttachedProvider, env: Readonly<Record<string, string>>): Stack {
    const stack = Stack.open(mkdtempSync(join(tmpdir(), 'cdktf-memphis-stack-')), env, provider);
    stack.declare({});
    return stack;
  }

  /** A directory that may have a state; without a provider to attach to it has to be initialised. */
  static open(directory: string, env: Readonly<Record<string, string>>, provider?: AttachedProvider): Stack {
    return new Stack(directory, env, terraformIn(directory, env, provider));
  }

  /** Another directory with another state, initialised like this one. */
  copy(env = this.env, provider?: AttachedProvider): Stack {
    const directory = mkdtempSync(join(tmpdir(), 'cdktf-memphis-stack-'));
    for (const part of ['.terraform', '.terraform.lock.hcl', 'terraform.d', 'main.tf.json'])
      cpSync(join(this.directory, part), join(directory, part), { recursive: true, verbatimSymlinks: true });
    return new Stack(directory, env, terraformIn(directory, env, provider), this.backend);
  }

  declare(declared: Declared): void {
    const { provider = {}, more = {} } = declared;
    const present = Object.entries({
      memphis_station: declared.stations,
      memphis_schema: declared.schemas,
      memphis_schema_enforcement: declared.enforcements,
      memphis_station_set: declared.stationSets && withNamedStations(declared.stationSets),
      memphis_user: declared.users,
      memphis_cluster_config: declared.clusterConfigs,
    }).filter(([, resources]) => resources !== undefined && Object.keys(resources).length > 0);
    const { version } = readManifest(bundles, ADDRESS);
    const configuration = {
      terraform: {
        required_providers: { memphis: { source: ADDRESS, version } },
        ...(this.backend === undefined ? {} : { backend: this.backend }),
      },
      provider: { memphis: provider },
      ...(present.length === 0 ? {} : { resource: Object.fromEntries(present) }),
      ...more,
    };
    writeFileSync(join(this.directory, 'main.tf.json'), JSON.stringify(configuration, null, 2));
  }

  /** Exit code 0: nothing to do, 1: refused, 2: changes. The plan is kept for `applyPlan` and `changes`. */
  async plan(...args: string[]): Promise<Run> {
    return told(await this.terraform.plan('-out=saved.plan', '-json', ...args));
  }

  /** What the kept plan is going to do, by address; what stays as it is is left out. */
  async changes(): Promise<Record<string, PlannedChange>> {
    const { stdout } = await this.terraform.run(['show', '-json', 'saved.plan']);
    const plan = JSON.parse(stdout) as { resource_changes?: RawChange[] };
    const changed = (plan.resource_changes ?? []).filter(({ change }) => change.actions.join() !== 'no-op');
    return Object.fromEntries(changed.map(({ address, change }) => [address, plannedChange(change)]));
  }

  async apply(...args: string[]): Promise<Run> {
    return told(await this.terraform.apply('-json', ...args));
  }

  async applyPlan(): Promise<Run> {
    return told(await this.terraform.run(['apply', '-input=false', '-json', 'saved.plan']));
  }

  async destroy(...args: string[]): Promise<Run> {
    return told(await this.terraform.destroy('-json', ...args));
  }

  async import(address: string, id: string): Promise<Run> {
    return told(await this.terraform.run(['import', '-input=false', '-no-color', address, id]));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function terraformIn(
  directory: string,
  env: Readonly<Record<string, string>>,
  provider: AttachedProvider | undefined,
): Terraform {
  return new Terraform(directory, provider === undefined ? { env } : { env, provider });
}

interface RawChange {
  readonly address: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Attributes | null;
    readonly after: Attributes | null;
  };
}

function plannedChange({ actions, before, after }: RawChange['change']): PlannedChange {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const attributes = [...names]
    .map((name) => [name, [before?.[name], after?.[name]]] as const)
    .filter(([, [was, is]]) => JSON.stringify(was) !== JSON.stringify(is));
  return { actions, attributes: Object.fromEntries(attributes) };
}

/** What a run told; a command without JSON lines tells nothing but its output. */
function told(result: TerraformResult): Run {
  const all = eventsOf(result).flatMap(({ diagnostic }) =>
    diagnostic === undefined ? [] : [diagnostic as Told],
  );
  const texts = (severity: Told['severity']): string[] =>
    all.filter((each) => each.severity === severity).map(({ summary, detail }) => `${summary}\n${detail}`);
  return {
    code: result.code,
    output: `${result.stdout}${result.stderr}`,
    errors: texts('error'),
    warnings: texts('warning'),
  };
}
