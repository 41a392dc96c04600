import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { connect } from 'nats';
import type { Started } from '../support/command-line';
import { commandLine, startCommand } from '../support/command-line';
import { killed } from '../support/processes';

const started: Started['child'][] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Runs the command line as a user would. */
function run(args: readonly string[], environment: Record<string, string> = {}) {
  const command = startCommand(args, {
    env: {
      ...process.env,
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      CI: 'true',
      MEMPHIS_PASSWORD: '',
      MEMPHIS_CONNECTION_TOKEN: '',
      ...environment,
    },
  });
  started.push(command.child);
  return command;
}

const freePorts = ['--port', '0', '--rest-port', '0'];

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'start tells where it is and how to point a stack at it, and %s ends it in order',
  async (signal) => {
    const { child, told, code, firstLine } = run(['broker', 'start', ...freePorts]);
    await firstLine();
    expect(told.out).toMatch(
      /^Memphis local broker is ready: clients 127\.0\.0\.1:\d+, REST http:\/\/127\.0\.0\.1:\d+, user root \/ memphis, store \/\S+ \(temporary\), nats-server 2\.\S+\. Ctrl-C stops it\.\nexport MEMPHIS_HOST=127\.0\.0\.1\nexport MEMPHIS_PORT=\d+\nexport MEMPHIS_REST_URL=http:\/\/127\.0\.0\.1:\d+\nexport MEMPHIS_ACCOUNT_ID=1\nexport MEMPHIS_USERNAME=root\nexport MEMPHIS_PASSWORD=memphis\n$/,
    );
    child.kill(signal);
    expect(await code).toBe(0);
    expect(told.err).toBe('');
    const store = /store (\S+) \(/.exec(told.out)?.[1] ?? '';
    expect(existsSync(path.dirname(store))).toBe(false);
  },
);

test('--json prints one line of JSON that tells where the broker is, and no password', async () => {
  const { child, told, code, firstLine } = run(
    ['broker', 'start', ...freePorts, '--store', 'memory', '--json'],
    {
      MEMPHIS_PASSWORD: 'Secret-1234',
    },
  );
  await firstLine();
  const line = JSON.parse(told.out) as { restUrl: string; port: number };
  expect(line).toMatchObject({
    host: '127.0.0.1',
    username: 'root',
    store: 'memory',
    clientLogin: 'password',
    tls: false,
    nodes: 1,
  });
  const reply = await fetch(`${line.restUrl}/api/usermgmt/login`, {
    method: 'POST',
    body: JSON.stringify({ username: 'root', password: 'Secret-1234' }),
  });
  expect(reply.status).toBe(200);
  expect(told.out).not.toContain('Secret');
  child.kill('SIGTERM');
  expect(await code).toBe(0);
});

test('--faithful leaves a memory station without its streams after a restart', async () => {
  const store = await mkdtemp(path.join(tmpdir(), 'broker-cli-test-'));
  const streamsOf = async (...more: string[]): Promise<readonly string[]> => {
    const { child, told, code, firstLine } = run([
      'broker',
      'start',
      ...freePorts,
      '--store',
      store,
      ...more,
    ]);
    await firstLine();
    const servers = /clients ([\d.:]+)/.exec(told.out)?.[1] ?? '';
    const nats = await connect({ servers, user: 'root', pass: 'memphis', name: '1::root', reconnect: false });
    const station = { name: 'm', partitions_number: 1, storage_type: 'memory', username: 'root' };
    await nats.request('$memphis_station_creations', JSON.stringify(station), { timeout: 5_000 });
    const reply = await nats.request('$JS.API.STREAM.NAMES', '', { timeout: 5_000 });
    await nats.close();
    child.kill('SIGTERM');
    await code;
    return reply.json<{ streams: string[] }>().streams.filter((name) => /^[a-z]/.test(name));
  };
  try {
    expect(await streamsOf()).toEqual(['default$1', 'm$1']);
    expect(await streamsOf('--faithful')).toEqual(['default$1']);
  } finally {
    await rm(store, { recursive: true, force: true });
  }
});

