import { BrokerRefusedError, NotFoundError } from '../../model/errors';
import { internalName, partitionStream } from '../../model/names';
import type { ClientConnection } from '../messaging/connection/client-connection';
import { jetStreamRequest } from '../messaging/connection/jetstream-api';

/** Requests under way at the same time. */
const PARALLEL = 250;

/** A set of stored messages, each named by partition and sequence. */
export class StoredMessages {
  readonly #station: string;
  readonly #bySequence = new Map<number, Set<number>>();

  constructor(station: string) {
    this.#station = station;
  }

  get count(): number {
    return [...this.#bySequence.values()].reduce((sum, sequences) => sum + sequences.size, 0);
  }

  add(partition: number, sequence: number): void {
    const sequences = this.#bySequence.get(partition) ?? new Set<number>();
    this.#bySequence.set(partition, sequences.add(sequence));
  }

  /** Deletes exactly these messages; one that is gone already is fine. */
  async delete(connection: ClientConnection): Promise<void> {
    const all = [...this.#bySequence].flatMap(([partition, sequences]) =>
      [...sequences].map((sequence) => ({ partition, sequence })),
    );
    for (let start = 0; start < all.length; start += PARALLEL) {
      await Promise.all(
        all
          .slice(start, start + PARALLEL)
          .map(({ partition, sequence }) => deleteMessage(connection, this.#stream(partition), sequence)),
      );
    }
  }

  #stream(partition: number): string {
    return partition === 0 ? internalName(this.#station) : partitionStream(this.#station, partition);
  }
}

async function deleteMessage(connection: ClientConnection, stream: string, seq: number): Promise<void> {
  try {
    await jetStreamRequest(
      connection,
      `STREAM.MSG.DELETE.${stream}`,
      { seq },
      `delete message ${seq} of "${stream}", which the smoke test has stored`,
    );
  } catch (error) {
    // Retention, or the acknowledgements of an ACK_BASED station, may have been faster; so may a removal of the station.
    const gone =
      error instanceof NotFoundError ||
      (error instanceof BrokerRefusedError && /not found|no message found/i.test(error.found));
    if (!gone) throw error;
  }
}
