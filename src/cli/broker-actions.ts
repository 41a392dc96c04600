import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';

import { CommanderError } from 'commander';
import pc from 'picocolors';

import { environmentVariables, readEnvironment } from '../model/environment';
import { EnvironmentError, ValidationError } from '../model/errors';
import { LocalBroker } from '../runtime/broker';
import type { BrokerLogLevel, LocalBrokerOptions, TlsFiles } from '../runtime/broker';
import { processIdentity, lives } from '../runtime/broker/store/store-lock';
import { noteBroker, runningBrokers } from './running-brokers';
import { stopAsked } from './stop-asked';

/** The options of `broker start`. */
export interface StartOptions {
  readonly host: string;
  readonly port: number;
  readonly restPort: number;
  readonly allowedHost?: readonly string[];
  readonly store?: string;
  readonly connectionToken?: string;
  readonly nodes: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
  readonly faithful?: true;
  readonly detach?: true;
  readonly json?: true;
  readonly logLevel: BrokerLogLevel;
}

export interface StatusOptions {
  readonly json?: true;
}

export interface StopOptions {
  readonly port?: number;
}

/** @throws ValidationError when a certificate or its key is missing. */
function tlsFilesFromOptions({ tlsCert, tlsKey, tlsCa }: StartOptions): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new ValidationError('start the local broker', ['TLS requires both --tls-cert and --tls-key']);
  }
  return { certFile: tlsCert, keyFile: tlsKey, ...(tlsCa === undefined ? {} : { caFile: tlsCa }) };
}

/** Starts a broker and runs it until a signal. */
export async function startBroker(options: StartOptions): Promise<void> {
  if (options.detach === true && process.env[DETACHED] === undefined) {
    if (options.logLevel !== 'error')
      throw new ValidationError('start the local broker', [
        '--log-level is given with --detach, after which nobody reads the log; leave one of them out',
      ]);
    return startDetached();
  }
  const { host, port, restPort, allowedHost, store, nodes, faithful, logLevel, json } = options;
  // A broker allocates many short-lived objects. A small space for them keeps the process small.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--max-semi-space-size=4');
  const { password, connectionToken: tokenOfEnvironment } = readEnvironment();
  const connectionToken = options.connectionToken ?? tokenOfEnvironment;
  const tls = tlsFilesFromOptions(options);
  const settings: LocalBrokerOptions = {
    host,
    port,
    restPort,
    nodes,
    logLevel,
    ...(allowedHost === undefined ? {} : { allowedHosts: allowedHost }),
    ...(store === undefined ? {} : { store }),
    ...(faithful === undefined ? {} : { faithful }),
    ...(tls === undefined ? {} : { tls }),
    ...(password === undefined ? {} : { password }),
    ...(connectionToken === undefined ? {} : { connectionToken }),
  };
  // Listens before the start, so that Ctrl-C during the start leaves no server behind.
  const asked = stopAsked({ withParent: process.env[DETACHED] === undefined });
  const started = LocalBroker.start(settings).catch(async (error: unknown) => {
    throw await withUserOfPort(error);
  });
  const broker = await Promise.race([started, asked]);
  // The servers end with this process.
  if (broker === 'asked') return void exitWhenStopped(started);
  const forget = noteBroker({
    process: await processIdentity(process.pid),
    host: broker.host,
    port: broker.port,
    restUrl: broker.restUrl,
    store: broker.store,
  });
  process.stdout.write(`${json === true ? jsonLine(broker, settings) : readableText(broker, settings)}\n`);
  if (process.env[DETACHED] !== undefined) {
    // Nobody reads any more; a line that cannot be written must not end the broker.
    for (const stream of [process.stdout, process.stderr]) {
      stream.removeAllListeners('error').on('error', () => undefined);
    }
    process.send?.('ready');
  }
  if (process.connected) process.disconnect();
  const first = await Promise.race([asked, broker.ended().then(() => 'ended' as const)]);
  await broker.stop();
  forget();
  if (first === 'ended') {
    throw new EnvironmentError({
      attempted: 'keep the broker running',
      found: 'its nats-server exited unexpectedly',
      next: 'Start it with --log-level info to see the log of nats-server',
    });
  }
}

/** The error of a port in use, with the broker of this user that uses it, and the option that names another. */
async function withUserOfPort(error: unknown): Promise<unknown> {
  const { code, port } = ((error as Error).cause ?? {}) as { code?: unknown; port?: unknown };
  if (!(error instanceof EnvironmentError) || code !== 'EADDRINUSE') return error;
  const { attempted, cause } = error;
  const other = (await runningBrokers(lives)).find(
    (broker) => broker.port === port || new URL(broker.restUrl).port === String(port),
  );
  if (other === undefined) {
    return new EnvironmentError({
      attempted,
      found: `another program uses port ${String(port)}, maybe a broker in a container or of another user`,
      next: 'Stop it, or choose other ports with --port and --rest-port; 0 picks a free one',
      cause,
    });
  }
  return new EnvironmentError({
    attempted,
    found: `a broker that you started before (process ${other.process.pid}) uses port ${String(port)}`,
    next: `Use that one, or stop it with cdktf-memphis broker stop --port ${other.port}, or choose other ports with --port and --rest-port; 0 picks a free one`,
    cause,
  });
}

/** Set for the process that goes on in the background. */
const DETACHED = 'CDKTF_MEMPHIS_DETACHED';
const STOP_TIMEOUT_MS = 10_000;

