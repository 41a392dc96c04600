import type { EncodedHeaders } from './outbox';
import type { PublishAck } from './publish-ack';
import type { Publication } from './publisher';

/** A message that has passed all checks. One object holds all that is to be known until the ack comes. */
export class OutgoingMessage implements Publication {
  deadline = 0;
  stored: (ack: PublishAck) => void = ignore;
  failed: (error: Error) => void = ignore;

  constructor(
    readonly subject: string,
    public payload: Uint8Array,
    readonly headers: EncodedHeaders,
    readonly ackWaitMs: number,
    readonly attempted: string,
    /** Number of its partition. */
    readonly partition: number,
  ) {}
}

function ignore(): void {
  // Until the producer says who wants to know.
}
