import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findNatsServer } from '../../../src/runtime/broker/nats-server/executable';

/** A nats-server with a configuration of one's own and no control plane: enough for all that happens while connecting. */
export class BareServer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param files are written beside the configuration, which names them by `$FOLDER/<name>`. */
  static async start(
    configuration: string,
    files: Readonly<Record<string, Buffer>> = {},
  ): Promise<BareServer> {
    const { path: executable } = await findNatsServer(() => undefined);
    const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-bare-'));
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
    const file = path.join(folder, 'server.conf');
    await writeFile(file, `listen: "127.0.0.1:-1"\n${configuration.replaceAll('$FOLDER', folder)}\n`);
    const child = spawn(executable, ['-c', file, '--ports_file_dir', folder], { stdio: 'ignore' });
    return new BareServer(await portIn(folder), folder, child);
  }

  fileIn(name: string): string {
    return path.join(this.folder, name);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGKILL');
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The port that the server chose, as soon as it has written it down. */
async function portIn(folder: string): Promise<number> {
  const deadline = Date.now() + 5_000;
  while (Date.now() < deadline) {
    const file = (await readdir(folder)).find((name) => name.endsWith('.ports'));
    const text = file === undefined ? '' : await readFile(path.join(folder, file), 'utf8');
    const port = /"nats:\/\/127\.0\.0\.1:(\d+)"|"tls:\/\/127\.0\.0\.1:(\d+)"/.exec(text);
    if (port !== null) return Number(port[1] ?? port[2]);
    await pause(10);
  }
  throw new Error('nats-server did not start');
}
