import type { AddressInfo, Server, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';

/** Stands between one client and its server, keeps what the client says, and may speak in the server's name. */
export class WireTap {
  #said = '';
  #client: Socket | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #listener: Server;

  private constructor(serverPort: number) {
    this.#listener = createServer((client) => {
      const server = createConnection(serverPort, '127.0.0.1');
      this.#client = client;
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
      }
      client.on('data', (bytes) => (this.#said += bytes.toString('latin1')));
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
      client.pipe(server).pipe(client);
    });
  }

  static async before(serverPort: number): Promise<WireTap> {
    const tap = new WireTap(serverPort);
    await new Promise<void>((resolve) => tap.#listener.listen(0, '127.0.0.1', resolve));
    return tap;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Everything that the client has said so far. */
  get said(): string {
    return this.#said;
  }

  /** Says something to the client as if it came from the server. */
  speak(text: string): void {
    this.#client?.write(text);
  }

  /** The subjects that the client is subscribed to, each with its queue group where it has one. */
  get subscriptions(): string[] {
    const open = new Map<string, string>();
    for (const [, verb = '', rest = ''] of this.#said.matchAll(/(?:^|\n)(SUB|UNSUB) ([^\r]*)/g)) {
      const words = rest.split(' ');
      if (verb === 'SUB') open.set(words.at(-1) ?? '', words.slice(0, -1).join(' '));
      else open.delete(words[0] ?? '');
    }
    return [...open.values()].sort();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
