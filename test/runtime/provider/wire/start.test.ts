// What the provider says before and beside its calls: certificate, handshake, log.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createServer } from 'node:net';
import { createIdentity } from '../../../../src/runtime/certificate/identity';
import type { HostRequest } from '../../../../src/runtime/provider/wire/handshake';
import { handshakeLine, readHostRequest } from '../../../../src/runtime/provider/wire/handshake';
import { listenForTerraform } from '../../../../src/runtime/provider/wire/listener';
import { logLine } from '../../../../src/runtime/provider/wire/log';
import { MAGIC_COOKIE } from './provider-process';

const provider = { address: 'h/n/t', version: '1.2.3' };

test('the certificate is what Terraform accepts, and its key is its own', () => {
  const identity = createIdentity();
  const certificate = new X509Certificate(identity.certificate);
  expect(certificate.subjectAltName).toBe('DNS:localhost');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(identity.privateKey))).toBe(true);
  expect(certificate.serialNumber).toMatch(/^[4-7]/);
  // A little in the past for clocks that differ, and long enough for a run that waits for its approval.
  expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now() - 600_000);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 7 * 86_400_000);
  expect(Buffer.from(identity.certificateField, 'base64')).toEqual(certificate.raw);
  expect(identity.certificateField).not.toContain('=');
});

describe('the handshake', () => {
  const environment = { TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE, PLUGIN_PROTOCOL_VERSIONS: '6,5' };
  const request: HostRequest = {
    clientCertificate: undefined,
    socketFolder: undefined,
    ports: { min: 10_000, max: 25_000 },
    asksAboutMultiplexing: false,
  };

  test.each<[string, NodeJS.ProcessEnv, Partial<HostRequest>]>([
    ['no certificate means no TLS', {}, { clientCertificate: undefined }],
    ['an empty variable counts as absent', { PLUGIN_CLIENT_CERT: '', PLUGIN_UNIX_SOCKET_DIR: '' }, request],
    ['the folder of the socket', { PLUGIN_UNIX_SOCKET_DIR: '/x' }, { socketFolder: '/x' }],
    ['multiplexing', { PLUGIN_MULTIPLEX_GRPC: 'true' }, { asksAboutMultiplexing: true }],
  ])('reads %s', (_what, more, expected) => {
    const ports = { PLUGIN_MIN_PORT: '10000', PLUGIN_MAX_PORT: '25000' };
    expect(readHostRequest({ ...environment, ...ports, ...more }, provider)).toMatchObject(expected);
  });

  test('the line without TLS has an empty last field', () => {
    const endpoint = { network: 'unix', address: '/tmp/s' } as const;
    expect(handshakeLine(endpoint, '', request)).toBe('1|6|unix|/tmp/s|grpc|\n');
  });

  test('listens on the first free TCP port of the range where sockets do not do', async () => {
    const [first, second] = [createServer(), createServer()];
    try {
      const taken = await listenForTerraform(first, request, true);
      const port = Number(taken.address.split(':')[1]);
      expect(port).toBeGreaterThanOrEqual(10_000);
      const range = { ...request, ports: { min: port, max: port + 50 } };
      const { network, address } = await listenForTerraform(second, range, true);
      expect(network).toBe('tcp');
      expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(address).not.toBe(taken.address);
      const full = { ...request, ports: { min: port, max: port } };
      await expect(listenForTerraform(createServer(), full, true)).rejects.toThrow(
        `from ${port} to ${port} is taken`,
      );
    } finally {
      first.close();
      second.close();
    }
  });
});

test('a folder whose path is too long for a socket means TCP', async () => {
  const server = createServer();
  try {
    const socketFolder = `/tmp/${'deep/'.repeat(20)}`;
    const ports = { min: 10_000, max: 25_000 };
    const request = { clientCertificate: undefined, socketFolder, ports, asksAboutMultiplexing: false };
    expect(await listenForTerraform(server, request, false)).toMatchObject({ network: 'tcp' });
  } finally {
    server.close();
  }
});

test('a log line has a time stamp with six fraction digits, without which Terraform takes it for plain text', () => {
  const line = logLine('debug', 'provider.t', 'hello', { count: 1 }, new Date('2030-01-02T03:04:05.678Z'));
  expect(JSON.parse(line)).toEqual({
    '@level': 'debug',
    '@message': 'hello',
    '@module': 'provider.t',
    '@timestamp': '2030-01-02T03:04:05.678000Z',
    count: 1,
  });
  expect(line.endsWith('}\n')).toBe(true);
});
