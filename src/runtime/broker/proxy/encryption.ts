import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';

import { EnvironmentError, errorText } from '../../../model/errors';

/** Files (PEM) that make the client port speak TLS. */
export interface TlsFiles {
  /** The certificate of the broker, with those of its issuers behind it if there are any. */
  readonly certFile: string;
  /** Its key. */
  readonly keyFile: string;
  /** Given: clients have to show a certificate that this authority issued. */
  readonly caFile?: string;
}

/** A client that has not done its part by then is cut off. */
const HANDSHAKE_TIMEOUT_MS = 5_000;

/** TLS for the clients of a proxy. */
export class Encryption {
  private readonly waiting = new Map<string, (secured: TLSSocket) => void>();

  private constructor(
    private readonly server: Server,
    readonly verifiesClients: boolean,
  ) {
    server.on('secureConnection', (secured) => this.waiting.get(endsOf(secured))?.(secured));
    // The bare socket closes too, which is what ends the waiting.
    server.on('tlsClientError', (_error, secured) => secured.destroy());
  }

  /** @throws EnvironmentError when a file cannot be read or used. */
  static async load({ certFile, keyFile, caFile }: TlsFiles): Promise<Encryption> {
    const [cert, key, ca] = await Promise.all([
      pem('certificate', certFile),
      pem('key', keyFile),
      caFile === undefined ? undefined : pem('certificate authority', caFile),
    ]);
    try {
      // An authority that is none is not refused by Node, it only lets nobody in.
      if (ca !== undefined) new X509Certificate(ca);
      const server = createServer({
        cert,
        key,
        ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        minVersion: 'TLSv1.2',
      });
      return new Encryption(server, ca !== undefined);
    } catch (error) {
      throw new EnvironmentError({
        attempted: `use the TLS files ${[certFile, keyFile, caFile].filter(Boolean).join(', ')}`,
        found: errorText(error),
        next: 'Give a certificate and the key that belongs to it, both in PEM form.',
        cause: error,
      });
    }
  }

  /** Does the server's part of the handshake. Rejects when the socket closes before it is done. */
  secure(socket: Socket): Promise<TLSSocket> {
    const ends = endsOf(socket);
    return new Promise<TLSSocket>((resolve, reject) => {
      socket.once('close', () => {
        this.waiting.delete(ends);
        reject(new Error('closed during the TLS handshake'));
      });
      this.waiting.set(ends, (secured) => {
        this.waiting.delete(ends);
        resolve(secured);
      });
      this.server.emit('connection', socket);
    });
  }
}

/** Tells the open connections of this machine apart. */
function endsOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}

async function pem(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new EnvironmentError({
      attempted: `read the TLS ${what} ${file}`,
      found: errorText(error),
      next: 'Give a file that this user may read.',
      cause: error,
    });
  }
}
