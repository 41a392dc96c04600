import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { findNatsServer } from '../../../src/runtime/broker/nats-server/executable';
import { installNullProvider } from '../../support/null-provider/install';
import { freePorts } from '../../../src/runtime/broker/cluster/free-ports';

const root = resolve(__dirname, '../../..');

/**
 * A folder in which the commands of guides run as a reader types them: with a home of its own, the real Terraform and the
 * real command lines. Three things differ from a reader's machine: `npm install` links the packages of this repository,
 * a broker listens on free ports, and "yes" is given to what cdktf asks.
 */
export class GuideProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-guides-'));
  readonly #home = join(this.folder, 'home');
  #ports: readonly number[] = [];
  #natsServer = '';

  static async create(): Promise<GuideProject> {
    const project = new GuideProject();
    await project.#prepare();
    return project;
  }

  /** Where commands reach the broker that a guide starts. */
  get broker(): Readonly<Record<string, string>> {
    const [port = 0, restPort = 0] = this.#ports;
    return { MEMPHIS_PORT: String(port), MEMPHIS_REST_URL: `http://127.0.0.1:${restPort}` };
  }

  /**
   * Runs lines of a guide in one shell, and gives what they printed.
   * @throws Error with that, and with the line that failed, when one does.
   */
  async run(
    commands: string,
    {
      cwd = this.folder,
      env = {},
    }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    const script = join(this.folder, 'guide.sh');
    writeFileSync(script, `set -euo pipefail\ntrap 'echo "FAILED: $BASH_COMMAND"' ERR\n${commands}\n`);
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(TF_|MEMPHIS_|npm_|GITHUB_)/.test(name),
    );
    const child = spawn('bash', [script], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A signal to the group ends everything that a guide has started.
      detached: true,
      env: {
        ...Object.fromEntries(inherited),
        ...this.broker,
        HOME: this.#home,
        XDG_STATE_HOME: join(this.#home, 'state'),
        PATH: `${join(this.folder, 'bin')}:${process.env.PATH ?? ''}`,
        // It is fetched into the home of who runs the tests.
        NATS_SERVER: this.#natsServer,
        CHECKPOINT_DISABLE: '1',
        CI: 'true',
        FORCE_COLOR: '0',
        ...env,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`the commands ended with code ${code} in ${cwd}\n${output}`);
    return output;
  }

  /** Ends the brokers that guides have left, and removes the folder. */
  async remove(): Promise<void> {
    const output = await this.run('cdktf-memphis broker status --json');
    for (const { port } of JSON.parse(output) as { readonly port: number }[])
      await this.run(`cdktf-memphis broker stop --port ${port}`);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    this.#ports = await freePorts('127.0.0.1', 2);
    this.#natsServer = (await findNatsServer(() => undefined)).path;
    const [port, restPort] = this.#ports;
    mkdirSync(join(this.#home, '.config/fish/completions'), { recursive: true });
    mkdirSync(join(this.folder, 'bin'));
    // Where no registry can be reached, Terraform finds the null provider here.
    await installNullProvider(this.#home);
    renameSync(join(this.#home, 'terraform.d'), join(this.#home, '.terraform.d'));
    const node = JSON.stringify(process.execPath);
    const commandLine = `exec ${node} ${JSON.stringify(join(root, 'lib/cli/main.js'))}`;
    const cdktf = `exec ${node} ${JSON.stringify(join(root, 'node_modules/cdktf-cli/bundle/bin/cdktf'))}`;
    this.#program(
      'cdktf-memphis',
      `case "$*" in
  "broker start"*--port*) ${commandLine} "$@" ;;
  "broker start"*) ${commandLine} "$@" --port \${GUIDE_PORT:-${port}} --rest-port \${GUIDE_PORT:-${restPort}} ;;
  *) ${commandLine} "$@" ;;
esac`,
    );
    this.#program(
      'cdktf',
      `case "$1" in
  deploy | destroy) ${cdktf} "$@" --auto-approve ;;
  *) ${cdktf} "$@" ;;
esac`,
    );
    this.#program(
      'tsx',
      `exec ${node} --import ${JSON.stringify(join(root, 'node_modules/tsx/dist/loader.mjs'))} "$@"`,
    );
    const { TERRAFORM_BINARY_NAME: terraform = 'terraform' } = process.env;
    if (terraform !== 'terraform') this.#program('terraform', `exec ${terraform} "$@"`);
    // Where it is not installed, what is piped into it is not looked at.
    if (!existsInPath('jq')) this.#program('jq', 'cat');
    this.#program('npx', 'exec "$@"');
    this.#program('npm', `exec ${node} ${JSON.stringify(join(__dirname, 'npm.cjs'))} "$@"`);
  }

  #program(name: string, script: string): void {
    const file = join(this.folder, 'bin', name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }
}

function existsInPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
