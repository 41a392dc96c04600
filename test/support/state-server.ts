import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * Keeps the state of one stack for Terraform's `http` backend. As with any remote state, Terraform stores it at its end and
 * every 20 seconds: one that is killed loses what it did since.
 */
export class StateServer {
  #state: string | undefined;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<StateServer> {
    const server = createServer();
    const kept = new StateServer(server);
    server.on('request', (request, reply) => {
      void text(request).then((body) => {
        if (request.method === 'POST') kept.#state = body;
        if (request.method === 'DELETE') kept.#state = undefined;
        const isMissing = request.method === 'GET' && kept.#state === undefined;
        reply.writeHead(isMissing ? 404 : 200).end(request.method === 'GET' ? kept.#state : undefined);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return kept;
  }

  /** The variables that lead Terraform here. */
  get environment(): Record<string, string> {
    return { TF_HTTP_ADDRESS: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/state` };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
