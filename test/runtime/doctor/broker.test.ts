import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

import { resolveConnection } from '../../../src/model/connection';
import { LocalBroker } from '../../../src/runtime/broker';
import { createIdentity } from '../../../src/runtime/certificate/identity';
import type { CheckResult } from '../../../src/runtime/doctor';
import { examine } from '../../../src/runtime/doctor';
import { certificateChecks } from '../../../src/runtime/doctor/certificates';
import { resultsOf } from '../../../src/runtime/doctor/check';
import { RestProxy } from '../../support/rest-proxy';
import { TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
const folder = mkdtempSync(path.join(tmpdir(), 'doctor-broker-test-'));
const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections?.();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

/** What `doctor` finds about a broker, by check. */
async function found(changed: Readonly<Record<string, string>> = {}): Promise<Record<string, CheckResult>> {
  const areas = await examine({
    folder,
    environment: { PATH: process.env.PATH, ...broker.environment, ...changed },
    home: folder,
    nodeVersion: '22.0.0',
    nodeRange: '>=20.19.0',
    peers: {},
  });
  const results = areas.find(({ name }) => name === 'broker')?.results ?? [];
  return Object.fromEntries(results.map((each) => [each.id, each]));
}

const statusesOf = (results: Readonly<Record<string, CheckResult>>): Record<string, string> =>
  Object.fromEntries(Object.entries(results).map(([id, { status }]) => [id, status]));

const fine = {
  'client-port': 'ok',
  'rest-port': 'ok',
  'client-certificate': 'ok',
  'rest-certificate': 'ok',
  'client-login': 'ok',
  'rest-login': 'ok',
  'broker-version': 'ok',
  'same-broker': 'ok',
  'read-streams': 'ok',
  'change-streams': 'ok',
  'write-ledger': 'ok',
  'read-objects': 'ok',
  'change-objects': 'ok',
  produce: 'notChecked',
  clock: 'ok',
};

test('a broker that is well is fine in every respect, and is as it was', async () => {
  const view = async (): Promise<unknown> => ({
    streams: await broker.jetStream('STREAM.NAMES'),
    stations: await broker.rest('GET', '/stations/getAllStations'),
  });
  const before = await view();
  expect(statusesOf(await found())).toEqual(fine);
  expect(await view()).toEqual(before);
});

test('settings that are missing are named, and nothing else is tried', async () => {
  const results = await found({ MEMPHIS_HOST: '', MEMPHIS_PORT: 'x' });
  expect(statusesOf(results)).toEqual({ 'connection-settings': 'problem' });
  expect(results['connection-settings']).toMatchObject({
    isUnreachable: true,
    found: expect.stringContaining('MEMPHIS_PORT is "x"') as string,
  });
});

test('a client port that is down leaves the checks of the REST API', async () => {
  const results = await found({ MEMPHIS_PORT: '1' });
  expect(statusesOf(results)).toEqual({
    ...fine,
    'client-port': 'problem',
    'client-certificate': 'notChecked',
    'client-login': 'notChecked',
    'broker-version': 'notChecked',
    'same-broker': 'notChecked',
    'read-streams': 'notChecked',
    'change-streams': 'notChecked',
    'write-ledger': 'notChecked',
  });
  expect(results['client-port']).toMatchObject({
    isUnreachable: true,
    found: '127.0.0.1:1 cannot be reached: nothing listens there.',
    next: 'Check MEMPHIS_HOST and MEMPHIS_PORT, that the broker is running, and that no firewall is in between.',
  });
});

test('a REST API that is down leaves the checks of the client port', async () => {
  const results = await found({ MEMPHIS_REST_URL: 'http://127.0.0.1:1' });
  expect(statusesOf(results)).toEqual({
    ...fine,
    'rest-port': 'problem',
    'rest-certificate': 'notChecked',
    'rest-login': 'notChecked',
    'broker-version': 'notChecked',
    'same-broker': 'notChecked',
    'read-objects': 'notChecked',
    'change-objects': 'notChecked',
    clock: 'notChecked',
  });
  expect(results['rest-port']?.next).toContain('drift and list go on with --streams-only');
});

test('a REST URL that names the client port is one problem, with what to set', async () => {
  const { MEMPHIS_PORT: port = '' } = broker.environment;
  const results = await found({ MEMPHIS_REST_URL: `http://127.0.0.1:${port}` });
  expect(statusesOf(results)).toEqual({
    ...fine,
    'rest-login': 'problem',
    'broker-version': 'notChecked',
    'same-broker': 'notChecked',
    'read-objects': 'notChecked',
    'change-objects': 'notChecked',
    clock: 'notChecked',
  });
  expect(results['rest-login']?.found).toContain(`http://127.0.0.1:${port} does not answer in HTTP`);
  expect(results['rest-login']?.next).toContain('Set MEMPHIS_REST_URL to the REST API of the broker');
  expect(results.clock?.found).toBe('The REST API does not answer.');
});

test('a wrong password is found on both sides, and is in no text', async () => {
  const results = await found({ MEMPHIS_PASSWORD: 'Not-The-Password' });
  for (const id of ['client-login', 'rest-login']) {
    expect(results[id]).toMatchObject({ status: 'problem', isUnreachable: true });
    expect(results[id]?.next).toContain('MEMPHIS_PASSWORD');
  }
  expect(JSON.stringify(results)).not.toContain('Not-The-Password');
});

test('a user with permission lists may read over REST and change no stream', async () => {
  const user = { username: 'limited', user_type: 'application', password: 'Abc123!@#x' };
  const lists = { allow_read_permissions: ['orders'], allow_write_permissions: ['orders'] };
  expect(await broker.rest('POST', '/usermgmt/addUser', { ...user, ...lists })).toMatchObject({
    status: 200,
  });
  const { MEMPHIS_USERNAME = '', MEMPHIS_PASSWORD = '' } = broker.environment;
  const results = await found({
    MEMPHIS_USERNAME: user.username,
    MEMPHIS_PASSWORD: user.password,
    MEMPHIS_REST_USERNAME: MEMPHIS_USERNAME,
    MEMPHIS_REST_PASSWORD: MEMPHIS_PASSWORD,
  });
  expect(statusesOf(results)).toEqual({
    ...fine,
    'same-broker': 'notChecked',
    'read-streams': 'problem',
    'change-streams': 'problem',
    'write-ledger': 'problem',
  });
  expect(results['change-streams']?.next).toMatch(
    /^Use root, or a user of type application without permission lists/,
  );
});

/** An HTTP server in front of the REST API that changes what it says. */
async function behind(
  change: (incoming: IncomingMessage, text: string, answer: ServerResponse) => string,
): Promise<string> {
  const target = broker.environment.MEMPHIS_REST_URL ?? '';
  const server: HttpServer = createHttpServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { authorization = '' } = incoming.headers;
      void fetch(`${target}${incoming.url ?? ''}`, {
        method: incoming.method ?? 'GET',
        headers: { authorization },
        ...(incoming.method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
      }).then(async (reply) => {
        const text = change(incoming, await reply.text(), answer);
        answer.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '' }).end(text);
      });
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a REST API of a broker that was made at another time is another broker', async () => {
  const MEMPHIS_REST_URL = await behind((_, text) =>
    text.replace(
      /("created_at": ?")(\d{4})/g,
      (_whole, key: string, year: string) => `${key}${Number(year) - 1}`,
    ),
  );
  const { 'same-broker': same } = await found({ MEMPHIS_REST_URL });
  expect(same).toMatchObject({
    status: 'problem',
    found: expect.stringMatching(
      /do not seem to be one broker: station "default" and its stream were made \d+ s apart/,
    ) as string,
    next: 'Set MEMPHIS_REST_URL to the REST API of the broker that MEMPHIS_HOST and MEMPHIS_PORT name.',
  });
});

