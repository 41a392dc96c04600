import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

import { MAX_MESSAGE_BYTES } from '../../../model/message-size';
import { ClientStream, ConnectRefused } from './client-stream';
import type { ConnectHook } from './connect-hook';
import type { Encryption } from './encryption';
import type { InfoChanges } from './server-info';
import { infoForClients, parseInfo } from './server-info';
import { ServerStream } from './server-stream';
import { sizeLimits } from './size-limits';

const CONNECT_TIMEOUT_MS = 5_000;
/** A client that does not read what it was sent before the server hung up is cut off after that time. */
const LAST_WORDS_TIMEOUT_MS = 5_000;
/** No INFO is longer. */
const MAX_INFO_BYTES = 1_048_576;
const LF = 10;

/** How one client is brought to its server. */
export interface RelaySettings {
  readonly server: { readonly host: string; readonly port: number };
  readonly info: {
    /** Where clients find the proxy; undefined: where this client has found it. */
    readonly host: string | undefined;
    readonly port: number;
    readonly directPort: number | undefined;
  };
  readonly hook: ConnectHook;
  /** Both ways turn encrypted after the first line went out in clear, as NATS does it. */
  readonly encryption: Encryption | undefined;
}

/**
 * Passes everything between a client and a server until either ends. Whoever reads slowly slows the other side down;
 * no more than a few buffers are kept. A side that ends is ended on the other after all it sent went out; a side that
 * breaks is broken on the other.
 */
export function relay(client: Socket, settings: RelaySettings): void {
  const { encryption } = settings;
  const server = connect({ ...settings.server, noDelay: true });
  client.setNoDelay(true);
  const ends = bindFates(client, server);
  server.setTimeout(CONNECT_TIMEOUT_MS, () => server.destroy());
  readInfo(server, (line, rest) => {
    const info = parseInfo(line);
    if (info === undefined) {
      server.destroy();
      return;
    }
    const limits = sizeLimits(typeof info.max_payload === 'number' ? info.max_payload : MAX_MESSAGE_BYTES);
    const { info: own } = settings;
    const changes: InfoChanges = {
      ...own,
      host: own.host ?? plainAddress(client.localAddress ?? ''),
      hasOneHost: own.host === undefined,
      tls: encryption,
      maxPayload: limits.forClients,
    };
    client.write(infoForClients(info, changes));
    const start = (near: Duplex, far: Duplex): void => {
      server.setTimeout(0);
      ends.near = near;
      ends.far = far;
      const fromServer = new ServerStream((text) => {
        const told = parseInfo(text);
        return told && infoForClients(told, changes);
      });
      pass(far, near, (chunk) => fromServer.push(chunk));
      far.on('end', () => {
        for (const piece of fromServer.end()) near.write(piece);
        near.end();
      });
      if (rest.length > 0) far.unshift(rest);
      far.resume();
      forward(near, far, new ClientStream(settings.hook, limits));
    };
    if (encryption === undefined) {
      start(client, server);
      return;
    }
    Promise.all([encryption.secure(client), encryption.reachServer(server)]).then(
      ([near, far]) => {
        near.on('error', () => client.destroy());
        far.on('error', () => server.destroy());
        start(near, far);
      },
      () => {
        client.destroy();
        server.destroy();
      },
    );
  });
}

/** IPv4 addresses come in a longer form when a listener takes both kinds. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** Gives the first line of the server and what came behind it, once, and leaves the socket paused. */
function readInfo(server: Socket, done: (line: string, rest: Buffer) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const take = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf(LF);
    if (end < 0) {
      if (bytes.length > MAX_INFO_BYTES) server.destroy();
      return;
    }
    server.pause();
    server.removeListener('data', take);
    done(bytes.toString('utf8', 0, end + 1), bytes.subarray(end + 1));
  };
  server.on('data', take);
}

/** Writes what becomes of each piece that comes, no faster than it is taken. */
function pass(from: Duplex, to: Duplex, change: (chunk: Buffer) => readonly Buffer[]): void {
  from.on('data', (chunk: Buffer) => {
    const out = change(chunk);
    if (out.length > 1) to.cork();
    let flowing = true;
    for (const piece of out) flowing = to.write(piece);
    if (out.length > 1) to.uncork();
    if (!flowing) from.pause();
  });
  to.on('drain', () => from.resume());
}

/** Client to server, through the rewriting. */
function forward(near: Duplex, far: Duplex, stream: ClientStream): void {
  pass(near, far, (chunk) => {
    try {
      return stream.push(chunk);
    } catch (error) {
      if (!(error instanceof ConnectRefused)) throw error;
      refuse(near, far);
      return [];
    }
  });
  near.on('end', () => far.end());
}

/** In the words of a server that does not know the user. */
function refuse(near: Duplex, far: Duplex): void {
  for (const side of [near, far]) side.removeAllListeners('data');
  far.destroy();
  near.resume();
  near.end("-ERR 'Authorization Violation'\r\n");
}

/** The streams of a relay: what is sent to the client, and what comes from the server. */
interface Ends {
  near: Duplex;
  far: Duplex;
}

/** @returns the ends, which the caller changes once they are encrypted. */
function bindFates(client: Socket, server: Socket): Ends {
  const ends: Ends = { near: client, far: server };
  // What exactly broke is of no use to anybody here; both ends see their connection close.
  client.on('error', () => client.destroy());
  server.on('error', () => server.destroy());
  client.on('close', (hadError) => {
    if (hadError) server.resetAndDestroy();
    else server.destroy();
  });
  server.on('close', (hadError) => {
    if (hadError) {
      client.resetAndDestroy();
      return;
    }
    if (client.destroyed) return;
    const patience = setTimeout(() => client.destroy(), LAST_WORDS_TIMEOUT_MS);
    patience.unref();
    client.once('close', () => clearTimeout(patience));
    const { near, far } = ends;
    // What has been read may not have been decrypted yet.
    if (far.closed) near.end();
    else far.once('close', () => near.end());
  });
  return ends;
}
