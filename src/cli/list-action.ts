import { countText } from '../model/quantity-text';
import { ValidationError } from '../model/errors';
import { plural } from '../model/error-text';
import { resolveConnection } from '../model/connection';
import { connectAdmin, connectToStreams, readOnly } from '../runtime/admin';
import type { Choice, Listing } from '../runtime/inventory';
import {
  chosenSchemas,
  chosenStations,
  chosenUsers,
  listedStation,
  listedUser,
  listingText,
  notReadWithoutRest,
  readConsumerGroups,
  takeInventory,
} from '../runtime/inventory';

/** The options of `cdktf-memphis list`. */
export interface ListOptions {
  readonly format: 'text' | 'json';
  readonly tag: readonly string[];
  readonly groups?: true;
  readonly streamsOnly?: true;
}

/** Lists what is on the broker that MEMPHIS_* names, on stdout. */
export async function runList(names: readonly string[], options: ListOptions): Promise<void> {
  const { format, tag, streamsOnly } = options;
  const choice = { names, tags: tag };
  if (streamsOnly === true && tag.length > 0) {
    throw new ValidationError('list stations', [
      '--tag is given with --streams-only, and only the REST API shows tags; leave one of them out',
    ]);
  }
  const { listing, all } = await readListing(choice, options);
  process.stdout.write(format === 'json' ? `${JSON.stringify(listing, null, 2)}\n` : listingText(listing));
  process.stderr.write(`${summary(listing)}\n${hint(listing, choice, all)}${omission(listing)}`);
}

/** How many of each are on the broker, chosen or not. */
interface Totals {
  readonly stations: number;
  readonly schemas: number;
  readonly users: number;
}

async function readListing(
  choice: Choice,
  { groups: withGroups, streamsOnly }: Pick<ListOptions, 'groups' | 'streamsOnly'>,
): Promise<{ readonly listing: Listing; readonly all: Totals }> {
  const connect = streamsOnly === true ? connectToStreams : connectAdmin;
  const admin = readOnly(await connect(resolveConnection()));
  const notRead = streamsOnly === true ? notReadWithoutRest : undefined;
  try {
    const inventory = await takeInventory(admin);
    const stations = chosenStations(inventory, choice);
    const groups = withGroups === true ? await readConsumerGroups(admin, stations) : undefined;
    const { address, restAddress, serverVersion } = admin.facts;
    const listing: Listing = {
      version: 1,
      broker: { address, restAddress, serverVersion },
      ...(notRead === undefined ? {} : { notRead }),
      stations: stations.map((station) =>
        listedStation(station, groups === undefined ? undefined : (groups.get(station.name) ?? []), notRead),
      ),
      schemas: chosenSchemas(inventory, choice, stations),
      users: chosenUsers(inventory, choice).map(listedUser),
      orphanStreams: inventory.orphans.map(({ config }) => config.name).sort(),
    };
    const {
      stations: { length: allStations },
      schemas: { length: allSchemas },
      users,
    } = inventory;
    return { listing, all: { stations: allStations, schemas: allSchemas, users: users.length } };
  } finally {
    await admin.close();
  }
}

/** `127.0.0.1:6666: 3 stations, 1 schema, 1,204 messages.` */
function summary({ broker, stations, schemas, users, orphanStreams }: Listing): string {
  const messages = stations.reduce((sum, station) => sum + station.messages, 0);
  const counts = `${plural(stations.length, 'station')}, ${plural(schemas.length, 'schema')}, ${users.length === 0 ? '' : `${plural(users.length, 'user')}, `}${countText(messages)} message${messages === 1 ? '' : 's'}`;
  const orphans =
    orphanStreams.length === 0
      ? ''
      : ` ${plural(orphanStreams.length, 'partition stream')} on the broker belong${orphanStreams.length === 1 ? 's' : ''} to no station: ${orphanStreams.slice(0, 5).join(', ')}${orphanStreams.length > 5 ? ', ...' : ''}.`;
  return `${broker.address}: ${counts}.${orphans}`;
}

/** What the REST API would have shown; empty when it was asked. */
function omission({ notRead }: Listing): string {
  if (notRead === undefined) return '';
  return `Not read, because --streams-only leaves the REST API out: ${notRead.join(', ')}.\n`;
}

/** What to do when nothing was chosen; empty otherwise. */
function hint({ stations, schemas, users }: Listing, { names, tags }: Choice, all: Totals): string {
  const isAnything = [stations, schemas, users].some(({ length }) => length > 0);
  if (isAnything || (names.length === 0 && tags.length === 0)) return '';
  const wanted = [...names.map((name) => `"${name}"`), ...tags.map((tag) => `the tag "${tag}"`)];
  return `Nothing matches ${wanted.join(', ')}. ${plural(all.stations, 'station')}, ${plural(all.schemas, 'schema')} and ${plural(all.users, 'user')} are there: list them with cdktf-memphis list.\n`;
}
