import type { AddressInfo, Server, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';

/** Stands before a server and breaks connections in the ways that networks do. */
export class Gate {
  /** When each client knocked that was turned away. */
  readonly knocks: number[] = [];
  readonly #open = new Set<Socket>();
  /** Each client with its connection to the server. */
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>();
  #serverPort: number;
  #closed = false;
  #mute = false;
  readonly #listener: Server;

  private constructor(serverPort: number, serverHost: string) {
    this.#serverPort = serverPort;
    this.#listener = createServer({ noDelay: true }, (client) => {
      client.on('error', () => undefined);
      if (this.#closed) {
        this.knocks.push(performance.now());
        client.destroy();
        return;
      }
      if (this.#mute) {
        this.knocks.push(performance.now());
        client.resume();
        this.#open.add(client);
        client.on('close', () => this.#open.delete(client));
        return;
      }
      const server = createConnection({ port: this.#serverPort, host: serverHost, noDelay: true });
      server.on('error', () => undefined);
      const pair = [client, server] as const;
      this.#pairs.add(pair);
      client.on('close', () => {
        this.#pairs.delete(pair);
        server.destroy();
      });
      server.on('close', () => client.destroy());
      client.pipe(server).pipe(client);
      this.#open.add(client).add(server);
    });
  }

  static async before(serverPort: number, serverHost = '127.0.0.1'): Promise<Gate> {
    const gate = new Gate(serverPort, serverHost);
    await new Promise<void>((resolve) => gate.#listener.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Cuts off everybody and turns away whoever knocks from now on. */
  cutOff(): void {
    this.#closed = true;
    this.cutOnce();
  }

  /** Cuts off everybody; who knocks is let in. */
  cutOnce(): void {
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
  }

  /** Cuts off everybody; who knocks from now on is let in and never hears a word. */
  cutOffAndKeepSilent(): void {
    this.#mute = true;
    this.cutOnce();
  }

  /** How many connections of clients are open. */
  get open(): number {
    return this.#open.size;
  }

  /** Lets clients in again. */
  letIn(): void {
    this.#closed = false;
  }

  /** Who knocks from now on is led to a server at another port. */
  leadTo(serverPort: number): void {
    this.#serverPort = serverPort;
  }

  /** Those who are connected stay so, but nothing gets through any more, in one direction or in both. */
  swallow(direction: 'to the server' | 'to the client' | 'both' = 'both'): void {
    for (const [client, server] of this.#pairs) {
      if (direction !== 'to the client') client.unpipe(server).resume();
      if (direction !== 'to the server') server.unpipe(client).resume();
    }
  }

  async close(): Promise<void> {
    this.cutOff();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
