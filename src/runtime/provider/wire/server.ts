import { createServer } from 'node:net';
import type { Server as NetServer, Socket } from 'node:net';
import type { ServerWritableStream, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Identity } from '../../certificate/identity';

/** Answers one call: request bytes in, response bytes out. */
type ByteHandler = (request: Buffer) => Promise<Buffer>;

/** Answers one call with any number of messages. */
type StreamHandler = (request: Buffer) => AsyncIterable<Buffer>;

/** What answers the calls of the provider service. */
export interface ProviderCalls {
  /** The calls with one answer that exist; every other one answers UNIMPLEMENTED. */
  readonly names: readonly string[];
  readonly answer: (call: string, request: Buffer) => Promise<Buffer>;
  /** The calls whose answer is a stream. */
  readonly streamNames: readonly string[];
  readonly stream: (call: string, request: Buffer) => AsyncIterable<Buffer>;
}

/** What the server reports about its connections and calls. */
export interface ServerEvents {
  /** Terraform asked the provider to end; the answer is already under way. */
  onShutdown(): void;
  /** The number of open connections or running calls changed. */
  onActivity(connections: number, runningCalls: number): void;
}

const PROVIDER_SERVICE = 'tfplugin6.Provider';
/** Largest message; values of several megabytes are valid, and the default of the library is 4 MB. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

/**
 * A gRPC server for Terraform. The sockets are accepted here and handed to the library, since only so can the
 * end of the last connection be seen, which is the sole sign of a Terraform that was killed.
 */
export class PluginServer {
  readonly listener: NetServer;
  readonly #grpc: Server;
  readonly #sockets = new Set<Socket>();
  #runningCalls = 0;

  readonly #events: ServerEvents;

  /**
   * @param identity the certificate to show; `undefined` serves without TLS
   * @param clientCertificate the only certificate (PEM) that a client may show
   */
  constructor(
    identity: Identity | undefined,
    clientCertificate: string | undefined,
    { names, answer, streamNames, stream }: ProviderCalls,
    events: ServerEvents,
  ) {
    this.#events = events;

    this.#grpc = new Server({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
      'grpc.enable_channelz': 0,
    });
    this.#addService(
      PROVIDER_SERVICE,
      Object.fromEntries(names.map((call) => [call, (request: Buffer) => answer(call, request)])),
      Object.fromEntries(streamNames.map((call) => [call, (request: Buffer) => stream(call, request)])),
    );
    this.#addService('plugin.GRPCController', {
      Shutdown: () => {
        // After the answer has been written: Terraform waits for it before it closes its side.
        setImmediate(() => this.#events.onShutdown());
        return Promise.resolve(Buffer.alloc(0));
      },
    });
    const injector = this.#grpc.createConnectionInjector(credentials(identity, clientCertificate));
    this.listener = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#report();
      });
      socket.on('error', () => socket.destroy());
      this.#report();
      injector.injectConnection(socket);
    });
  }

  /** Lets running calls finish for at most `graceMs`, then closes every connection. */
  async close(graceMs: number): Promise<void> {
    this.listener.close();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#grpc.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#grpc.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
  }

  #addService(
    service: string,
    handlers: Readonly<Record<string, ByteHandler>>,
    streams: Readonly<Record<string, StreamHandler>> = {},
  ): void {
    const definition: Record<string, ServiceDefinition[string]> = {};
    const implementation: UntypedServiceImplementation = {};
    const define = (name: string, responseStream: boolean): void => {
      definition[name] = {
        path: `/${service}/${name}`,
        requestStream: false,
        responseStream,
        requestSerialize: unchanged,
        requestDeserialize: unchanged,
        responseSerialize: unchanged,
        responseDeserialize: unchanged,
      };
    };
    for (const [name, handler] of Object.entries(handlers)) {
      define(name, false);
      implementation[name] = (call: { request: Buffer }, callback: AnswerCallback) =>
        void this.#answer(handler, call.request, callback);
    }
    for (const [name, handler] of Object.entries(streams)) {
      define(name, true);
      implementation[name] = (call: ServerWritableStream<Buffer, Buffer>) => void this.#stream(handler, call);
    }
    this.#grpc.addService(definition, implementation);
  }

  async #stream(handler: StreamHandler, call: ServerWritableStream<Buffer, Buffer>): Promise<void> {
    this.#runningCalls++;
    try {
      for await (const message of handler(call.request)) {
        if (call.cancelled) return;
        // The host reads more slowly than messages are made.
        if (!call.write(message)) {
          await new Promise<void>((resolve) => {
            call.once('drain', resolve);
            call.once('cancelled', resolve);
          });
        }
      }
      call.end();
    } catch (error) {
      call.destroy(Object.assign(asError(error), { code: status.INTERNAL }));
    } finally {
      this.#runningCalls--;
      this.#report();
    }
  }

  async #answer(handler: ByteHandler, request: Buffer, callback: AnswerCallback): Promise<void> {
    this.#runningCalls++;
    try {
      callback(null, await handler(request));
    } catch (error) {
      // Only bytes that are not a message of the protocol get here; errors of authors become diagnostics earlier.
      callback({ code: status.INTERNAL, details: asError(error).message });
    } finally {
      this.#runningCalls--;
      this.#report();
    }
  }

  #report(): void {
    this.#events.onActivity(this.#sockets.size, this.#runningCalls);
  }
}

type AnswerCallback = (error: { code: number; details: string } | null, response?: Buffer) => void;

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function unchanged(bytes: Buffer): Buffer {
  return bytes;
}

function credentials(
  identity: Identity | undefined,
  clientCertificate: string | undefined,
): ServerCredentials {
  if (identity === undefined || clientCertificate === undefined) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(
    Buffer.from(clientCertificate),
    [{ private_key: identity.privateKey, cert_chain: identity.certificate }],
    true,
  );
}
