import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';

import { ConnectionError } from '../../../model/errors';
import type { RelaySettings } from './relay';
import { relay } from './relay';

/**
 * The public port of a broker: listens for clients, and brings each to the nats-server behind. Clients that come before
 * the server is ready wait.
 */
export class ClientProxy {
  readonly port: number;
  private readonly clients = new Set<Socket>();
  private settings: RelaySettings | undefined;

  private constructor(private readonly listener: Server) {
    this.port = (listener.address() as AddressInfo).port;
    listener.on('connection', (client: Socket) => {
      this.clients.add(client);
      client.on('close', () => this.clients.delete(client));
      if (this.settings !== undefined) relay(client, this.settings);
      else client.on('error', () => client.destroy());
    });
  }

  /**
   * @param port 0 takes a free one.
   * @throws ConnectionError when the port cannot be had.
   */
  static async listen(host: string, port: number): Promise<ClientProxy> {
    const listener = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      listener.once('error', (error: NodeJS.ErrnoException) => reject(listenError(host, port, error)));
      listener.listen(port, host, resolve);
    });
    return new ClientProxy(listener);
  }

  /** Begins to bring clients to that server, also those that wait. Another call changes the server for later clients. */
  serve(settings: RelaySettings): void {
    const waiting = this.settings === undefined ? [...this.clients] : [];
    this.settings = settings;
    for (const client of waiting) relay(client, settings);
  }

  /** Ends every connection. May be called twice. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.listener.close(() => resolve()));
    for (const client of this.clients) client.destroy();
    await closed;
  }
}

function listenError(host: string, port: number, cause: NodeJS.ErrnoException): ConnectionError {
  const isInUse = cause.code === 'EADDRINUSE';
  return new ConnectionError({
    attempted: `listen for clients on ${host}:${port}`,
    found: isInUse ? 'the port is in use' : cause.message,
    next: isInUse
      ? 'Stop the program that uses it, or choose another port; 0 takes a free one.'
      : 'Choose a host and port that this user may listen on.',
    cause,
  });
}
