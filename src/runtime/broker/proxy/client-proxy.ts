import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';

import { listen } from '../listen';
import type { RelaySettings } from './relay';
import { relay } from './relay';

/**
 * The public port of a broker: listens for clients, and brings each to the nats-server behind. Clients that come before
 * the server is ready wait.
 */
export class ClientProxy {
  readonly #clients = new Set<Socket>();
  #settings: RelaySettings | undefined;

  readonly #listener: Server;

  private constructor(
    listener: Server,
    readonly port: number,
  ) {
    this.#listener = listener;

    listener.on('connection', (client: Socket) => {
      this.#clients.add(client);
      client.on('close', () => this.#clients.delete(client));
      if (this.#settings !== undefined) relay(client, this.#settings);
      else client.on('error', () => client.destroy());
    });
  }

  /**
   * @param port 0 takes a free one.
   * @throws ConnectionError when the port cannot be had.
   */
  static async listen(host: string, port: number): Promise<ClientProxy> {
    const listener = createServer({ allowHalfOpen: true });
    return new ClientProxy(listener, await listen(listener, host, port, 'clients'));
  }

  /** Begins to bring clients to that server, also those that wait. Another call changes the server for later clients. */
  serve(settings: RelaySettings): void {
    const waiting = this.#settings === undefined ? [...this.#clients] : [];
    this.#settings = settings;
    for (const client of waiting) relay(client, settings);
  }

  /** Ends every connection. May be called twice. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#listener.close(() => resolve()));
    for (const client of this.#clients) client.destroy();
    await closed;
  }
}
