import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';

/** Speaks enough NATS to let a client in, and keeps what it said when it connected. */
export class CapturingServer {
  readonly connects: Readonly<Record<string, unknown>>[] = [];
  /** How often somebody has knocked. */
  knocks = 0;
  readonly #sockets = new Set<Socket>();
  readonly #listener: Server;

  private constructor() {
    this.#listener = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<CapturingServer> {
    const server = new CapturingServer();
    await new Promise<void>((resolve) => server.#listener.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #serve(socket: Socket): void {
    this.knocks += 1;
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    const information = { server_id: 'S', version: '2.10.7', proto: 1, headers: true, max_payload: 1048576 };
    socket.write(`INFO ${JSON.stringify({ ...information, auth_required: true })}\r\n`);
    socket.on('data', (bytes) => {
      for (const line of bytes.toString().split('\r\n')) {
        if (line.startsWith('CONNECT '))
          this.connects.push(JSON.parse(line.slice(8)) as Record<string, unknown>);
        if (line === 'PING') socket.write('PONG\r\n');
      }
    });
  }
}
