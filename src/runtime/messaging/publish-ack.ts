import { BrokerRefusedError, NotFoundError, ProtocolError } from '../../model/errors';

/** The broker's word that it has stored a message. */
export interface PublishAck {
  /** Sequence in the partition. */
  readonly sequence: number;
  /** True when the message had been stored before, under the same message id; `sequence` is that of the first. */
  readonly duplicate: boolean;
}

/** How the server writes the usual ack. Everything else is read as the JSON it is. */
const usual = /^\{"stream":"[^"\\]*", ?"seq":(\d{1,15})\}$/;

/** Reads the reply to a published message: where it was stored, or why not. */
export function readPublishAck(text: string, attempted: string): PublishAck | Error {
  const sequence = usual.exec(text)?.[1];
  if (sequence !== undefined) return { sequence: Number(sequence), duplicate: false };
  let ack: {
    readonly stream?: unknown;
    readonly seq?: unknown;
    readonly duplicate?: unknown;
    readonly error?: { readonly description?: unknown; readonly err_code?: unknown };
  } | null;
  try {
    ack = JSON.parse(text) as typeof ack;
  } catch (cause) {
    return new ProtocolError({ attempted, found: 'the acknowledgement is no JSON', cause });
  }
  if (typeof ack?.error === 'object') {
    const { description, err_code: code } = ack.error;
    return new BrokerRefusedError({
      attempted,
      found: `${typeof description === 'string' ? description : 'unknown error'} (${Number(code ?? 0)})`,
    });
  }
  if (typeof ack?.stream !== 'string' || typeof ack.seq !== 'number') {
    return new ProtocolError({ attempted, found: 'the acknowledgement names no stream and sequence' });
  }
  return { sequence: ack.seq, duplicate: ack.duplicate === true };
}

/** Nobody takes messages of this subject: the station is gone. */
export function nobodyStores(attempted: string): NotFoundError {
  return new NotFoundError({
    attempted,
    found: 'Produce operation has failed, please check whether Station/Producer still exist',
    next: 'Nothing takes messages of this partition (503); create the station again, then the producer',
  });
}
