import { plural } from '../../model/error-text';
import { madeByTheBroker } from '../../model/first-start';
import type { Inventory, InventorySchema, InventoryStation, InventoryUser } from '../inventory';
import { globMatcher, isPlainName } from '../../model/globs';
import type { ExportOptions, ExportWarning } from './plan';

/** The objects of a broker that an export is about. */
export interface Selection {
  readonly stations: readonly InventoryStation[];
  readonly schemas: readonly InventorySchema[];
  readonly users: readonly InventoryUser[];
  readonly warnings: readonly ExportWarning[];
  /** What was left out on purpose: sentences. */
  readonly leftOut: readonly string[];
}

/** Chooses what is exported. Stations and users are chosen by name; a schema also when only chosen stations enforce it. */
export function select(inventory: Inventory, options: ExportOptions): Selection {
  const { filter, kinds, withOwned } = options;
  const isWanted = globMatcher(filter);
  const isNamed = (name: string): boolean =>
    filter.some((pattern) => isPlainName(pattern) && pattern.toLowerCase() === name);
  const warnings: ExportWarning[] = [];
  const defaults: string[] = [];
  const owned: string[] = [];

  const isExported = (
    kind: 'station' | 'schema' | 'user',
    name: string,
    owner: string | undefined,
  ): boolean => {
    if (isNamed(name)) return owner === undefined || withOwned || leave(owned, `${kind} "${name}"`);
    if (kind !== 'user' && name === madeByTheBroker[kind]) return leave(defaults, `${kind} "${name}"`);
    return owner === undefined || withOwned || leave(owned, `${kind} "${name}" (${owner})`);
  };

  const stations = !kinds.has('station')
    ? []
    : inventory.stations.filter((station) => {
        if (!isWanted(station.name)) return false;
        const problem = whyNotDeclarable(station);
        if (problem !== undefined) {
          warnings.push({ object: `station "${station.name}"`, text: `Left out: ${problem}.` });
          return false;
        }
        return isExported('station', station.name, station.owner);
      });
  const chosen = new Set(stations.map(({ name }) => name));
  const schemas = !kinds.has('schema')
    ? []
    : inventory.schemas.filter((schema) => {
        const isOnlyTheirs = schema.stations.length > 0 && schema.stations.every((name) => chosen.has(name));
        return (isWanted(schema.name) || isOnlyTheirs) && isExported('schema', schema.name, schema.owner);
      });
  const users = !kinds.has('user')
    ? []
    : inventory.users.filter(({ name, owner }) => isWanted(name) && isExported('user', name, owner));
  for (const { config } of inventory.orphans) {
    const text = 'Left out: it looks like the partition of a station, and belongs to none.';
    if (filter.length === 0) warnings.push({ object: `stream "${config.name}"`, text });
  }
  return { stations, schemas, users, warnings, leftOut: leftOutText(defaults, owned) };
}

function leave(list: string[], what: string): false {
  list.push(what);
  return false;
}

function leftOutText(defaults: readonly string[], owned: readonly string[]): string[] {
  const texts: string[] = [];
  if (defaults.length > 0)
    texts.push(
      `${defaults.join(' and ')}, which every broker makes itself; name them with --filter to have them`,
    );
  if (owned.length > 0) {
    const shown = owned.slice(0, 5).join(', ');
    const more = owned.length > 5 ? ` and ${owned.length - 5} more` : '';
    texts.push(
      `${plural(owned.length, 'object')} that another declaration owns: ${shown}${more}; --include-owned exports them, too`,
    );
  }
  return texts;
}

/** Why a station cannot be declared at all; undefined when it can. */
function whyNotDeclarable({ isNative, live }: InventoryStation): string | undefined {
  if (!isNative)
    return 'it is the stream of a plain NATS client, without partitions, and a declaration makes stations with partitions';
  if (live.streams.length === 0)
    return 'it has lost its streams, as memory stations do when the broker restarts';
  const unusual = live.streams.find(({ config }) => config.retention === 'workqueue');
  return unusual === undefined
    ? undefined
    : 'its stream has the retention "workqueue", which Memphis does not know';
}
