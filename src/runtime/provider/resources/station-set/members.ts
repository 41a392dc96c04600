import { terraformName } from '../../../../model/field';
import { externalName } from '../../../../model/names';
import { optionsOfMember } from '../../../../model/station-set';
import { enforcementKind, stationKind } from '../../../reconcile';
import { sameValue } from '../../cty/equal';
import type { Value, Values } from '../../cty/value';
import { UNKNOWN, isFields, isUnknown, stringAt } from '../../cty/value';
import { completeWithDefaults } from '../../framework/managed-resource';
import { inSet } from '../attributes';
import { resourceOf } from '../kind-resource';
import { enforcementParticulars } from '../schema-enforcement';
import type { Session } from '../session';
import { defaults, stationParticulars } from '../station';
import { optionAttributes, restoredNames } from './attributes';

/** The stations of sets, as resources of their own: the same engine plans, applies and reads them. */
export const memberStation = resourceOf(stationKind, {
  ...stationParticulars,
  attributes: [...stationParticulars.attributes, inSet],
});

/** The schemas that they enforce. */
export const memberEnforcement = resourceOf(enforcementKind, {
  ...enforcementParticulars,
  attributes: [...enforcementParticulars.attributes, inSet],
  createdFirst: async (session, planned) => [
    ...((await enforcementParticulars.createdFirst?.(session, planned)) ?? []),
    ...((await isSchemaPlanned(session, planned)) ? (['schemaName'] as const) : []),
  ],
});

/** True for a schema that the same plan creates: a set may name it without its uid. */
async function isSchemaPlanned({ run, planned: upcoming }: Session, planned: Values): Promise<boolean> {
  const name = externalName(stringAt(planned, 'schema_name') ?? '');
  return !(await run.snapshot()).schemas.has(name) && (await upcoming.hasCome(`schema ${name}`));
}

const optionTypes = new Map(memberStation.attributes.map(({ name, type }) => [name, type]));
const stationOptions = optionAttributes.filter((name) => optionTypes.has(name));

/** One station of a set. */
export interface Member {
  /** As it is declared; it is the key in the maps of the set. */
  readonly name: string;
  /** Its own options and those of the set, by attribute. */
  readonly options: Values;
  readonly owner: Value;
  /** Undefined while it is not known. */
  readonly uid?: string | undefined;
  readonly isDamaged?: boolean;
  /** What somebody gave to it that no station has by itself, by attribute; absent when that is nothing. */
  readonly restored?: Values | undefined;
  /** The uid of the schema that it enforces, as the set was told; null where it was not. */
  readonly schemaUid?: Value;
}

/** The stations of a set by external name. */
export type Members = ReadonlyMap<string, Member>;

/** The names in an attribute; undefined while they are not known. */
export function namesIn(values: Values, attribute: string): readonly string[] | undefined {
  const names = values[attribute] ?? null;
  if (names === null) return [];
  if (!Array.isArray(names)) return undefined;
  const known = (names as readonly Value[]).filter((name) => typeof name === 'string');
  return known.length === names.length ? known : undefined;
}

/**
 * The stations of a set, each with the name of the override that it shares with others, "" for none; undefined while that
 * is not known.
 */
export function stationsIn({ stations = null }: Values): ReadonlyMap<string, string> | undefined {
  if (stations === null) return new Map();
  if (!isFields(stations)) return undefined;
  const entries = Object.entries(stations);
  if (entries.some(([, shared]) => isUnknown(shared))) return undefined;
  return new Map(entries.map(([name, shared]) => [name, typeof shared === 'string' ? shared : '']));
}

/** The override of a station: that of its own name, or else the one that it shares. */
export function overrideOf(
  overrides: ReadonlyMap<string, Values>,
  name: string,
  shared: string,
): Values | undefined {
  return (
    overrides.get(externalName(name)) ?? (shared === '' ? undefined : overrides.get(externalName(shared)))
  );
}

/** The overrides of a set by external name; undefined while it is not known of which stations there are any. */
export function overridesIn(values: Values): ReadonlyMap<string, Values> | undefined {
  const overrides = values.overrides ?? null;
  if (overrides === null) return new Map();
  if (!isFields(overrides)) return undefined;
  const entries = Object.entries(overrides);
  if (entries.some(([, own]) => isUnknown(own))) return undefined;
  return new Map(entries.flatMap(([name, own]) => (isFields(own) ? [[externalName(name), own]] : [])));
}

