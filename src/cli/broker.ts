import { Command, InvalidArgumentError, Option } from 'commander';

import type { StartOptions, StatusOptions, StopOptions } from './broker-actions';
import { withExamples } from './examples';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when a command runs, not for its help
const actions = () => require('./broker-actions') as typeof import('./broker-actions');

/** `cdktf-memphis broker`: a Memphis broker on this machine. */
export function brokerCommand(): Command {
  const statusCommand = new Command('status')
    .description('List the brokers that this user runs.')
    .option('--json', 'print them as one line of JSON')
    .action((options: StatusOptions) => actions().printStatus(options));
  const stopCommand = new Command('stop')
    .description('Stop a broker.')
    .option('--port <number>', 'the broker with this port for clients, if several run', portNumber)
    .action((options: StopOptions) => actions().stopBroker(options));
  return new Command('broker')
    .description('A Memphis broker on this machine.')
    .addCommand(startCommand())
    .addCommand(
      withExamples(statusCommand, [['list them for a script', 'cdktf-memphis broker status --json']]),
    )
    .addCommand(
      withExamples(stopCommand, [
        ['stop the one that runs', 'cdktf-memphis broker stop'],
        ['stop one of several', 'cdktf-memphis broker stop --port 6667'],
      ]),
    );
}

function startCommand(): Command {
  const command = new Command('start')
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
    .option('--detach', 'return when the broker is ready; `broker stop` stops it')
    .option('--json', 'print the addresses, the environment and the process id as one line of JSON')
    .addOption(
      new Option('--log-level <level>', 'how much to log on stderr')
        .choices(['error', 'info', 'debug'])
        .default('error'),
    )
    .action((options: StartOptions) => actions().startBroker(options));
  return withExamples(command, [
    ['run it until Ctrl-C', 'cdktf-memphis broker start'],
    ['run it in the background', 'cdktf-memphis broker start --detach'],
    [
      'keep the data, on other ports',
      'cdktf-memphis broker start --store ./data --port 6667 --rest-port 9001',
    ],
    ['stations with 3 replicas', 'cdktf-memphis broker start --nodes 3'],
  ]);
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
