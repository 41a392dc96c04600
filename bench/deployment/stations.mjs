// A directory that declares many stations, and the commands of Terraform in it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installProvider } from '../../scripts/pack-provider.mjs';
import { milliseconds } from '../measure.mjs';
import { followProviders } from './provider-usage.mjs';

/** What is measured, in this order: from nothing to nothing. Each deploys, so the order matters. */
const phases = {
  create: { retentionSeconds: 3600, command: ['apply', '-auto-approve'] },
  'no-op plan': { retentionSeconds: 3600, command: ['plan', '-detailed-exitcode'] },
  update: { retentionSeconds: 7200, command: ['apply', '-auto-approve'] },
  destroy: { retentionSeconds: 7200, command: ['destroy', '-auto-approve'] },
};
export const PHASES = Object.keys(phases);

export class Stations {
  #directory = mkdtempSync(join(tmpdir(), 'cdktf-memphis-bench-'));
  #env;
  #count;
  #provider;
  #state;
  #isSet;
  /** What the providers of each phase used, by phase; Linux only. */
  usage = {};

  /**
   * @param {{ packedIn: string, manifest: { address: string, version: string } }} provider
   * @param {Record<string, string>} env tells the provider where the broker is
   * @param {string | undefined} state address of a server that keeps the state; a local file without it
   * @param {{ isSet?: boolean }} options one resource for all stations
   */
  constructor(provider, count, env = {}, state, { isSet = false } = {}) {
    this.#isSet = isSet;
    this.#provider = provider;
    this.#count = count;
    this.#state = state;
    const ours = Object.entries(process.env).filter(([name]) => !/^(TF_|PLUGIN_|MEMPHIS_)/.test(name));
    const configuration = join(this.#directory, 'empty.tfrc');
    writeFileSync(configuration, '');
    this.#env = {
      ...Object.fromEntries(ours),
      TF_CLI_CONFIG_FILE: configuration,
      CHECKPOINT_DISABLE: '1',
      ...env,
    };
    installProvider(this.#directory, provider.packedIn, provider.manifest);
  }

  /** Milliseconds that a phase takes. */
  async run(phase) {
    const { retentionSeconds, command } = phases[phase];
    this.#declare(retentionSeconds);
    if (phase === PHASES[0]) await this.#terraform('init');
    return await milliseconds(async () => {
      this.usage[phase] = await this.#terraform(...command);
    });
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** One block for each station, as synth writes them. */
  #declare(retentionSeconds) {
    const { address, version } = this.#provider.manifest;
    const names = Array.from({ length: this.#count }, (_, index) => `station-${index}`);
    const options = { retention_value: retentionSeconds };
    const resource = this.#isSet
      ? {
          memphis_station_set: {
            all: { stations: Object.fromEntries(names.map((name) => [name, ''])), ...options },
          },
        }
      : {
          memphis_station: Object.fromEntries(
            names.map((name, index) => [`s${index}`, { name, ...options }]),
          ),
        };
    const configuration = {
      terraform: {
        required_providers: { memphis: { source: address, version } },
        ...(this.#state === undefined ? {} : { backend: { http: { address: this.#state } } }),
      },
      provider: { memphis: {} },
      resource,
    };
    writeFileSync(join(this.#directory, 'main.tf.json'), JSON.stringify(configuration));
  }

  #terraform(command, ...args) {
    return new Promise((resolve, reject) => {
      const child = spawn(
        process.env.TERRAFORM_BINARY_NAME ?? 'terraform',
        [command, '-input=false', '-no-color', ...args],
        { cwd: this.#directory, env: this.#env, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      const used = followProviders(child.pid);
      let errors = '';
      child.stderr.on('data', (chunk) => (errors += chunk));
      child.once('error', reject);
      child.once('close', (code) => {
        const usage = used();
        if (code === 0) resolve(usage);
        else
          reject(
            new Error(`terraform ${command} ended with ${code} ${errors.replace(/\s+/g, ' ').slice(0, 120)}`),
          );
      });
    });
  }
}
