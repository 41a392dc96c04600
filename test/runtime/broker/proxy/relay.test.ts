import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { ClientProxy } from '../../../../src/runtime/broker/proxy';

/** A server of one's own behind the proxy, so that each of its bytes and moments is in the hand of the test. */
class Bench {
  readonly accepted: Socket[] = [];
  private readonly clients: Socket[] = [];
  private constructor(
    readonly server: Server,
    readonly proxy: ClientProxy,
  ) {}

  static async start(info = 'INFO {"server_id":"x","port":1,"max_payload":1048576} \r\n'): Promise<Bench> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bench = new Bench(server, await ClientProxy.listen('127.0.0.1', 0));
    server.on('connection', (socket) => {
      bench.accepted.push(socket);
      socket.on('error', () => socket.destroy());
      socket.write(info);
    });
    benches.push(bench);
    return bench;
  }

  serve(): void {
    const { port } = this.server.address() as AddressInfo;
    this.proxy.serve({
      server: { host: '127.0.0.1', port },
      info: { host: '127.0.0.1', port: this.proxy.port, directPort: port },
      hook: ({ name }) => ({ accepted: name !== 'bad' }),
      encryption: undefined,
    });
  }

  /** A client and the server's end of it, after INFO. */
  async pair(): Promise<{ client: Socket; far: Socket; info: string }> {
    const before = this.accepted.length;
    const client = connect({ port: this.proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    this.clients.push(client);
    client.on('error', () => client.destroy());
    const [info] = (await once(client, 'data')) as [Buffer];
    const far = this.accepted[before];
    if (far === undefined) throw new Error('the server saw no client');
    return { client, far, info: info.toString() };
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    for (const socket of [...this.accepted, ...this.clients]) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
});

/** All bytes until the other side ends. */
async function rest(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  return Buffer.concat(chunks).toString('latin1');
}

test('INFO tells the port of the proxy and the one behind it, and keeps the rest', async () => {
  const bench = await Bench.start();
  bench.serve();
  const { info } = await bench.pair();
  expect(JSON.parse(info.slice('INFO '.length))).toEqual({
    server_id: 'x',
    max_payload: 1048576,
    host: '127.0.0.1',
    port: bench.proxy.port,
    memphis_direct_port: (bench.server.address() as AddressInfo).port,
  });
});

test('a client that comes before the server is ready waits', async () => {
  const bench = await Bench.start();
  const pair = bench.pair();
  await pause(30);
  expect(bench.accepted).toHaveLength(0);
  bench.serve();
  expect((await pair.catch(() => ({ info: 'the server saw the client' }))).info).toContain('server');
});

test('a server that starts with something else than INFO is not shown', async () => {
  const bench = await Bench.start('HTTP/1.1 400 Bad Request\r\n');
  bench.serve();
  const client = connect({ port: bench.proxy.port, host: '127.0.0.1' });
  expect(await rest(client)).toBe('');
});

test('bytes of the server pass untouched', async () => {
  const bench = await Bench.start();
  bench.serve();
  const { client, far } = await bench.pair();
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 256));
  const arrived = rest(client);
  for (let at = 0; at < bytes.length; at += 777) far.write(bytes.subarray(at, at + 777));
  far.end();
  expect(await arrived).toBe(bytes.toString('latin1'));
});

test('a client that ends is ended at the server, which may still answer', async () => {
  const bench = await Bench.start();
  bench.serve();
  const { client, far } = await bench.pair();
  const heard = rest(far);
  const answered = rest(client);
  client.end('PING\r\n');
  expect(await heard).toBe('PING\r\n');
  far.end('PONG\r\n');
  expect(await answered).toBe('PONG\r\n');
});

test.each(['client', 'server'] as const)('when the %s breaks, the other side breaks too', async (which) => {
  const bench = await Bench.start();
  bench.serve();
  const { client, far } = await bench.pair();
  const [breaks, other] = which === 'client' ? [client, far] : [far, client];
  other.resume();
  const closed = new Promise((resolve) => other.once('close', resolve));
  breaks.resetAndDestroy();
  await closed;
});

test('a client that the hook refuses hears it and is cut off; the server hears nothing of it', async () => {
  const bench = await Bench.start();
  bench.serve();
  const { client, far } = await bench.pair();
  const heard = rest(far);
  const answered = rest(client);
  client.write('CONNECT {"name":"bad"}\r\nPING\r\n');
  expect(await answered).toBe("-ERR 'Authorization Violation'\r\n");
  expect(await heard).toBe('');
  client.destroy();
});

const MIB = 1_048_576;
/** What both sockets of the system and the few buffers of the proxy may take up; measured 3 to 6 MiB. */
const MOST_UNDER_WAY = 24 * MIB;

test.each(['server', 'client'] as const)(
  'a %s that does not read stops the sender, and the memory stays flat',
  async (reader) => {
    const bench = await Bench.start();
    bench.serve();
    const { client, far } = await bench.pair();
    const [from, to] = reader === 'server' ? [client, far] : [far, client];
    to.pause();
    const piece = Buffer.from(`PUB a ${MIB - 30}\r\n${'x'.repeat(MIB - 30)}\r\n`);
    const before = process.memoryUsage().arrayBuffers;
    let written = 0;
    while (written < 64 * MIB) {
      written += piece.length;
      if (!from.write(piece)) {
        const drained = once(from, 'drain').then(() => true);
        if (!(await Promise.race([drained, stalled()]))) break;
      }
    }
    expect(written).toBeLessThan(MOST_UNDER_WAY);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MOST_UNDER_WAY);
    // Nothing is lost by the wait.
    let read = 0;
    to.on('data', (chunk: Buffer) => (read += chunk.length));
    to.resume();
    from.end();
    await once(to, 'end');
    expect(read).toBe(written);
  },
);

async function stalled(): Promise<boolean> {
  await pause(300);
  return false;
}
