import type { AddressInfo, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError } from '../../../../src/model/errors';
import { Memphis } from '../../../../src/runtime/messaging';
import { eventually } from '../../../support/broker';
import { producerOf } from './calls';
import { atOnce, here, listenersOn, rejectsWithReason, settingForThisFile, stateOf } from './client';

const { broker, client, after } = settingForThisFile();

here('connect', () => {
  /** A server that tells which connections are open. */
  async function server(serve: (socket: Socket) => void) {
    const open = new Set<Socket>();
    const listener = createServer((socket) => {
      open.add(socket.on('error', () => undefined).on('close', () => open.delete(socket)));
      serve(socket);
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    after(() => new Promise((resolve) => listener.close(resolve)));
    const { port } = listener.address() as AddressInfo;
    return { open, options: { ...broker.options, host: '127.0.0.1', port, timeoutMs: 2_000 } };
  }

  /** It takes connections and never says a word. */
  const silentServer = () => server((socket) => void socket.resume());

  test('an abort ends it at once, and no socket is left', async () => {
    const { open, options } = await silentServer();
    const memphis = new Memphis();
    await rejectsWithReason((signal) => memphis.connect({ ...options, signal }));
    await eventually(() => open.size === 0, 'the socket is closed');
    const { signal } = new AbortController();
    await memphis.connect({ ...broker.options, signal });
    expect(memphis.isConnected()).toBe(true);
    expect(listenersOn(signal)).toBe(0);
    await memphis.close();
  });

  test('an abort in the middle of a log-in leaves no connection, whenever it comes', async () => {
    const { open, options } = await server((socket) => {
      const toBroker = createConnection(broker.options.port, '127.0.0.1').on('error', () => undefined);
      socket.on('close', () => toBroker.destroy());
      socket.pipe(toBroker).pipe(socket);
    });
    let ended = 0;
    for (let turns = 0; turns < 40; turns += 1) {
      const controller = new AbortController();
      const memphis = new Memphis();
      const connecting = memphis
        .connect({ ...options, timeoutMs: 500, signal: controller.signal })
        .catch(() => (ended += 1));
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await connecting;
      expect(listenersOn(controller.signal)).toBe(0);
      await memphis.close();
    }
    expect(ended).toBeGreaterThan(5);
    await eventually(() => open.size === 0, 'all connections are closed');
  });

  test('with a signal that is aborted already nobody knocks', async () => {
    const { open, options } = await silentServer();
    const reason = new Error('no');
    await expect(new Memphis().connect({ ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    await pause(20);
    expect(open.size).toBe(0);
  });

  test('called twice at once, an abort ends the waiting of its caller alone', async () => {
    const on = await client();
    await on.memphis.close();
    const options = { ...broker.options, host: '127.0.0.1', port: on.gate.port };
    const impatient = new AbortController();
    const first = on.memphis.connect({ ...options, signal: impatient.signal });
    const second = on.memphis.connect(options);
    impatient.abort('given up');
    await expect(first).rejects.toBe('given up');
    await second;
    expect(on.memphis.isConnected()).toBe(true);
  });

  test('after an abort in the same moment a new one begins afresh', async () => {
    const { options } = await silentServer();
    const memphis = new Memphis();
    const impatient = new AbortController();
    const first = memphis.connect({ ...options, signal: impatient.signal });
    await pause(10);
    impatient.abort('given up');
    const second = memphis.connect(broker.options);
    await expect(first).rejects.toBe('given up');
    await second;
    expect(memphis.isConnected()).toBe(true);
    await memphis.close();
  });

  test('a close with a signal ends it, and its caller hears that the client was closed', async () => {
    const { open, options } = await silentServer();
    const memphis = new Memphis();
    const connecting = memphis.connect(options);
    connecting.catch(() => undefined);
    const controller = new AbortController();
    const closing = memphis.close({ signal: controller.signal });
    await pause(15);
    expect(await stateOf(closing)).toBe('pending');
    controller.abort();
    await closing;
    await expect(connecting).rejects.toThrow(ClosedError);
    await eventually(() => open.size === 0, 'the socket is closed');
    expect(listenersOn(controller.signal)).toBe(0);
  });
});

here('close', () => {
  test('waits for acknowledgements until its signal is aborted, then closes at once, and never rejects', async () => {
    const on = await client();
    const failed: Error[] = [];
    on.memphis.onError((error) => failed.push(error));
    const producer = await producerOf(on);
    on.gate.swallow();
    const awaited = producer.produce({ message: 'm' });
    awaited.catch(() => undefined);
    const controller = new AbortController();
    const closing = on.memphis.close({ signal: controller.signal });
    await pause(15);
    expect(await stateOf(closing)).toBe('pending');
    const begin = performance.now();
    controller.abort();
    await closing;
    expect(performance.now() - begin).toBeLessThan(1_500);
    expect(on.memphis.isConnected()).toBe(false);
    expect(listenersOn(controller.signal)).toBe(0);
    // Who waits for a message hears that it may be stored or not.
    await expect(awaited).rejects.toThrow('may be stored or not');
  });

  test('with a signal that is aborted already what was handed over is still sent', async () => {
    const on = await client();
    const producer = await producerOf(on);
    for (let count = 0; count < 50; count += 1) await producer.produce({ message: 'm', nonblocking: true });
    await on.memphis.close(atOnce);
    expect(on.memphis.isConnected()).toBe(false);
    await eventually(async () => (await broker.stream(on.station))?.state.messages === 50, 'all are stored');
  });
});
