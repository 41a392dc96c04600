import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';

import { Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';

import { environmentVariables, readEnvironment } from '../model/environment';
import { EnvironmentError, ValidationError } from '../model/errors';
import type { BrokerLogLevel, LocalBroker, LocalBrokerOptions, TlsFiles } from '../runtime/broker';

interface StartOptions {
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
  readonly json?: true;
  readonly logLevel: BrokerLogLevel;
}

/** `cdktf-memphis broker`: a Memphis broker on this machine. */
export function brokerCommand(): Command {
  return new Command('broker').description('A Memphis broker on this machine.').addCommand(
    new Command('start')
      .description('Start a broker and run it until Ctrl-C. Nothing else has to be installed.')
      .option(
        '--host <address>',
        'address to listen on; if other machines can reach it, MEMPHIS_PASSWORD is required',
        '127.0.0.1',
      )
      .option('--port <number>', 'TCP port for clients; 0 picks a free one', portNumber, 6666)
      .option('--rest-port <number>', 'TCP port of the REST API; 0 picks a free one', portNumber, 9000)
      .option(
        '--allowed-host <name>',
        'another host name under which the REST API may be called, also by web pages; repeatable; * allows all',
        (name: string, before: readonly string[] | undefined) => [...(before ?? []), name],
      )
      .option('--store <folder>', 'folder for all data, or "memory" (default: a temporary folder)')
      .addOption(
        new Option('--nodes <number>', 'number of servers; 3 allow stations with 3 replicas')
          .argParser(nodesNumber)
          .default(1),
      )
      .option('--tls-cert <file>', 'certificate (PEM); clients must then use TLS; requires --tls-key')
      .option('--tls-key <file>', 'key of that certificate (PEM)')
      .option('--tls-ca <file>', 'CA certificate (PEM); clients must then have a certificate that it signed')
      .option(
        '--connection-token <token>',
        'accept this token from clients instead of user names and passwords; MEMPHIS_CONNECTION_TOKEN keeps it out of process lists',
      )
      .option(
        '--faithful',
        'restart like a real broker: memory stations lose their streams and are removed 15 minutes later',
      )
      .option('--json', 'print the addresses as one line of JSON')
      .addOption(
        new Option('--log-level <level>', 'how much to log on stderr')
          .choices(['error', 'info', 'debug'])
          .default('error'),
      )
      .action(startBroker),
  );
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}

function nodesNumber(text: string): number {
  if (text !== '1' && text !== '3') throw new InvalidArgumentError('It must be 1 or 3.');
  return Number(text);
}

/** @throws ValidationError when a certificate or its key is missing. */
function tlsFilesFromOptions({ tlsCert, tlsKey, tlsCa }: StartOptions): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new ValidationError('start the local broker', ['TLS requires both --tls-cert and --tls-key']);
  }
  return { certFile: tlsCert, keyFile: tlsKey, ...(tlsCa === undefined ? {} : { caFile: tlsCa }) };
}

async function startBroker(options: StartOptions): Promise<void> {
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
  const asked = stopAsked();
  // Loaded here and not at the top: other commands, and --help, start faster without it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a real import() knows no folders
  const { LocalBroker } = require('../runtime/broker') as typeof import('../runtime/broker');
  const broker = await LocalBroker.start(settings);
  process.stdout.write(`${json === true ? jsonLine(broker, settings) : readableLine(broker, settings)}\n`);
  const first = await Promise.race([asked, broker.ended().then(() => 'ended' as const)]);
  await broker.stop();
  if (first === 'ended') {
    throw new EnvironmentError({
      attempted: 'keep the broker running',
      found: 'its nats-server exited unexpectedly',
      next: 'Start it with --log-level info to see the log of nats-server',
    });
  }
}

function stopAsked(): Promise<'asked'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('asked'));
  });
}

function jsonLine(
  { host, port, restPort, restUrl, store, version }: LocalBroker,
  { connectionToken, tls, nodes }: LocalBrokerOptions,
): string {
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
  });
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
    dim(`nats-server ${broker.version}. Ctrl-C stops it.`),
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