/** The stations that the values of a set stand for; undefined while that is not known. */
export function membersOf(values: Values): Members | undefined {
  const [stations, overrides] = [stationsIn(values), overridesIn(values)];
  if (stations === undefined || overrides === undefined) return undefined;
  const uids = isFields(values.uids) ? values.uids : {};
  const damaged = new Set(namesIn(values, 'damaged') ?? []);
  const members = new Map<string, Member>();
  // Those without overrides have their options in common.
  const common = optionsOfMember('', values, undefined, terraformName);
  const shareable = new Map<Values | undefined, Values>([[undefined, common]]);
  for (const [name, shared] of stations) {
    const key = externalName(name);
    const own = overrideOf(overrides, name, shared);
    const options = namesItself(common, key) ? undefined : shareable.get(own);
    const ofMember = options ?? optionsOfMember(name, values, own, terraformName);
    if (options === undefined && !namesItself(common, key)) shareable.set(own, ofMember);
    members.set(key, {
      name,
      options: ofMember,
      owner: values.owner ?? null,
      uid: stringAt(uids, name),
      isDamaged: damaged.has(name),
      restored: restoredIn(values, name),
      schemaUid: schemaUidIn(values, own?.schema_name ?? common.schema_name),
    });
  }
  return members;
}

function restoredIn(values: Values, name: string): Values | undefined {
  const found = restoredNames.flatMap((attribute) => {
    const byStation = values[attribute];
    const value = isFields(byStation) ? (byStation[name] ?? null) : null;
    return value === null ? [] : [[attribute, value] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function schemaUidIn({ schema_uids: uids }: Values, schema: Value | undefined): Value {
  if (isUnknown(uids)) return UNKNOWN;
  return isFields(uids) && typeof schema === 'string' ? (uids[schema] ?? null) : null;
}

function namesItself({ dls_station: target }: Values, key: string): boolean {
  return typeof target === 'string' && externalName(target) === key;
}

/** What the configuration of a station of its own would say. */
export function stationConfig({ name, options, owner }: Member): Values {
  const values: Record<string, Value> = { name, owner, in_set: true };
  for (const attribute of memberStation.attributes) values[attribute.name] ??= null;
  for (const option of stationOptions) values[option] = options[option] ?? null;
  return values;
}

/** What the state of a station of its own would say. */
export function stationState(member: Member, client: Session | undefined): Values {
  const config = stationConfig(member);
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  const complete = completeWithDefaults(memberStation, given);
  return {
    ...complete,
    ...defaults({ client, config }, complete),
    uid: member.uid ?? null,
    intact: member.isDamaged !== true,
    ...member.restored,
  };
}

/** The schema that a station enforces because the set says so; null when it says none. */
export function schemaOf({ options }: Member): Value {
  const schema = options.schema_name ?? null;
  return schema === '' ? null : schema;
}

/** What the configuration of an enforcement of its own would say; undefined when the set says none. */
export function enforcementConfig(member: Member | undefined, isNew: boolean): Values | undefined {
  if (member === undefined) return undefined;
  const schema = schemaOf(member);
  if (schema === null) return undefined;
  return {
    station_name: member.name,
    schema_name: schema,
    adopt_existing: member.options.adopt_existing ?? null,
    owner: member.owner,
    station_uid: isNew ? UNKNOWN : (member.uid ?? null),
    schema_uid: member.schemaUid ?? null,
    in_set: true,
  };
}

/** What a station has of the fields that a deploy sets back; undefined when that is what every station has. */
export function restoredOf(state: Values): Values | undefined {
  const usual = defaults({ client: undefined, config: null }, {});
  const found = restoredNames.flatMap((name) => {
    const [value = null, none = null] = [state[name], usual[name]];
    const type = optionTypes.get(name);
    return type === undefined || sameValue(type, value, none) ? [] : [[name, value] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** Whether nothing of a station differs between two sets of options. */
export function sameOptions(one: Values, other: Values): boolean {
  if (one === other) return true;
  return optionAttributes.every((name) => {
    const [left = null, right = null] = [one[name], other[name]];
    const type = optionTypes.get(name);
    return type === undefined ? left === right : sameValue(type, left, right);
  });
}