test('a clock that is minutes behind, and a version of another line, are found', async () => {
  const MEMPHIS_REST_URL = await behind((_, text, answer) => {
    answer.setHeader('date', new Date(Date.now() - 300_000).toUTCString());
    return text.replace('1.4.4', '2.0.1');
  });
  const results = await found({ MEMPHIS_REST_URL });
  expect(results.clock).toMatchObject({
    status: 'problem',
    found: expect.stringMatching(/^The clock of the broker is (299|300) s behind this machine\.$/) as string,
  });
  expect(results['broker-version']).toMatchObject({
    status: 'warning',
    found: expect.stringContaining('2.0.1') as string,
  });
});

test('asks one write that cannot succeed of the REST API', async () => {
  const proxy = await RestProxy.start(broker.environment.MEMPHIS_REST_URL ?? '');
  try {
    await found({ MEMPHIS_REST_URL: proxy.url });
    const writes = proxy.requests.filter((call) => !call.startsWith('GET') && !call.endsWith('/login'));
    expect(writes).toEqual(['POST /api/stations/createStation']);
  } finally {
    await proxy.stop();
  }
});

describe('certificates', () => {
  const certificate = (name: string, end?: Date): { cert: Buffer; key: Buffer; file: string } => {
    const { certificate: cert, privateKey: key } = createIdentity('server', end);
    const file = path.join(folder, `${name}.pem`);
    writeFileSync(file, cert);
    writeFileSync(path.join(folder, `${name}.key`), key);
    return { cert, key, file };
  };
  const day = 86_400_000;
  const good = certificate('good', new Date(Date.now() + 400 * day));
  const old = certificate('old', new Date(Date.now() - day));
  const short = certificate('short', new Date(Date.now() + 10.5 * day));

  const answers = async (settings: object): Promise<Record<string, string>> => {
    const all = { host: 'localhost', username: 'root', password: 'memphis', ...settings };
    const [client, rest] = await resultsOf(certificateChecks(resolveConnection(all, {})), 5_000);
    const text = ({ status, found: what, next = '' }: CheckResult): string =>
      `${status}: ${what} ${next}`.trim();
    if (client === undefined || rest === undefined) throw new Error('two checks were expected');
    return { client: text(client), rest: text(rest) };
  };

  /** What a NATS server does: a greeting in the clear, then TLS. */
  async function greeting({ cert, key }: { readonly cert: Buffer; readonly key: Buffer }): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('INFO {"tls_required":true}\r\n');
      new TLSSocket(socket, { isServer: true, cert, key }).on('error', () => undefined);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, resolve));
    return (server.address() as AddressInfo).port;
  }

  test('of a real server: trusted by its own authority, and by no other', async () => {
    const tls = { certFile: good.file, keyFile: path.join(folder, 'good.key') };
    const secure = await LocalBroker.start({ store: 'memory', tls });
    try {
      const at = { port: secure.port, restUrl: secure.restUrl };
      expect((await answers({ ...at, caFile: good.file })).client).toMatch(
        /^ok: The certificate names localhost, is trusted, and expires on \d{4}-\d\d-\d\d\.$/,
      );
      expect((await answers(at)).client).toMatch(
        /^problem: The certificate is not trusted \(\w*SELF_SIGNED\w*\)\. Set MEMPHIS_CA_FILE to the PEM file/,
      );
      expect((await answers({ ...at, caFile: good.file, host: '127.0.0.1' })).client).toMatch(
        /^problem: The certificate does not name 127\.0\.0\.1, but DNS:localhost\./,
      );
    } finally {
      await secure.stop();
    }
  });

  test('that have expired, or will soon', async () => {
    expect((await answers({ port: await greeting(old), caFile: old.file })).client).toMatch(
      /^problem: The certificate expired on \S+\. Renew the certificate on the broker\.$/,
    );
    expect((await answers({ port: await greeting(short), caFile: short.file })).client).toMatch(
      /^warning: The certificate expires in 10 days, on \S+\. Renew/,
    );
  });

  test('of the REST API', async () => {
    const server = createTlsServer({ cert: good.cert, key: good.key }, (socket) => socket.end());
    server.on('tlsClientError', () => undefined);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { rest } = await answers({
      port: await greeting(good),
      restUrl: `https://localhost:${(server.address() as AddressInfo).port}`,
    });
    expect(rest).toMatch(
      /^problem: The certificate is not trusted .* Set NODE_EXTRA_CA_CERTS to the PEM file/,
    );
  });

  test('files that nobody asks for are a problem of the settings', async () => {
    const { MEMPHIS_PORT } = broker.environment;
    expect((await answers({ host: '127.0.0.1', port: MEMPHIS_PORT, caFile: good.file })).client).toMatch(
      /^problem: TLS files are set, but the broker does not use TLS on this port\. Unset MEMPHIS_CA_FILE/,
    );
  });
});
