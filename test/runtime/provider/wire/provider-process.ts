// A provider process, started and spoken to as Terraform does it.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { Client, credentials } from '@grpc/grpc-js';
import type { Identity } from '../../../../src/runtime/certificate/identity';

export const MAGIC_COOKIE = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';

/** A started provider and what its handshake line says. */
export interface ProviderProcess {
  readonly child: ChildProcess;
  readonly fields: readonly string[];
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts a packed provider and reads its handshake line. */
export async function startProvider(
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<ProviderProcess> {
  const child = spawn(program, [], {
    env: { PATH: process.env.PATH, TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { child, ended, fields: line.split('|') };
}

/** A client of the provider; with an identity it shows that certificate and pins the provider's. */
export function connect({ fields }: ProviderProcess, identity?: Identity): Client {
  const [, , network = '', address = '', , certificate = ''] = fields;
  const target = network === 'unix' ? `unix:${address}` : address;
  let channel: ChannelCredentials = credentials.createInsecure();
  if (identity !== undefined) {
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate}${'='.repeat((4 - (certificate.length % 4)) % 4)}\n-----END CERTIFICATE-----\n`;
    channel = credentials.createSsl(Buffer.from(pem), identity.privateKey, identity.certificate);
  }
  return new Client(target, channel, {
    'grpc.max_receive_message_length': -1,
    'grpc.default_authority': 'localhost',
    'grpc.ssl_target_name_override': 'localhost',
  });
}

/** One call with a deadline of 5 s; rejects with the gRPC status. */
export function call(client: Client, path: string, request: Uint8Array = new Uint8Array(0)): Promise<Buffer> {
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      same,
      same,
      Buffer.from(request),
      { deadline: Date.now() + 5_000 },
      (error, response) => (error === null && response !== undefined ? resolve(response) : reject(error ?? new Error('no answer'))), // prettier-ignore
    );
  });
}

/** All messages that a call with a stream of them gives, within 10 s; rejects with the gRPC status. */
export function streamed(client: Client, path: string, request: Uint8Array): Promise<Buffer[]> {
  const same = (bytes: Buffer) => bytes;
  const stream = client.makeServerStreamRequest(path, same, same, Buffer.from(request), {
    deadline: Date.now() + 10_000,
  });
  return new Promise((resolve, reject) => {
    const messages: Buffer[] = [];
    stream.on('data', (message: Buffer) => messages.push(message));
    stream.once('end', () => resolve(messages));
    stream.once('error', reject);
  });
}
