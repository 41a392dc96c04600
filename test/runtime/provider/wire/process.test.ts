// The life of a provider process: handshake, certificates, calls, and every way to end.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@grpc/grpc-js';
import { createIdentity } from '../../../../src/runtime/certificate/identity';
import { calls } from '../../../../src/runtime/provider/wire/messages';
import { packProvider } from '../../../support/packed-provider';
import type { ProviderProcess } from './provider-process';
import { MAGIC_COOKIE, call, connect, startProvider } from './provider-process';

const folder = mkdtempSync(join(tmpdir(), 'wire-'));
const program = join(folder, 'packed/terraform-provider-toy/terraform-provider-toy.cjs');
const terraform = createIdentity('client');
const running: ProviderProcess[] = [];
const clients: Client[] = [];

beforeAll(async () => {
  await packProvider({
    entry: resolve(__dirname, '../../../support/toy-provider/main.ts'),
    address: 'toy.invalid/test/toy',
    version: '1.0.0',
    outDir: join(folder, 'packed'),
  });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(environment: Readonly<Record<string, string>> = {}): Promise<ProviderProcess> {
  const provider = await startProvider(program, {
    PLUGIN_PROTOCOL_VERSIONS: '5,6',
    PLUGIN_UNIX_SOCKET_DIR: folder,
    PLUGIN_CLIENT_CERT: terraform.certificate.toString(),
    ...environment,
  });
  running.push(provider);
  return provider;
}

function open(provider: ProviderProcess, identity = terraform): Client {
  const client = connect(provider, identity);
  clients.push(client);
  return client;
}

test('the handshake line has six fields, the last a certificate without padding', async () => {
  const { fields } = await start();
  expect(fields.slice(0, 3)).toEqual(['1', '6', 'unix']);
  expect(fields[4]).toBe('grpc');
  expect(fields[5]).toMatch(/^[A-Za-z0-9+/]{100,}$/);
  expect(fields).toHaveLength(6);
});

test('a host that asks about multiplexing is told that there is none', async () => {
  expect((await start({ PLUGIN_MULTIPLEX_GRPC: 'true' })).fields[6]).toBe('false');
});

test('calls are answered, and calls it does not know are UNIMPLEMENTED', async () => {
  const client = open(await start());
  const answer = await call(client, '/tfplugin6.Provider/GetProviderSchema');
  const schema = calls.GetProviderSchema.response.decode(answer);
  expect(schema.diagnostics).toEqual([]);
  expect(Object.keys(schema.resourceSchemas)).toEqual(['toy_box']);
  expect(schema.serverCapabilities).toMatchObject({ planDestroy: true, getProviderSchemaOptional: true });
  // UNIMPLEMENTED is the answer that every host accepts.
  await expect(call(client, '/tfplugin6.Provider/GetMetadata')).rejects.toMatchObject({
    code: 12,
  });
  await expect(call(client, '/plugin.GRPCStdio/StreamStdio')).rejects.toMatchObject({ code: 12 });
});

test('a message of several megabytes passes, which the library by itself refuses', async () => {
  const client = open(await start());
  const state = { content: 'x'.repeat(6_000_000), locked: false, breaks: false };
  const rawState = { json: Buffer.from(JSON.stringify(state)) };
  const request = calls.UpgradeResourceState.request.encode({ typeName: 'toy_box', version: 0, rawState });
  const answer = await call(client, '/tfplugin6.Provider/UpgradeResourceState', request);
  const { upgradedState } = calls.UpgradeResourceState.response.decode(answer);
  expect(Buffer.from(upgradedState?.json ?? []).equals(rawState.json)).toBe(true);
});

test('bytes that are no message fail that one call only', async () => {
  const client = open(await start());
  await expect(
    call(client, '/tfplugin6.Provider/ValidateProviderConfig', Buffer.from([0x0a, 0xff])),
  ).rejects.toMatchObject({ code: 13 });
  await expect(call(client, '/tfplugin6.Provider/StopProvider')).resolves.toBeInstanceOf(Buffer);
});

test('a client with another certificate is turned away', async () => {
  const provider = await start();
  const stranger = open(provider, createIdentity('client'));
  await expect(call(stranger, '/tfplugin6.Provider/StopProvider')).rejects.toMatchObject({ code: 14 });
  const plain = connect(provider);
  clients.push(plain);
  await expect(call(plain, '/tfplugin6.Provider/StopProvider')).rejects.toMatchObject({ code: 14 });
});

test('Shutdown is answered, then the process ends well and its socket is gone', async () => {
  const provider = await start();
  const client = open(provider);
  await call(client, '/plugin.GRPCController/Shutdown');
  client.close();
  expect(await provider.ended).toBe(0);
  expect(existsSync(provider.fields[3] ?? '')).toBe(false);
});

test('Ctrl-C is left to Terraform; SIGTERM ends the process and removes the socket', async () => {
  const provider = await start();
  const client = open(provider);
  provider.child.kill('SIGINT');
  await expect(call(client, '/tfplugin6.Provider/StopProvider')).resolves.toBeInstanceOf(Buffer);
  client.close();
  provider.child.kill('SIGTERM');
  expect(await provider.ended).toBe(0);
  expect(existsSync(provider.fields[3] ?? '')).toBe(false);
});

test('it ends by itself about a second after its last connection is gone', async () => {
  const provider = await start();
  const client = open(provider);
  await call(client, '/tfplugin6.Provider/StopProvider');
  const closed = Date.now();
  client.close();
  expect(await provider.ended).toBe(0);
  expect(Date.now() - closed).toBeGreaterThan(800);
  expect(existsSync(provider.fields[3] ?? '')).toBe(false);
});

test('it ends when its parent is gone before anybody connected', async () => {
  // The parent dies without a word as soon as the provider listens.
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `const child = require('node:child_process').spawn(${JSON.stringify(program)}, { stdio: ['ignore', 'pipe', 'ignore'] });
       child.stdout.once('data', () => process.kill(process.pid, 'SIGKILL'));`,
    ],
    {
      env: { PATH: process.env.PATH, TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE, PLUGIN_UNIX_SOCKET_DIR: folder },
      stdio: 'ignore',
    },
  );
  await once(parent, 'exit');
  expect(readdirSync(folder)).toHaveLength(2);
  // The socket is removed as the last thing of a provider.
  for (let waited = 0; readdirSync(folder).length > 1 && waited < 5_000; waited += 50) {
    await pause(50);
  }
  expect(readdirSync(folder)).toEqual(['packed']);
});

test.each([
  ['by hand', {}, 'Terraform or OpenTofu starts it by itself'],
  [
    'by a host that only speaks protocol 5',
    { TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE, PLUGIN_PROTOCOL_VERSIONS: '4,5' },
    'Use Terraform 1.5 or later',
  ],
])('started %s it says what to do and exits with 1', (_how, environment, text) => {
  const { status, stdout, stderr } = spawnSync(program, [], {
    env: { PATH: process.env.PATH, ...environment },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('toy.invalid/test/toy');
  expect(stderr).toContain(text);
});
