import type { ClientConnection } from '../connection/client-connection';

/**
 * How long a message of an ACK_BASED station is kept after it was made a dead letter. The broker reads it up to five
 * seconds later, and there it would be gone with its end.
 */
const KEPT_FOR_MS = 6_000;

/** How soon it is tried again while there is no connection. */
const AGAIN_MS = 50;

const IN_PROGRESS = '+WPI';
const TERM = '+TERM';

/** Holds a message, so that nobody else gets it, and ends it later. */
export function endLater(connection: ClientConnection, reply: string, maxAckTimeMs: number): void {
  const end = performance.now() + KEPT_FOR_MS;
  const pause = Math.max(50, Math.min(maxAckTimeMs / 3, KEPT_FOR_MS));
  const step = (): void => {
    if (connection.isClosed) return;
    const left = end - performance.now();
    if (!connection.isConnected) {
      // What is sent now would be lost, and the message delivered again.
      setTimeout(step, AGAIN_MS).unref();
      return;
    }
    connection.outbox.answer(reply, left > 0 ? IN_PROGRESS : TERM);
    if (left > 0) setTimeout(step, Math.min(pause, left)).unref();
  };
  step();
}
