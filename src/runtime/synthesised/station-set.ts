import type { FieldFacts } from '../../model/field';
import { terraformName } from '../../model/field';
import {
  optionsOfMember,
  revocableOptions,
  stationOptionFields,
  stationOptionNames,
} from '../../model/station-set';
import type { Configuration } from './configuration';
import type { DeclaredObject } from './declared-stack';
import { toText } from './hcl/convert';
import type { Value } from './hcl/value';
import { UNKNOWN, Unresolved, ValueSet, isMap } from './hcl/value';
import type { Block, Json } from './json';
import { jsonValue } from './json-expression';
import type { Repeated, StackScope } from './repetition';
import { Repetition } from './repetition';
import { typed } from './resource';

/** The resource type of sets of stations. */
export const STATION_SET = 'memphis_station_set';

/** One station of a set, or the schema that it enforces. */
interface DeclaredMember extends Omit<DeclaredObject, 'site' | 'provider'> {
  /** What follows the address of the set: `["orders"]`. */
  readonly key: string;
}

/** What a set declares, station by station. */
export interface DeclaredSet {
  readonly members: readonly DeclaredMember[];
  readonly problems: readonly string[];
}

/** The sets of stations in a configuration. */
export function stationSetBlocks(configuration: Configuration): Block[] {
  return configuration.blocks('resource', 2).filter(({ labels }) => labels[0] === STATION_SET);
}

/**
 * The objects that a set stands for.
 * @param scope undefined where only Terraform can tell how many sets there are
 */
export function membersOfSet(block: Block, address: string, scope: StackScope | undefined): DeclaredSet {
  const open = (what: string): DeclaredSet => ({
    members: [],
    problems: [`${what} of ${address} is known to Terraform only; its stations are not compared`],
  });
  if (scope === undefined) return open('the number');
  const repetition = new Repetition(block.body, scope);
  const { all } = repetition;
  if (all === undefined) return open(repetition.by ?? 'for_each');
  const sets = all.map((each) => membersOfInstance(block, each, open));
  return {
    members: sets.flatMap(({ members }) => members),
    problems: [...new Set(sets.flatMap(({ problems }) => problems))],
  };
}

function membersOfInstance(
  { body }: Block,
  { scope, key }: Repeated,
  open: (what: string) => DeclaredSet,
): DeclaredSet {
  const stations = read(body.stations, scope);
  const overrides = read(body.overrides, scope);
  const shared = sharedIn(stations.value);
  if (shared === undefined) return open('stations');
  if (overrides.value === UNKNOWN) return open('overrides');
  const common = optionsIn((option) => read(body[terraformName(option)], scope));
  const owner = read(body.owner, scope);
  const own = new Map<string, Options>();
  for (const [name, options] of isMap(overrides.value) ? overrides.value : []) {
    if (!isMap(options)) continue;
    const { isSensitive } = overrides;
    own.set(
      toText(name).toLowerCase(),
      optionsIn((option) => ({ value: options.get(terraformName(option)) ?? null, isSensitive })),
    );
  }
  const members = [...shared].flatMap(([name, override]) =>
    objectsOf(name, common, own.get(name.toLowerCase()) ?? own.get(override.toLowerCase()), owner),
  );
  return { members: members.map((member) => ({ ...member, key: `${key}${member.key}` })), problems: [] };
}

interface Read {
  readonly value: Value;
  readonly isSensitive: boolean;
}

type Options = Readonly<Record<string, Read>>;

function read(json: Json | undefined, scope: StackScope): Read {
  return scope.sensitiveReads.during(() => {
    if (json === undefined) return null;
    try {
      return jsonValue(json, scope);
    } catch (error) {
      if (error instanceof Unresolved) return UNKNOWN;
      throw error;
    }
  });
}

/** The stations, each with the override that it shares with others; undefined where only Terraform can tell. */
function sharedIn(stations: Value): ReadonlyMap<string, string> | undefined {
  if (!isMap(stations) || [...stations.values()].includes(UNKNOWN)) return undefined;
  return new Map([...stations].map(([name, shared]) => [name, shared === null ? '' : toText(shared)]));
}

function optionsIn(valueOf: (option: string) => Read): Options {
  const options: Record<string, Read> = {};
  for (const option of stationOptionNames) {
    const { value, isSensitive } = valueOf(option);
    if (value !== null)
      options[option] = { value: typedOrUnknown(stationOptionFields[option], value), isSensitive };
  }
  return options;
}

function typedOrUnknown(facts: FieldFacts, value: Value): Value {
  try {
    return typed(facts, value);
  } catch (error) {
    if (error instanceof Unresolved) return UNKNOWN;
    throw error;
  }
}

function objectsOf(name: string, common: Options, own: Options | undefined, owner: Read): DeclaredMember[] {
  const options = withoutItself(name, optionsOfMember(name, common, own), own);
  const { schemaName, ...station } = options;
  const key = `[${JSON.stringify(name)}]`;
  const named = { value: name, isSensitive: false };
  const members = [objectOf('station', key, { name: named, ...station, owner })];
  if (schemaName !== undefined)
    members.push(objectOf('enforcement', key, { stationName: named, schemaName, owner }));
  return members;
}

/** A station has no dead-letter station where it says an empty one, or where it is that of the set itself. */
function withoutItself(name: string, options: Options, own: Options | undefined): Record<string, Read> {
  const isTarget = ({ value }: Read): boolean =>
    typeof value === 'string' && value.toLowerCase() === name.toLowerCase();
  return Object.fromEntries(
    Object.entries(options).filter(([option, each]) => {
      if ((revocableOptions as readonly string[]).includes(option) && each.value === '') return false;
      return option !== 'dlsStation' || own?.dlsStation !== undefined || !isTarget(each);
    }),
  );
}

function objectOf(kind: DeclaredMember['kind'], key: string, fields: Options): DeclaredMember {
  const values: Record<string, unknown> = {};
  const unresolved: string[] = [];
  const sensitive: string[] = [];
  for (const [field, { value, isSensitive }] of Object.entries(fields)) {
    if (isSensitive) sensitive.push(field);
    if (value === UNKNOWN) unresolved.push(field);
    else if (value !== null) values[field] = value instanceof ValueSet ? value.items : value;
  }
  return { kind, key, values, unresolved, ...(sensitive.length === 0 ? {} : { sensitive }) };
}
