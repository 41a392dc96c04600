import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { NatsConnection } from 'nats';
import { untilAborted } from './waiting';
import type { NatsTransport } from './nats-internals';
import { currentTransport, destroySocket } from './nats-internals';

/** One attempt to connect, and the sockets that the NATS client made for it. */
class Attempt {
  readonly #sockets = new Set<Socket>();
  #isGivenUp = false;
  #isOver = false;

  /** A connection tries one address at a time, so a new socket means that those before it are given up. */
  add(socket: Socket): void {
    if (this.#isOver) return;
    this.#destroyAll();
    this.#sockets.add(socket);
    // Not in the middle of its making, which would bring it back to life.
    if (this.#isGivenUp) process.nextTick(() => this.#destroyAll());
  }

  /** From now on its sockets are none of an attempt; Node 24 still counts those as its own that are opened while it is read. */
  succeeded(): void {
    this.#isOver = true;
    this.#sockets.clear();
  }

  giveUp(): void {
    this.#isGivenUp = true;
    this.#destroyAll();
  }

  #destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }
}

/**
 * The NATS client leaves its socket open when a server accepts it and then says nothing, which a Memphis broker that is
 * shutting down does. Such a socket would keep the process alive, one more for each try to connect again. While a
 * connection is being made its sockets are noted as Node makes them; later they are found in the client.
 */
const attempts = new AsyncLocalStorage<Attempt>();

let connecting = 0;

/**
 * Runs `connect`, and sees to it that no socket is left when it, or a later try to connect again, fails.
 * @param longestTryMs how long a try may take, with the pause before it.
 * @param signal ends the attempt at once; the NATS client, which would wait for its time-out, is not waited for.
 */
export async function withoutAbandonedSockets(
  connect: () => Promise<NatsConnection>,
  longestTryMs: number,
  signal?: AbortSignal,
): Promise<NatsConnection> {
  const attempt = new Attempt();
  const connected = withTrackedSockets(attempt, connect);
  try {
    const nats = await untilAborted(signal, async () => connected);
    attempt.succeeded();
    void watchReconnections(nats, longestTryMs);
    return nats;
  } catch (error) {
    attempt.giveUp();
    connected.then(
      (nats) => nats.close(),
      () => undefined,
    );
    throw error;
  }
}

async function withTrackedSockets(
  attempt: Attempt,
  connect: () => Promise<NatsConnection>,
): Promise<NatsConnection> {
  if (connecting === 0) subscribe('net.client.socket', trackSocket);
  connecting += 1;
  try {
    return await attempts.run(attempt, connect);
  } finally {
    connecting -= 1;
    if (connecting === 0) {
      unsubscribe('net.client.socket', trackSocket);
      // As long as it is on, every promise of the process costs a third more.
      attempts.disable();
    }
  }
}

function trackSocket(message: unknown): void {
  attempts.getStore()?.add((message as { readonly socket: Socket }).socket);
}

async function watchReconnections(nats: NatsConnection, longestTryMs: number): Promise<void> {
  const tries = new Set<NatsTransport>();
  const giveUp = (keep: NatsTransport | undefined): void => {
    for (const transport of tries) {
      if (transport === keep) continue;
      destroySocket(transport);
      tries.delete(transport);
    }
  };
  void nats.closed().then(() => {
    // The client still ends the try that is under way or about to begin, and that may find nobody to talk to.
    const end = (): void => {
      const last = currentTransport(nats);
      if (last !== undefined) tries.add(last);
      giveUp(undefined);
    };
    end();
    setTimeout(end, longestTryMs + 100).unref();
  });
  for await (const status of nats.status()) {
    const type: string = status.type;
    if (type !== 'reconnecting' && type !== 'reconnect') continue;
    const transport = currentTransport(nats);
    giveUp(transport);
    if (transport !== undefined && type === 'reconnecting') tries.add(transport);
  }
}
