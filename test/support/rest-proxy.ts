import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A REST API with a listener in front: it notes every request, and can keep an answer back. */
export class RestProxy {
  /** `METHOD /path` of every request so far. */
  readonly requests: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly traps: { matches: (call: string) => boolean; caught: () => void }[] = [];
  private readonly cuts: { matches: (call: string) => boolean; then: () => Promise<void> }[] = [];
  private readonly losses: ((call: string) => boolean)[] = [];
  private stale: { readonly path: string; times: number; text?: string } | undefined;
  private readonly tokens = new Set<string>();
  private readonly expired = new Set<string>();
  private readonly gates: { matches: (call: string) => boolean; action: () => Promise<void> }[] = [];

  private readonly rewrites: { matches: (call: string) => boolean; change: (body: string) => string }[] = [];

  private constructor(
    private readonly server: Server,
    /** Base address to give to a client instead of the real one. */
    readonly url: string,
  ) {}

  static async start(target: string): Promise<RestProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new RestProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (socket) => {
      proxy.sockets.add(socket);
      socket.on('close', () => proxy.sockets.delete(socket));
    });
    server.on('request', (incoming, answer) => proxy.pass(incoming, answer, target));
    return proxy;
  }

  /**
   * Lets one request through to the broker and keeps the answer for ever: what a client sees that dies, or loses its
   * connection, just then. @returns a promise that settles when the broker has done it.
   */
  keepAnswerOf(path: string): Promise<void> {
    return new Promise((resolve) => {
      this.traps.push({ matches: (call) => call.endsWith(path), caught: resolve });
    });
  }

  /** Cuts the connection of the next such request instead of passing it on: the broker never hears of it. */
  lose(path: string): void {
    this.losses.push((call) => call.endsWith(path));
  }

  /**
   * Lets the next such request through, and cuts the connection in place of its answer: the change is done.
   * @param then something to do between the two
   */
  cutAnswerOf(path: string, then = (): Promise<void> => Promise.resolve()): void {
    this.cuts.push({ matches: (call) => call.endsWith(path), then });
  }

  /** Gets every request that changes something: `heard` is false before the broker gets it, true once it has answered. */
  onChange: ((call: string, heard: boolean) => void) | undefined;

  /** Changes the body of every answer to such requests. */
  rewrite(path: string, change: (body: string) => string): void {
    this.rewrites.push({ matches: (call) => call.endsWith(path), change });
  }

  /** Does something just before the next such request reaches the broker. */
  before(path: string, action: () => Promise<void>): void {
    this.gates.push({ matches: (call) => call.endsWith(path), action });
  }

  /** Ends all logins that were used so far: until the next one, the broker gets a token that it does not know instead. */
  expireLogins(): void {
    for (const token of this.tokens) this.expired.add(token);
  }

  /** Answers such requests with what the next one gets, so many times after that one: as a broker that reloads later. */
  answerAsBefore(path: string, times: number): void {
    this.stale = { path, times };
  }

  /** Answers such requests with this text instead of passing them on; undefined passes them on again. */
  replace(path: string, text: string | undefined): void {
    this.stale = text === undefined ? undefined : { path, times: Number.POSITIVE_INFINITY, text };
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(incoming: IncomingMessage, answer: ServerResponse, target: string): void {
    const call = `${incoming.method ?? ''} ${incoming.url?.split('?')[0] ?? ''}`;
    this.requests.push(call);
    const isChange = incoming.method !== 'GET' && !call.endsWith('/login');
    if (isChange) this.onChange?.(call, false);
    const loss = this.losses.findIndex((matches) => matches(call));
    if (loss !== -1) {
      this.losses.splice(loss, 1);
      answer.destroy();
      return;
    }
    const stale = this.stale !== undefined && call.endsWith(this.stale.path) ? this.stale : undefined;
    if (stale?.text !== undefined && stale.times > 0) {
      stale.times -= 1;
      answer.writeHead(200, { 'content-type': 'application/json' }).end(stale.text);
      return;
    }
    const trap = this.traps.findIndex(({ matches }) => matches(call));
    const [caught] = trap === -1 ? [] : this.traps.splice(trap, 1);
    const place = this.cuts.findIndex(({ matches }) => matches(call));
    const [cut] = place === -1 ? [] : this.cuts.splice(place, 1);
    const gate = this.gates.findIndex(({ matches }) => matches(call));
    const [opening] = gate === -1 ? [] : this.gates.splice(gate, 1);
    const { authorization } = incoming.headers;
    // The token of a login in the same second is the same one.
    if (call.endsWith('/login')) this.expired.clear();
    if (authorization !== undefined) this.tokens.add(authorization);
    const isExpired = this.expired.has(authorization ?? '');
    const headers = { ...incoming.headers, ...(isExpired ? { authorization: 'Bearer expired' } : {}) };
    const options = { method: incoming.method, headers };
    const outgoing = request(`${target}${incoming.url ?? ''}`, options, (reply) => {
      if (isChange) this.onChange?.(call, true);
      if (caught !== undefined) {
        reply.resume().once('end', caught.caught);
        return;
      }
      if (cut !== undefined) {
        reply.resume().once('end', () => void cut.then().finally(() => answer.destroy()));
        return;
      }
      const rewrite = this.rewrites.find(({ matches }) => matches(call));
      if (rewrite !== undefined) {
        void text(reply).then((body) => {
          const changed = Buffer.from(rewrite.change(body));
          const { 'transfer-encoding': _, ...headers } = reply.headers;
          answer.writeHead(reply.statusCode ?? 502, { ...headers, 'content-length': changed.length });
          answer.end(changed);
        });
        return;
      }
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
      if (stale === undefined || stale.text !== undefined) return;
      let body = '';
      reply.setEncoding('utf8').on('data', (part: string) => (body += part));
      reply.once('end', () => (stale.text = body));
    });
    outgoing.once('error', () => answer.destroy());
    void (opening?.action() ?? Promise.resolve()).then(() => incoming.pipe(outgoing));
  }
}
