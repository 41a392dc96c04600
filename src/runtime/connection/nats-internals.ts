import type { Socket } from 'node:net';
import type { Msg, NatsConnection } from 'nats';

/**
 * Everything that this project uses of the inside of the NATS client, `nats` 2.29. None of it is part of the client's
 * interface, so package.json holds the version to `~2.29`. Each function says why it exists, and what replaces it under its
 * successor, `@nats-io/transport-node` 3. There `NatsConnectionImpl.protocol` of `@nats-io/nats-core/internal` has members of
 * the same names; version 3.4 has been read for this, not tried.
 */
interface NatsProtocol {
  readonly transport?: NatsTransport;
  processMsg(message: unknown, data: Uint8Array): void;
  sendCommand(commands: Uint8Array | string): void;
}

/** One attempt of the client to connect, or the connection that came of it. */
export interface NatsTransport {
  readonly socket?: Socket;
}

function protocolOf(nats: NatsConnection): NatsProtocol {
  return (nats as unknown as { readonly protocol: NatsProtocol }).protocol;
}

/**
 * Sends commands that are in wire form already.
 *
 * Why: `publish` of the client creates several objects for each message and copies it twice. The outbox writes thousands of
 * messages and acknowledgements into one buffer.
 *
 * Under v3: `protocol.sendCommand` is the same. Without internals: a transport of this project's own, registered by
 * `setTransportFactory`, whose `send` takes bytes in wire form.
 */
export function sendCommands(nats: NatsConnection, commands: Uint8Array | string): void {
  protocolOf(nats).sendCommand(commands);
}

/**
 * Skips a message that cannot be read, such as a reply with broken headers.
 *
 * Why: the error ends the client's read loop without a report. Later requests are never answered, and the connection seems
 * to be alive. What waits for the skipped message times out; `ClientConnection.subscribe` catches what callbacks throw.
 *
 * Under v3: the read loop still ends ("reader closed" on the console); `protocol.processMsg` is the same. Remove this once a
 * release survives such a message: test/runtime/connection/nats-internals.test.ts tells.
 */
export function skipUnreadableMessages(nats: NatsConnection): NatsConnection {
  const protocol = protocolOf(nats);
  const processMessage = protocol.processMsg.bind(protocol);
  protocol.processMsg = (message, data) => {
    try {
      processMessage(message, data);
    } catch {
      // Nobody to report it to: a subscription's own callback catches its errors itself.
    }
  };
  return nats;
}

/**
 * The client's current transport: the attempt to connect that is under way, or the live connection.
 *
 * Why: the client leaves the socket of a failed attempt open when a server accepted it and then said nothing. Each such
 * socket would keep the process alive (see `abandoned-sockets`).
 *
 * Under v3: `close` of a transport that never connected still returns without closing its socket; `protocol.transport` is
 * the same. Without internals: a transport of this project's own (`setTransportFactory`), which owns its socket.
 */
export function currentTransport(nats: NatsConnection): NatsTransport | undefined {
  return protocolOf(nats).transport;
}

/** Closes the socket of a transport at once; see `currentTransport`. */
export function destroySocket(transport: NatsTransport): void {
  transport.socket?.destroy();
}

/** A message of the client, with what it keeps of the wire. */
interface NatsMessage {
  readonly _msg?: { readonly hdr?: number };
  readonly _rdata?: Uint8Array;
}

/**
 * The header block of a received message as it came; undefined when it has none.
 *
 * Why: `headers` of the client makes a map, a list and two strings for each header, and checks each character of the names. A load
 * reads two numbers of a hundred thousand messages a second.
 *
 * Under v3: `MsgImpl` has the same two members. Without internals: `message.headers`.
 */
export function headerBytes(message: Msg): Buffer | undefined {
  const { _msg, _rdata } = message as unknown as NatsMessage;
  const length = _msg?.hdr ?? -1;
  if (length <= 0 || _rdata === undefined) return undefined;
  return Buffer.from(_rdata.buffer, _rdata.byteOffset, length);
}
