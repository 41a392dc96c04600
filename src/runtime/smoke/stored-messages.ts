import type { SmokeStream } from '../admin';
import type { ClientConnection } from '../messaging/connection/client-connection';
import { BATCH, deleteReceived } from './own-messages';

/** The messages of a run in streams that stay, each known by its sequence. */
export class StoredMessages {
  readonly #runId: string;
  /** When each stream was created. */
  readonly #created = new Map<string, string>();
  readonly #sequences = new Map<string, Set<number>>();

  constructor(runId: string) {
    this.#runId = runId;
  }

  /** Says which stream it is that messages will be stored in. */
  in({ stream, created }: SmokeStream): void {
    this.#created.set(stream, created);
  }

  add(stream: string, sequence: number): void {
    const sequences = this.#sequences.get(stream) ?? new Set<number>();
    this.#sequences.set(stream, sequences.add(sequence));
  }

  get count(): number {
    return [...this.#sequences.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Deletes these messages, as far as they are still there and are those of the run. */
  async delete(connection: ClientConnection): Promise<void> {
    for (const [stream, all] of this.#sequences) {
      const sequences = [...all];
      for (let start = 0; start < sequences.length; start += BATCH) {
        const batch = sequences.slice(start, start + BATCH);
        const created = this.#created.get(stream);
        await deleteReceived(connection, { stream, created }, this.#runId, batch);
      }
    }
  }
}
