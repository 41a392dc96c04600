import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttachedProvider } from './attached-provider';

/** What a run of Terraform left behind. */
export interface TerraformResult {
  /** Exit code; -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TerraformOptions {
  /** Environment on top of this process's own; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which the run is killed and fails. Default 60 000. */
  readonly timeoutMs?: number;
  /** The provider that `run` attaches to; without it, and with `start`, Terraform starts its own. */
  readonly provider?: AttachedProvider;
}

/** The commands of a plan as JSON lines. */
export type TerraformEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * Terraform, or OpenTofu where `TERRAFORM_BINARY_NAME` names it, in one stack directory. It sees no settings of the
 * user, asks nothing and reports to nobody.
 */
export class Terraform {
  private readonly binary = process.env.TERRAFORM_BINARY_NAME ?? 'terraform';

  constructor(
    readonly directory: string,
    private readonly options: TerraformOptions = {},
  ) {}

  init(...args: string[]): Promise<TerraformResult> {
    return this.run(['init', '-input=false', '-no-color', ...args]);
  }

  /** Exit code 0: no change, 1: error, 2: changes. Add `-json` for JSON lines and read them with `eventsOf`. */
  plan(...args: string[]): Promise<TerraformResult> {
    return this.run(['plan', '-detailed-exitcode', '-input=false', '-no-color', ...args]);
  }

  apply(...args: string[]): Promise<TerraformResult> {
    return this.run(['apply', '-auto-approve', '-input=false', '-no-color', ...args]);
  }

  destroy(...args: string[]): Promise<TerraformResult> {
    return this.run(['destroy', '-auto-approve', '-input=false', '-no-color', ...args]);
  }

  /** The attributes of every resource in the state, by address. */
  async show(): Promise<Record<string, Readonly<Record<string, unknown>>>> {
    const { stdout } = await this.run(['show', '-json']);
    const state = JSON.parse(stdout) as {
      values?: { root_module: { resources?: { address: string; values: Record<string, unknown> }[] } };
    };
    const resources = state.values?.root_module.resources ?? [];
    return Object.fromEntries(resources.map(({ address, values }) => [address, values]));
  }

  /** Any other command. Never rejects for a failed command: look at `code`. */
  run(args: readonly string[]): Promise<TerraformResult> {
    const { provider } = this.options;
    if (provider === undefined) return this.ended(this.start(args), args);
    const place = { folder: this.directory, environment: this.environment };
    return provider.during(place, (more) => this.ended(this.spawned(args, false, more), args));
  }

  private ended(child: ChildProcess, args: readonly string[]): Promise<TerraformResult> {
    return new Promise((resolve, reject) => {
      const output = { stdout: '', stderr: '' };
      child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
      const limit = this.options.timeoutMs ?? 60_000;
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(
          new Error(`${this.binary} ${args.join(' ')} did not end within ${limit} ms\n${output.stdout}`),
        );
      }, limit);
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(
          new Error(`could not start ${this.binary}: ${error.message}. Install Terraform 1.5 or later.`),
        );
      });
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve({ code: code ?? -1, ...output });
      });
    });
  }

  /**
   * Starts a command and leaves it to the caller, who has to end it.
   * @param ownGroup gives it a process group of its own, so that a signal to the group is what Ctrl-C is in a shell
   */
  start(args: readonly string[], ownGroup = false): ChildProcess {
    return this.spawned(args, ownGroup, {});
  }

  private spawned(
    args: readonly string[],
    ownGroup: boolean,
    more: Readonly<Record<string, string>>,
  ): ChildProcess {
    const { environment } = this;
    writeFileSync(this.configuration, '');
    return spawn(this.binary, args, {
      cwd: this.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: ownGroup,
      env: { ...environment, ...more },
    });
  }

  private get configuration(): string {
    return join(this.directory, 'empty.tfrc');
  }

  private get environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(TF_|PLUGIN_)/.test(name));
    return {
      ...Object.fromEntries(inherited),
      TF_CLI_CONFIG_FILE: this.configuration,
      CHECKPOINT_DISABLE: '1',
      TF_IN_AUTOMATION: '1',
      ...this.options.env,
    };
  }
}

/** The JSON lines of a command that ran with `-json`. */
export function eventsOf({ stdout }: TerraformResult): TerraformEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as TerraformEvent);
}
