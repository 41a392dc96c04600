// Stands before both ports of a broker and counts what clients ask for: REST requests, and NATS messages.
import { createServer as createHttpServer, request } from 'node:http';
import { createConnection, createServer } from 'node:net';
import { once } from 'node:events';

const PUBLISHES = /(?:^|\n)H?PUB /g;

export class RequestCounter {
  #counted = 0;
  #servers = [];
  #sockets = new Set();

  static async before({ host, port, restUrl }) {
    const counter = new RequestCounter();
    const nats = createServer((client) => counter.#tap(client, createConnection(port, host)));
    const rest = createHttpServer((incoming, answer) => counter.#pass(incoming, answer, restUrl));
    counter.natsPort = await counter.#listen(nats);
    counter.restUrl = `http://127.0.0.1:${await counter.#listen(rest)}`;
    return counter;
  }

  /** How many requests there were since the last call. */
  take() {
    const counted = this.#counted;
    this.#counted = 0;
    return counted;
  }

  close() {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(server) {
    this.#servers.push(server);
    server.on('connection', (socket) => this.#keep(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server.address().port;
  }

  #keep(socket) {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** A command cut in two by the border of a chunk is not counted, which is rare enough. */
  #tap(client, server) {
    this.#keep(server);
    client.on('data', (chunk) => (this.#counted += chunk.toString('latin1').match(PUBLISHES)?.length ?? 0));
    client.pipe(server).pipe(client);
  }

  #pass(incoming, answer, target) {
    this.#counted += 1;
    const options = { method: incoming.method, headers: incoming.headers };
    const outgoing = request(`${target}${incoming.url}`, options, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    outgoing.once('error', () => answer.destroy());
    incoming.pipe(outgoing);
  }
}
