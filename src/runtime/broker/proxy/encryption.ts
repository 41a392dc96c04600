import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Server, TLSSocket } from 'node:tls';
import { connect, createServer } from 'node:tls';

import { quotedNames } from '../../../model/error-text';
import { EnvironmentError, errorText } from '../../../model/errors';
import { readPemFiles } from '../../connection/pem-files';
import type * as identities from '../../certificate/identity';
import type { ServerTlsFiles } from '../nats-server/configuration';

/** Files (PEM) that make the ports for clients speak TLS. */
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

const NOTHING = Buffer.alloc(0);

/** How a certificate says that it has no end. This one is forgotten with the broker; its key is never written anywhere. */
const NO_END = new Date('9999-12-31T23:59:59Z');

/** The certificate by which servers that let in nobody without one know their own proxy. */
function proxyIdentity(): identities.Identity {
  // Loaded when it is needed: few brokers ask their clients for certificates.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import` would load the library at once
  const { createIdentity } = require('../../certificate/identity') as typeof identities;
  return createIdentity('client', NO_END);
}

interface Pems {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer | undefined;
}

/** What the broker needs to connect to its own servers. */
export interface OwnServerTls {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly allowPartialTrustChain: true;
  readonly checkServerIdentity: () => undefined;
}

/**
 * TLS for clients: of the proxies, and of the servers behind, which clients may reach as well. The servers have the same
 * certificate, and want the same of clients.
 */
export class Encryption {
  readonly #waiting = new Map<string, (secured: TLSSocket) => void>();

  readonly #server: Server;
  readonly #pems: Pems;
  /** Who the proxies are to servers that want to see a certificate. */
  readonly #ownIdentity: identities.Identity | undefined;

  private constructor(
    server: Server,
    pems: Pems,

    ownIdentity: identities.Identity | undefined,
  ) {
    this.#server = server;
    this.#pems = pems;
    this.#ownIdentity = ownIdentity;

    server.on('secureConnection', (secured) => this.#waiting.get(endsOf(secured))?.(secured));
    // The bare socket closes too, which is what ends the waiting.
    server.on('tlsClientError', (_error, secured) => secured.destroy());
  }

  /** @throws EnvironmentError when a file cannot be read or used. */
  static async load(files: TlsFiles): Promise<Encryption> {
    const read = await readPemFiles({
      certificate: files.certFile,
      key: files.keyFile,
      authority: files.caFile,
    });
    const { certificate: cert = NOTHING, key = NOTHING, authority: ca } = read;
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
      return new Encryption(server, { cert, key, ca }, ca === undefined ? undefined : proxyIdentity());
    } catch (error) {
      throw new EnvironmentError({
        attempted: `use the TLS files ${quotedNames([files.certFile, files.keyFile, ...(files.caFile === undefined ? [] : [files.caFile])])}`,
        found: errorText(error),
        next: 'Give a certificate and the key that belongs to it, both in PEM form.',
        cause: error,
      });
    }
  }

  get verifiesClients(): boolean {
    return this.#pems.ca !== undefined;
  }

  /**
   * For the broker's own connections to its servers. They trust the one certificate that the servers have, and nothing
   * else; its name does not matter on the way from this machine to itself.
   */
  get ownServers(): OwnServerTls {
    return {
      ca: new X509Certificate(this.#pems.cert).toString(),
      allowPartialTrustChain: true,
      checkServerIdentity: () => undefined,
      ...(this.#ownIdentity === undefined
        ? {}
        : { cert: this.#ownIdentity.certificate.toString(), key: this.#ownIdentity.privateKey.toString() }),
    };
  }

  /**
   * Writes what the servers need, for the owner only. Copies, because a server reads its files again whenever users come or
   * go, and those of the user may have been replaced by then.
   */
  async writeServerFiles(folder: string): Promise<ServerTlsFiles> {
    const { cert, key, ca } = this.#pems;
    const write = async (name: string, ...contents: (Buffer | string)[]): Promise<string> => {
      const file = path.join(folder, name);
      await writeFile(file, Buffer.concat(contents.map((content) => Buffer.from(content))), { mode: 0o600 });
      return file;
    };
    return {
      certFile: await write('server-certificate.pem', cert),
      keyFile: await write('server-key.pem', key),
      caFile:
        ca === undefined
          ? undefined
          : await write('client-authorities.pem', ca, '\n', this.#ownIdentity?.certificate ?? ''),
    };
  }

  /** Does the client's part of the handshake with one of the broker's own servers. */
  reachServer(socket: Socket): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const secured = connect({ ...this.ownServers, socket }, () => resolve(secured));
      secured.once('error', reject);
      socket.once('close', () => reject(new Error('closed during the TLS handshake')));
    });
  }

  /** Does the server's part of the handshake. Rejects when the socket closes before it is done. */
  secure(socket: Socket): Promise<TLSSocket> {
    const ends = endsOf(socket);
    return new Promise<TLSSocket>((resolve, reject) => {
      socket.once('close', () => {
        this.#waiting.delete(ends);
        reject(new Error('closed during the TLS handshake'));
      });
      this.#waiting.set(ends, (secured) => {
        this.#waiting.delete(ends);
        resolve(secured);
      });
      this.#server.emit('connection', socket);
    });
  }
}

/** Tells the open connections of this machine apart. */
function endsOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
