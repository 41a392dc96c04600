import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

import { ClientStream, ConnectRefused } from './client-stream';
import type { ConnectHook } from './connect-hook';
import type { InfoChanges } from './server-info';
import { infoForClients } from './server-info';

const CONNECT_TIMEOUT_MS = 5_000;
/** A client that does not read what it was sent before the server hung up is cut off after that time. */
const LAST_WORDS_TIMEOUT_MS = 5_000;
/** No INFO is longer. */
const MAX_INFO_BYTES = 1_048_576;
const LF = 10;

/** How one client is brought to its server. */
export interface RelaySettings {
  readonly server: { readonly host: string; readonly port: number };
  readonly info: InfoChanges;
  readonly hook: ConnectHook;
  /** Turns the bare socket into an encrypted one, after the first line went out in clear, as NATS does it. */
  readonly secure: ((socket: Socket) => Promise<Duplex>) | undefined;
}

/**
 * Passes everything between a client and a server until either ends. Whoever reads slowly slows the other side down;
 * no more than a few buffers are kept. A side that ends is ended on the other after all it sent went out; a side that
 * breaks is broken on the other.
 */
export function relay(client: Socket, settings: RelaySettings): void {
  const server = connect({ ...settings.server, noDelay: true });
  client.setNoDelay(true);
  const ends = bindFates(client, server);
  server.setTimeout(CONNECT_TIMEOUT_MS, () => server.destroy());
  readInfo(server, (line, rest) => {
    server.setTimeout(0);
    const info = infoForClients(line, settings.info);
    if (info === undefined) {
      server.destroy();
      return;
    }
    client.write(info.line);
    const start = (stream: Duplex): void => {
      ends.facing = stream;
      if (rest.length > 0) stream.write(rest);
      server.pipe(stream);
      forward(stream, server, new ClientStream(settings.hook, info.maxPayload));
    };
    if (settings.secure === undefined) {
      start(client);
      return;
    }
    settings.secure(client).then(
      (stream) => {
        stream.on('error', () => client.destroy());
        start(stream);
      },
      () => client.destroy(),
    );
  });
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

/** Client to server, through the rewriting. */
function forward(client: Duplex, server: Socket, stream: ClientStream): void {
  client.on('data', (chunk: Buffer) => {
    let out: Buffer[];
    try {
      out = stream.push(chunk);
    } catch (error) {
      if (!(error instanceof ConnectRefused)) throw error;
      refuse(client, server);
      return;
    }
    if (out.length === 0) return;
    if (out.length > 1) server.cork();
    let flowing = true;
    for (const piece of out) flowing = server.write(piece);
    if (out.length > 1) server.uncork();
    if (!flowing) client.pause();
  });
  server.on('drain', () => client.resume());
  client.on('end', () => server.end());
}

/** In the words of a server that does not know the user. */
function refuse(client: Duplex, server: Socket): void {
  server.unpipe(client);
  server.destroy();
  client.removeAllListeners('data');
  client.resume();
  client.end("-ERR 'Authorization Violation'\r\n");
}

/** @returns the stream that the client's last words go to. */
function bindFates(client: Socket, server: Socket): { facing: Duplex } {
  const ends: { facing: Duplex } = { facing: client };
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
    ends.facing.end();
  });
  return ends;
}
