import { setTimeout as delay } from 'node:timers/promises';

import type { NatsConnection } from 'nats';

import type { WireConfig } from '../jetstream/api';
import { isJetStreamRefusal, jetStreamCodes } from '../../connection/jetstream-requests';
import { JetStreamApi } from '../jetstream/api';

/** A node that lives has made a stream long before. */
const TRY_MS = 2_000;
const TRIES = 8;
const UNKNOWN_PAUSE_MS = 300;
const UPDATE_WAIT_MS = 5_000;
const PAUSE_MS = 20;

/**
 * JetStream of several servers, some of which may be down. For a while the others still take a server that was killed for
 * one that will answer, and give it streams to hold, whose creation then never ends. We know which of our servers run.
 */
export class PlacedStreams extends JetStreamApi {
  readonly #running: () => readonly string[];
  readonly #all: number;

  /**
   * @param running names of the servers that run now; each has its name as a tag.
   * @param all how many there are.
   */
  constructor(connection: NatsConnection, running: () => readonly string[], all: number) {
    super(connection);
    this.#running = running;
    this.#all = all;
  }

  override async createStream(config: WireConfig & { readonly name: string }): Promise<void> {
    // Only a stream with one replica can be held by dead servers alone. One that exists stays where it is.
    if (config.num_replicas !== 1 || !(await this.#isNew(config.name))) return super.createStream(config);
    for (let tries = 1; ; tries++) {
      const placed = this.#placed(config);
      try {
        await this.call(`STREAM.CREATE.${config.name}`, placed, undefined, TRY_MS);
      } catch (error) {
        if (tries === TRIES) throw error;
        if (isJetStreamRefusal(error)) {
          // A server that has just started is not known to all others with its name.
          if (placed === config || error.apiCode !== jetStreamCodes.noSuitablePeers) throw error;
          await delay(UNKNOWN_PAUSE_MS);
          continue;
        }
        // It may have gone to a server that died meanwhile. It did not exist before, so that nothing is in it.
        await this.call(`STREAM.DELETE.${config.name}`, undefined, undefined, TRY_MS).catch(() => undefined);
        continue;
      }
      // Where it was made is not a part of what was asked for.
      if (placed !== config) await this.#update(config);
      return;
    }
  }

  async #update(config: WireConfig & { readonly name: string }): Promise<void> {
    const deadline = performance.now() + UPDATE_WAIT_MS;
    for (;;) {
      try {
        await this.call(`STREAM.UPDATE.${config.name}`, config);
        return;
      } catch (error) {
        // The server that leads may hear later of a stream than the one that holds it.
        const isEarly = isJetStreamRefusal(error, jetStreamCodes.streamNotFound);
        if (!isEarly || performance.now() > deadline) throw error;
      }
      await delay(PAUSE_MS);
    }
  }

  async #isNew(name: string): Promise<boolean> {
    try {
      await this.streamInfo(name);
      return false;
    } catch (error) {
      if (!isJetStreamRefusal(error)) throw error;
      return error.apiCode === jetStreamCodes.streamNotFound;
    }
  }

  /** With a server that runs as its place, when others do not. */
  #placed(config: WireConfig): WireConfig {
    const running = this.#running();
    const node = running[Math.floor(Math.random() * running.length)];
    return node === undefined || running.length === this.#all
      ? config
      : { ...config, placement: { tags: [node] } };
  }
}
