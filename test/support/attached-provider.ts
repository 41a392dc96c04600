import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROVIDER_ADDRESS } from '../../src/model/provider-address';

/** Where a command of Terraform runs. */
export interface Place {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The packed provider, in processes that stay for all tests of a file. Terraform attaches to them instead of starting
 * three to five processes per command, which is nine tenths of the time of a command. What the provider does is the
 * same; only how it starts and ends is not (test/runtime/provider, test/e2e/packaging*.test.ts have that).
 */
export class AttachedProvider {
  readonly #idle: ProviderServer[] = [];
  readonly #all: ProviderServer[] = [];

  /** Gives a command the provider, in its folder and with its environment, and what Terraform needs to find it. */
  async during<T>(place: Place, command: (environment: Record<string, string>) => Promise<T>): Promise<T> {
    const server = this.#idle.pop() ?? (await this.#start());
    await server.enter(place);
    // One that serves a command which did not end is not used again.
    const result = await command({ TF_REATTACH_PROVIDERS: server.reattachment });
    this.#idle.push(server);
    return result;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((server) => server.stop()));
  }

  async #start(): Promise<ProviderServer> {
    const server = await ProviderServer.start();
    this.#all.push(server);
    return server;
  }
}

class ProviderServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly socket: string,
  ) {}

  static async start(): Promise<ProviderServer> {
    const child = fork(join(__dirname, 'provider-server.mjs'), { execArgv: [] });
    const [{ socket }] = (await once(child, 'message')) as [{ socket: string }];
    return new ProviderServer(child, socket);
  }

  get reattachment(): string {
    const Addr = { Network: 'unix', String: this.socket };
    return JSON.stringify({
      [PROVIDER_ADDRESS]: { Protocol: 'grpc', ProtocolVersion: 6, Pid: this.child.pid, Test: true, Addr },
    });
  }

  async enter(place: Place): Promise<void> {
    this.child.send(place);
    await once(this.child, 'message');
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