/** Gives a start that is under way the time to undo what it did. */
async function exitWhenStopped(started: Promise<LocalBroker>): Promise<never> {
  await Promise.race([
    started.then((broker) => broker.stop()).catch(() => undefined),
    delay(STOP_TIMEOUT_MS / 2),
  ]);
  process.exit(0);
}

/** Starts this command again in the background, passes on what it prints, and leaves it when it is ready. */
async function startDetached(): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, [DETACHED]: '1' },
  });
  child.stdout?.on('data', (chunk: Buffer) => process.stdout.write(chunk));
  child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  const end = await Promise.race([
    once(child, 'message').then(() => 'ready' as const),
    once(child, 'close').then(() => 'ended' as const),
  ]);
  if (end === 'ended') {
    // It has said why.
    throw new CommanderError(1, 'cdktf-memphis.detach', '');
  }
  // What was written before the message is in the pipes already.
  await delay(50);
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  child.unref();
}

/** Prints the brokers that run. */
export async function printStatus({ json }: StatusOptions): Promise<void> {
  const brokers = await runningBrokers(lives);
  if (json === true) {
    process.stdout.write(
      `${JSON.stringify(brokers.map(({ process: { pid }, ...rest }) => ({ pid, ...rest })))}\n`,
    );
    return;
  }
  const lines = brokers.map(
    ({ host, port, restUrl, store, process: { pid } }) =>
      `clients ${host}:${port}, REST ${restUrl}, store ${store}, process ${pid}\n`,
  );
  process.stdout.write(lines.length === 0 ? 'No broker is running.\n' : lines.join(''));
}

/** Stops one broker. */
export async function stopBroker({ port }: StopOptions): Promise<void> {
  const all = await runningBrokers(lives);
  const meant = port === undefined ? all : all.filter((broker) => broker.port === port);
  const [broker, ...more] = meant;
  if (broker === undefined) {
    throw new EnvironmentError({
      attempted: 'stop the broker',
      found: port === undefined ? 'none is running' : `none is running on port ${port}`,
      next: 'Run cdktf-memphis broker status to list the brokers that run.',
    });
  }
  if (more.length > 0) {
    throw new EnvironmentError({
      attempted: 'stop the broker',
      found: `${meant.length} are running, on the ports ${meant.map((each) => each.port).join(', ')}`,
      next: 'Name one with --port.',
    });
  }
  process.kill(broker.process.pid, 'SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (await lives(broker.process)) {
    if (Date.now() > deadline) {
      throw new EnvironmentError({
        attempted: `stop the broker on port ${broker.port}`,
        found: `its process ${broker.process.pid} still runs after ${STOP_TIMEOUT_MS / 1000} s`,
        next: `End it with kill -9 ${broker.process.pid}.`,
      });
    }
    await delay(50);
  }
  process.stdout.write(
    `Stopped the broker on port ${broker.port} (REST ${broker.restUrl}, store ${broker.store}, process ${broker.process.pid}).\n`,
  );
}

function jsonLine(broker: LocalBroker, settings: LocalBrokerOptions): string {
  const { host, port, restPort, restUrl, store, version } = broker;
  const { connectionToken, tls, nodes } = settings;
  return JSON.stringify({
    host,
    port,
    restPort,
    restUrl,
    username: 'root',
    clientLogin: connectionToken === undefined ? 'password' : 'connection-token',
    tls: tls !== undefined,
    nodes,
    store,
    natsServerVersion: version,
    pid: process.pid,
    environment: knownEnvironment(broker, settings),
  });
}

/** Without the secrets that the user set: they are in the environment of this command, and belong in no log. */
function knownEnvironment(
  broker: LocalBroker,
  { password, connectionToken }: LocalBrokerOptions,
): Record<string, string> {
  const all = Object.entries(broker.environment());
  return Object.fromEntries(
    all.filter(([name]) => {
      if (name === environmentVariables.password.name) return password === undefined;
      return name !== environmentVariables.connectionToken.name || connectionToken === undefined;
    }),
  );
}

/** The lines to paste into a shell, after the one about the broker. */
function readableText(broker: LocalBroker, settings: LocalBrokerOptions): string {
  const lines = Object.entries(knownEnvironment(broker, settings)).map(
    ([name, value]) => `export ${name}=${shellWord(value)}`,
  );
  return [readableLine(broker, settings), ...lines].join('\n');
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function readableLine(broker: LocalBroker, settings: LocalBrokerOptions): string {
  const { green, bold, dim } = pc.createColors(isatty(1) && pc.isColorSupported);
  const { tls, nodes = 1, store } = settings;
  return [
    green('Memphis local broker is ready:'),
    `clients ${bold(`${broker.host}:${broker.port}`)}${tls === undefined ? '' : ' with TLS'},`,
    `REST ${bold(broker.restUrl)}, ${credentialsText(settings)},`,
    dim(
      `${nodes === 1 ? '' : `${nodes} nodes, `}store ${broker.store}${store === undefined ? ' (temporary)' : ''},`,
    ),
    dim(
      `nats-server ${broker.version}. ${process.env[DETACHED] === undefined ? 'Ctrl-C' : '`cdktf-memphis broker stop`'} stops it.`,
    ),
  ].join(' ');
}

/** Prints the well-known default password, and never a secret that the user set. */
function credentialsText({ password, connectionToken }: LocalBrokerOptions): string {
  const passwordText =
    password === undefined ? 'memphis' : `the password in ${environmentVariables.password.name}`;
  return connectionToken === undefined
    ? `user root / ${passwordText}`
    : `user root with the connection token, on REST root / ${passwordText}`;
}
