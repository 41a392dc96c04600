import type { AddressInfo, Server, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';

/** Stands before a server of this machine, keeps what clients send, and may speak to the last of them in the server's name. */
export class WireTap {
  #sent: Buffer[] = [];
  #client: Socket | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #listener: Server;

  private constructor(serverPort: number) {
    this.#listener = createServer({ noDelay: true }, (client) => {
      const server = createConnection({ port: serverPort, host: '127.0.0.1', noDelay: true });
      this.#client = client;
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
      }
      client.on('data', (bytes) => this.#sent.push(bytes));
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

  /** All that clients have sent so far. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  /** The same as text, a character for each byte. */
  get said(): string {
    return this.sent.toString('latin1');
  }

  /** From here on only what comes later is kept. */
  forget(): void {
    this.#sent = [];
  }

  /** Says something to the client as if it came from the server. */
  speak(text: string): void {
    this.#client?.write(text);
  }

  /** The subjects that the client is subscribed to, each with its queue group where it has one. */
  get subscriptions(): string[] {
    const open = new Map<string, string>();
    for (const [, verb = '', rest = ''] of this.said.matchAll(/(?:^|\n)(SUB|UNSUB) ([^\r]*)/g)) {
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
