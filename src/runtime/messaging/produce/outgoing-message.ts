import type { EncodedHeaders } from '../connection/outbox';
import type { Payload } from '../station/payload';
import type { ProduceReceipt } from './produce-options';
import type { PublishAck } from './publish-ack';
import type { Publication } from './publisher';

/** The producer of messages, which hears what became of each. */
export interface MessageSender {
  messageStored(message: OutgoingMessage, ack: PublishAck): void;
  messageFailed(message: OutgoingMessage, error: Error): void;
}

/**
 * A message that has passed all checks. One object, and no function of its own, holds all that is to be known until the
 * ack comes: thousands are under way at once, and each object more is one that the garbage collector copies.
 */
export class OutgoingMessage implements Publication {
  id = 0;
  deadline = 0;
  /** Ends the promise of a message that somebody awaits. */
  resolve: ((receipt: ProduceReceipt | Promise<ProduceReceipt>) => void) | undefined = undefined;

  constructor(
    readonly subject: string,
    public payload: Payload,
    public headers: EncodedHeaders,
    readonly ackWaitMs: number,
    readonly attempted: string,
    /** Number of its partition. */
    readonly partition: number,
    readonly sender: MessageSender,
  ) {}

  stored(ack: PublishAck): void {
    this.sender.messageStored(this, ack);
  }

  failed(error: Error): void {
    this.sender.messageFailed(this, error);
  }
}