test.each<[args: readonly string[], environment: Record<string, string>, token: string, why: string]>([
  [[], { MEMPHIS_CONNECTION_TOKEN: 'of-environment' }, 'of-environment', 'as every program of this package'],
  [
    ['--connection-token', 'of-argument'],
    { MEMPHIS_CONNECTION_TOKEN: 'of-environment' },
    'of-argument',
    'the argument is nearer',
  ],
])('a connection token: %j with %j takes %s (%s), and does not show it', async (args, environment, token) => {
  const { child, told, code, firstLine } = run(
    ['broker', 'start', ...freePorts, '--store', 'memory', ...args],
    environment,
  );
  await firstLine();
  expect(told.out).toMatch(/, user root with the connection token, on REST root \/ memphis, store memory,/);
  expect(told.out).not.toContain(token);
  const port = Number(/clients 127\.0\.0\.1:(\d+)/.exec(told.out)?.[1]);
  const come = (given: object): Promise<boolean> =>
    connect({ servers: `127.0.0.1:${port}`, name: '1::root', reconnect: false, ...given }).then(
      (nats) => nats.close().then(() => true),
      () => false,
    );
  expect([
    await come({ token }),
    await come({ token: 'another' }),
    await come({ user: 'root', pass: 'memphis' }),
  ]).toEqual([true, false, false]);
  child.kill('SIGTERM');
  expect(await code).toBe(0);
});

test.each([
  [
    ['broker', 'start', '--host', '0.0.0.0', ...freePorts],
    /set a password that is not the default/,
    'open to everybody',
  ],
  [['broker', 'start', '--port', 'x'], /whole number from 0 to 65535/, 'no number'],
  [['broker', 'start', '--log-level', 'loud'], /Allowed choices are error, info, debug/, 'no such level'],
  [['broker', 'start', '--nodes', '2', ...freePorts], /It must be 1 or 3/, 'two servers cannot agree'],
  [['broker', 'start', '--tls-cert', 'x.pem', ...freePorts], /both --tls-cert and --tls-key/, 'half of TLS'],
  [
    ['broker', 'start', '--tls-cert', 'x.pem', '--tls-key', 'x.key', ...freePorts],
    /could not read the TLS files: 2 problems:\n  - certificate: ENOENT.*'x\.pem'\.\n  - key: ENOENT.*'x\.key'\.\nName PEM files that this user can read\.\n$/,
    'no such files: both are told, whichever was missed first',
  ],
  [['broker', 'begin'], /unknown command 'begin'/, 'no such command'],
  [
    ['broker', 'start', '--store', __filename, ...freePorts],
    /could not use the store/,
    'a file is no folder',
  ],
])('%j ends with 1 and says why on stderr (%s)', async (args, message) => {
  const { told, code } = run(args);
  expect(await code).toBe(1);
  expect(told.err).toMatch(message);
  expect(told.out).toBe('');
});

