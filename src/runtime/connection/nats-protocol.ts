import type { Socket } from 'node:net';
import type { NatsConnection } from 'nats';

/**
 * All that is used of the inside of the NATS client. It is not part of its interface, so its version is held in
 * package.json.
 */
export interface NatsProtocol {
  /** The try to connect that is under way, or the connection that came of it. */
  readonly transport?: NatsTransport;
  /** Takes each message that is read. */
  processMsg(message: unknown, data: Uint8Array): void;
  /** Sends commands as they are. */
  sendCommand(commands: Uint8Array | string): void;
}

export interface NatsTransport {
  readonly socket?: Socket;
}

export function protocolOf(nats: NatsConnection): NatsProtocol {
  return (nats as unknown as { readonly protocol: NatsProtocol }).protocol;
}
