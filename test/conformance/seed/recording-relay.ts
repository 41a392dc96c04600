import type { AddressInfo, Server, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';

/** Stands before a server of this machine and keeps what clients send, as somebody on the wire would see it. */
export class RecordingRelay {
  #sent: Buffer[] = [];
  readonly #open = new Set<Socket>();
  readonly #listener: Server;

  private constructor(serverPort: number) {
    this.#listener = createServer((client) => {
      const server = createConnection(serverPort, '127.0.0.1');
      for (const [socket, other] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#open.add(socket);
        socket.on('error', () => undefined).on('close', () => other.destroy());
      }
      client.on('data', (bytes) => this.#sent.push(bytes));
      client.pipe(server).pipe(client);
    });
  }

  static async before(serverPort: number): Promise<RecordingRelay> {
    const relay = new RecordingRelay(serverPort);
    await new Promise<void>((resolve) => relay.#listener.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** All that clients have sent so far. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  /** From here on only what comes later is kept. */
  forget(): void {
    this.#sent = [];
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