describe('a broker in the background', () => {
  let state: string;
  beforeEach(async () => {
    state = await mkdtemp(path.join(tmpdir(), 'broker-state-'));
  });
  afterEach(() => rm(state, { recursive: true }));
  const cli = async (...args: string[]): Promise<{ code: number | null; out: string; err: string }> => {
    const { told, code } = run(['broker', ...args], { XDG_STATE_HOME: state });
    return { code: await code, ...told };
  };

  test('--detach returns when it is ready, status lists it, stop ends it', async () => {
    const start = await cli('start', '--detach', ...freePorts, '--json');
    const { pid, port, environment } = JSON.parse(start.out) as {
      pid: number;
      port: number;
      environment: Record<string, string>;
    };
    expect(environment).toMatchObject({ MEMPHIS_PORT: String(port), MEMPHIS_PASSWORD: 'memphis' });
    try {
      await (
        await connect({ servers: `127.0.0.1:${port}`, user: 'root', pass: 'memphis', name: 'x::root' })
      ).close();
      const listed = await cli('status', '--json');
      expect(JSON.parse(listed.out)).toEqual([expect.objectContaining({ pid, port })]);
      expect((await cli('stop', '--port', '1')).err).toContain('none is running on port 1');
      expect(await cli('start', '--port', String(port), '--rest-port', '0')).toEqual({
        code: 1,
        out: '',
        err: `cdktf-memphis: could not listen for clients on 127.0.0.1:${port}: a broker that you started before (process ${pid}) uses port ${port}. Use that one, or stop it with cdktf-memphis broker stop --port ${port}, or choose other ports with --port and --rest-port; 0 picks a free one.\n`,
      });
      const stopped = await cli('stop');
      expect(stopped).toMatchObject({ code: 0, err: '' });
      // Nobody named it, so the command says which one that was.
      expect(stopped.out).toMatch(
        new RegExp(
          `^Stopped the broker on port ${port} \\(REST http://127\\.0\\.0\\.1:\\d+, store /\\S+, process ${pid}\\)\\.\n$`,
        ),
      );
      await expect(connect({ servers: `127.0.0.1:${port}`, reconnect: false })).rejects.toThrow(/REFUSED/);
      expect((await cli('status')).out).toBe('No broker is running.\n');
    } finally {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // As it should be.
      }
    }
  }, 60_000);

  test('stop without a port refuses to choose between two brokers, and names their ports', async () => {
    const started = await Promise.all([0, 1].map(() => cli('start', '--detach', ...freePorts, '--json')));
    const brokers = started
      .map(({ out }) => JSON.parse(out) as { readonly pid: number; readonly port: number })
      .sort((a, b) => a.port - b.port);
    try {
      const ports = brokers.map(({ port }) => port);
      expect(await cli('stop')).toEqual({
        code: 1,
        out: '',
        err: `cdktf-memphis: could not stop the broker: 2 are running, on the ports ${ports.join(', ')}. Name one with --port.\n`,
      });
      expect((await cli('status', '--json')).out).toMatch(new RegExp(ports.join('.*')));
      const [first] = ports;
      expect((await cli('stop', '--port', String(first))).out).toContain(`on port ${first} (`);
      expect((await cli('stop')).out).toContain(`on port ${ports[1]} (`);
    } finally {
      killed(brokers.map(({ pid }) => pid));
    }
  }, 60_000);

  test('a port that another program uses is named, and is no matter of a broker out of reach', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const start = await cli('start', '--port', '0', '--rest-port', String(port));
    other.close();
    expect(start).toEqual({
      code: 1,
      out: '',
      err: `cdktf-memphis: could not listen for REST calls on 127.0.0.1:${port}: another program uses port ${port}, maybe a broker in a container or of another user. Stop it, or choose other ports with --port and --rest-port; 0 picks a free one.\n`,
    });
  }, 30_000);

  test('a broker that cannot start in the background says why', async () => {
    const start = await cli('start', '--detach', '--tls-cert', 'x.pem');
    expect([start.code, start.err]).toEqual([1, expect.stringContaining('TLS requires both')]);
    const logged = await cli('start', '--detach', '--log-level', 'info');
    expect([logged.code, logged.err]).toEqual([
      1,
      expect.stringContaining('--log-level is given with --detach'),
    ]);
  }, 30_000);

  test('stop without a broker says what to do', async () => {
    expect(await cli('stop')).toEqual({
      code: 1,
      out: '',
      err: 'cdktf-memphis: could not stop the broker: none is running. Run cdktf-memphis broker status to list the brokers that run.\n',
    });
  }, 30_000);
});

test('a broker ends when the process that started it is killed', async () => {
  const starter = spawn(
    '/bin/sh',
    ['-c', '"$@" & wait', 'sh', process.execPath, commandLine, 'broker', 'start', ...freePorts, '--json'],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, MEMPHIS_PASSWORD: '' } },
  );
  const [first] = (await once(starter.stdout.setEncoding('utf8'), 'data')) as [string];
  const { pid } = JSON.parse(first) as { pid: number };
  starter.kill('SIGKILL');
  await waitUntilGone(pid);
}, 30_000);

/** Fails by the time limit of the test. */
async function waitUntilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(50);
  }
}
