import { Command, Option } from 'commander';

import { countText } from '../model/quantity-text';
import { plural } from '../model/error-text';
import { resolveConnection } from '../model/connection';
import { connectAdmin } from '../runtime/admin';
import type { Choice, Listing } from '../runtime/inventory';
import {
  chosenSchemas,
  chosenStations,
  listedStation,
  listingText,
  readConsumerGroups,
  takeInventory,
} from '../runtime/inventory';

interface ListOptions {
  readonly format: 'text' | 'json';
  readonly tag: readonly string[];
  readonly groups?: true;
}

/** `cdktf-memphis list`: what is live on the broker that MEMPHIS_* names. */
export function listCommand(): Command {
  return new Command('list')
    .description('List the stations and schemas of a broker: settings, messages, consumer groups, owners.')
    .argument('[GLOB...]', 'names of stations and schemas, such as "orders-*"; default: all')
    .addOption(
      new Option('--tag <tag>', 'only stations with this tag, and the schemas that they enforce; repeatable')
        .argParser((tag: string, before: readonly string[]) => [...before, tag])
        .default([], 'all'),
    )
    .option('--groups', 'read each consumer group with its backlog; one request for each partition')
    .addOption(new Option('--format <format>', 'what to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  # What is on the broker that MEMPHIS_* names
  cdktf-memphis list
  # Who lags behind on the stations of a team
  cdktf-memphis list --groups --tag team:shop
  # Names of the stations that hold messages
  cdktf-memphis list --format json | jq -r '.stations[] | select(.messages > 0).name'`,
    )
    .action(list);
}

async function list(names: readonly string[], { format, tag, groups }: ListOptions): Promise<void> {
  const listing = await readListing({ names, tags: tag }, groups === true);
  process.stdout.write(format === 'json' ? `${JSON.stringify(listing, null, 2)}\n` : listingText(listing));
  process.stderr.write(`${summary(listing)}\n`);
}

async function readListing(choice: Choice, withGroups: boolean): Promise<Listing> {
  const admin = await connectAdmin(resolveConnection());
  try {
    const inventory = await takeInventory(admin);
    const stations = chosenStations(inventory, choice);
    const groups = withGroups ? await readConsumerGroups(admin, stations) : undefined;
    const { address, restAddress, serverVersion } = admin.facts;
    return {
      version: 1,
      broker: { address, restAddress, serverVersion },
      stations: stations.map((station) =>
        listedStation(station, groups === undefined ? undefined : (groups.get(station.name) ?? [])),
      ),
      schemas: chosenSchemas(inventory, choice, stations),
      orphanStreams: inventory.orphans.map(({ config }) => config.name).sort(),
    };
  } finally {
    await admin.close();
  }
}

/** `127.0.0.1:6666: 3 stations, 1 schema, 1,204 messages.` */
function summary({ broker, stations, schemas, orphanStreams }: Listing): string {
  const messages = stations.reduce((sum, station) => sum + station.messages, 0);
  const counts = `${plural(stations.length, 'station')}, ${plural(schemas.length, 'schema')}, ${countText(messages)} message${messages === 1 ? '' : 's'}`;
  const orphans =
    orphanStreams.length === 0
      ? ''
      : ` ${plural(orphanStreams.length, 'partition stream')} on the broker belong${orphanStreams.length === 1 ? 's' : ''} to no station: ${orphanStreams.slice(0, 5).join(', ')}${orphanStreams.length > 5 ? ', ...' : ''}.`;
  return `${broker.address}: ${counts}.${orphans}`;
}
