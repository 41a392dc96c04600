import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A broker in a process of its own, so that it can be killed. */
export class BrokerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly serverPid: number,
    readonly port: number,
    readonly restPort: number,
  ) {}

  static async start(store: string): Promise<BrokerProcess> {
    const program = path.join(__dirname, '..', 'hold-broker.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, store], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the broker ended at its start with ${String(code)}`);
      }),
    ])) as [Buffer];
    const told = JSON.parse(line.toString()) as { serverPid: number; port: number; restPort: number };
    return new BrokerProcess(child, told.serverPid, told.port, told.restPort);
  }

  /** SIGKILL to the server or to the control plane; settles when the control plane is gone. */
  async kill(which: 'server' | 'control plane'): Promise<void> {
    const exited = once(this.child, 'exit');
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    if (which === 'server') process.kill(this.serverPid, 'SIGKILL');
    // A control plane without its server stops serving; the program around it would stay.
    if (which === 'server') await pause(50);
    this.child.kill('SIGKILL');
    await exited;
  }
}
