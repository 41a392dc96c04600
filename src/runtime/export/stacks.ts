import { DEFAULT_TAG } from '../../model/station';
import { byName } from '../inventory';
import { UniqueNames, constructId } from './names';
import { deadLetterOrder } from './order';
import type { ExportOptions, ExportedSchema, ExportedStack, ExportedStation } from './plan';

/** The stack of stations without a tag of their own. */
const UNTAGGED = 'untagged';

/**
 * Spreads objects over stacks. A schema goes to the stack of the stations that enforce it; one that several stacks use
 * goes to a stack of its own, and so do the users and the settings of the broker.
 */
export function stacksOf(
  { stations, schemas, users, settings }: Pick<ExportedStack, 'stations' | 'schemas' | 'users' | 'settings'>,
  options: Pick<ExportOptions, 'split' | 'stackName'>,
): ExportedStack[] {
  const names = stackNames();
  const groups = new Map(stations.map((station) => [station.name, groupOf(station, options)]));
  const groupOfStation = new Map([...groups].map(([name, group]) => [name, names(group)]));
  const groupOfSchema = new Map(
    schemas.map((schema) => [schema.name, names(groupOfSchemaIn(schema, groups, options))]),
  );
  const usersStack = users.length === 0 && settings === undefined ? [] : [names(options.stackName)];
  const all = [...new Set([...groupOfStation.values(), ...groupOfSchema.values(), ...usersStack])].sort();
  const stacks = all.map((name) => {
    const own = stations.filter((station) => groupOfStation.get(station.name) === name);
    const ownSchemas = schemas.filter((schema) => groupOfSchema.get(schema.name) === name);
    const refersTo = (
      references: readonly (string | undefined)[],
      groups: ReadonlyMap<string, string>,
    ): string[] =>
      [...new Set(references)].filter(
        (target): target is string => target !== undefined && groups.get(target) !== name,
      );
    const foreignStations = refersTo(
      own.map(({ dlsStation }) => dlsStation),
      groupOfStation,
    );
    const foreignSchemas = refersTo(
      own.map(({ schema }) => schema),
      groupOfSchema,
    );
    const needed = [
      ...foreignStations.map((target) => groupOfStation.get(target)),
      ...foreignSchemas.map((target) => groupOfSchema.get(target)),
    ];
    return {
      name,
      stations: inDeadLetterOrder(own),
      schemas: [...ownSchemas].sort(byName),
      ...(usersStack.includes(name) ? { users, settings } : { users: [] }),
      foreignStations: foreignStations.sort(),
      foreignSchemas: foreignSchemas.sort(),
      dependencies: [...new Set(needed)].filter((other) => other !== undefined).sort(),
    };
  });
  return withoutCircles(stacks);
}

/** Gives each group one name that is valid for a stack. */
function stackNames(): (group: string) => string {
  const unique = new UniqueNames([], '-');
  const known = new Map<string, string>();
  return (group) => {
    const name = known.get(group) ?? unique.give(constructId(group.toLowerCase(), 'stack'));
    known.set(group, name);
    return name;
  };
}

function groupOf(
  { name, source }: ExportedStation,
  { split, stackName }: Pick<ExportOptions, 'split' | 'stackName'>,
): string {
  switch (split) {
    case 'none':
      return stackName;
    case 'prefix':
      return prefixOf(name);
    case 'tag':
      return (source.settings.tags ?? []).find((tag) => tag !== DEFAULT_TAG) ?? UNTAGGED;
  }
}

function groupOfSchemaIn(
  { name, stations }: ExportedSchema,
  groups: ReadonlyMap<string, string>,
  { split, stackName }: Pick<ExportOptions, 'split' | 'stackName'>,
): string {
  if (split === 'none') return stackName;
  const users = [...new Set(stations.map((station) => groups.get(station)))].filter(
    (group) => group !== undefined,
  );
  if (users.length === 1) return users[0] ?? stackName;
  return users.length === 0 && split === 'prefix' ? prefixOf(name) : stackName;
}

/** What stands before the first `.`, `-` or `_`. */
function prefixOf(name: string): string {
  return /^[^._-]+/.exec(name)?.[0] ?? name;
}

function inDeadLetterOrder(stations: readonly ExportedStation[]): ExportedStation[] {
  const byItsName = new Map([...stations].sort(byName).map((station) => [station.name, station]));
  const { order } = deadLetterOrder([...byItsName.keys()], (name) => byItsName.get(name)?.dlsStation);
  return order.flatMap((name) => byItsName.get(name) ?? []);
}

/** cdktf refuses stacks that wait for each other. The objects are on the broker already, so that the order is a help only. */
function withoutCircles(stacks: readonly ExportedStack[]): ExportedStack[] {
  const kept = new Map<string, string[]>(stacks.map(({ name }) => [name, []]));
  const reaches = (from: string, to: string): boolean =>
    from === to || (kept.get(from) ?? []).some((next) => reaches(next, to));
  for (const { name, dependencies } of stacks) {
    for (const other of dependencies) if (!reaches(other, name)) kept.get(name)?.push(other);
  }
  return stacks.map((stack) => ({ ...stack, dependencies: kept.get(stack.name) ?? [] }));
}
