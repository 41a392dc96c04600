import { ProtocolError } from '../../../model/errors';
import { parsePartitionStream } from '../../../model/names';

/** What an ack subject says about a delivery. */
export interface Delivery {
  readonly stream: string;
  /** Counted from 1; 0 for a station without partitions. */
  readonly partition: number;
  /** Sequence in the stream. */
  readonly sequence: number;
  /** How often the message has been delivered to the group, this time included. */
  readonly deliveries: number;
  readonly timeSent: Date;
}

/**
 * Reads an ack subject: `$JS.ACK.<stream>.<durable>.<deliveries>.<sequence>.<consumer sequence>.<time>.<pending>`;
 * servers with domains put two more parts after `ACK`.
 */
export function readDelivery(ackSubject: string): Delivery {
  const [stream, , deliveries, sequence, , time] = ackSubjectFields(ackSubject);
  if (stream === undefined || !isDigits(deliveries) || !isDigits(sequence) || !isDigits(time)) {
    throw new ProtocolError({
      attempted: 'read a delivery',
      found: `the ack subject is "${ackSubject}"`,
      next: 'Check that the address is a Memphis broker',
    });
  }
  return {
    stream,
    partition: parsePartitionStream(stream)?.partition ?? 0,
    sequence: Number(sequence),
    deliveries: Number(deliveries),
    // Nanoseconds do not fit a number exactly; their millisecond part does.
    timeSent: new Date(Number(BigInt(time) / 1_000_000n)),
  };
}

/** Whether nothing was waiting for the group behind this message when it was sent. */
export function isLastWaiting(ackSubject: string): boolean {
  return ackSubjectFields(ackSubject)[6] === '0';
}

function ackSubjectFields(ackSubject: string): string[] {
  const parts = ackSubject.split('.');
  return parts.slice(parts.length >= 11 ? 4 : 2);
}

function isDigits(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}
