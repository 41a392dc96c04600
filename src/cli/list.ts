import { Command, Option } from 'commander';

import { withExamples } from './examples';
import type { ListOptions } from './list-action';

/** `cdktf-memphis list`: what is live on the broker that MEMPHIS_* names. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('List the stations and schemas of a broker: settings, messages, consumer groups, owners.')
    .argument('[GLOB...]', 'names of stations and schemas, such as "orders-*"; default: all')
    .addOption(
      new Option('--tag <tag>', 'only stations with this tag, and the schemas that they enforce; repeatable')
        .argParser((tag: string, before: readonly string[]) => [...before, tag])
        .default([], 'all'),
    )
    .option('--groups', 'read each consumer group with its backlog; one request for each partition')
    .option(
      '--streams-only',
      'use the client port alone, where the REST API cannot be reached; what it does not show is left out and named on stderr',
    )
    .addOption(new Option('--format <format>', 'what to print').choices(['text', 'json']).default('text'))
    .action(async (names: readonly string[], options: ListOptions) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it runs, not for its help
      const { runList } = require('./list-action') as typeof import('./list-action');
      await runList(names, options);
    });
  return withExamples(command, [
    ['what is on the broker that MEMPHIS_* names', 'cdktf-memphis list'],
    ['who lags behind on the stations of a team', 'cdktf-memphis list --groups --tag team:shop'],
    [
      'the names of the stations that hold messages',
      "cdktf-memphis list --format json | jq -r '.stations[] | select(.messages > 0).name'",
    ],
  ]);
}
