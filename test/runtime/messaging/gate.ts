import type { AddressInfo, Server, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';

/** Stands before a server and breaks connections in the ways that networks do. */
export class Gate {
  /** When each client knocked that was turned away. */
  readonly knocks: number[] = [];
  readonly #open = new Set<Socket>();
  #closed = false;
  #mute = false;
  readonly #listener: Server;

  private constructor(serverPort: number, serverHost: string) {
    this.#listener = createServer((client) => {
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
      const server = createConnection(serverPort, serverHost);
      server.on('error', () => undefined);
      client.on('close', () => server.destroy());
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

  /** Those who are connected stay so, but nothing gets through any more, in neither direction. */
  swallow(): void {
    for (const socket of this.#open) {
      socket.unpipe();
      socket.resume();
    }
  }

  async close(): Promise<void> {
    this.cutOff();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
