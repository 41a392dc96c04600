import type { ClientConnection } from '../connection/client-connection';
import type { Publisher } from './publisher';
import type { Registration } from '../connection/registration';
import type { StationSession } from '../station/station-session';
import type { StationSessions } from '../station/station-sessions';

/** How long destroying, closing and, by default, flushing wait for acknowledgements that are still to come. */
export const DRAIN_TIMEOUT_MS = 15_000;

/** What a producer is made of; all of it is shared or the connection's. */
export interface ProducerParts {
  readonly connection: ClientConnection;
  readonly publisher: Publisher;
  readonly sessions: StationSessions;
  readonly session: StationSession;
  readonly name: string;
  readonly registration: Registration;
  /** Registers once more, in place of what is registered. */
  readonly enterAgain: (signal: AbortSignal) => Promise<Registration>;
  /** Whether the name is that of another producer by now. */
  readonly isReplaced: () => boolean;
  /** Called when the producer must not be found again by its name. */
  readonly forget: () => void;
}
