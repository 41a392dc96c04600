import { externalName } from '../../../../model/names';
import { optionsOfMember, revocableOptions } from '../../../../model/station-set';
import { terraformName } from '../../../../model/field';
import type { Value, Values } from '../../cty/value';
import { optionAttributes, restoredNames } from './attributes';
import type { Member } from './members';
import { overrideOf, overridesIn, sameOptions, stationState, stationsIn } from './members';

/** A station that a state shows. */
interface Shown {
  readonly member: Member;
  /** True when it is what the set says of it. */
  readonly isCurrent: boolean;
}

/**
 * The state of a set: its own values, and for each station that is not what they say, the options that it has.
 * @param values those of the set that count for all of its stations
 * @param isWhole true when every station is current, so that the state is what was planned
 */
export function setState(values: Values, members: readonly Shown[], isWhole: boolean): Values {
  const declared = overridesIn(values) ?? new Map<string, Values>();
  const declaredStations = stationsIn(values) ?? new Map<string, string>();
  const stations: Record<string, Value> = {};
  const overrides: Record<string, Value> = {};
  const uids: Record<string, Value> = {};
  const damaged: string[] = [];
  const restored: Record<string, Record<string, Value>> = Object.fromEntries(
    restoredNames.map((name) => [name, {}]),
  );
  for (const { member, isCurrent } of members) {
    const { name, uid, isDamaged } = member;
    uids[name] = uid ?? null;
    if (isDamaged === true) damaged.push(name);
    for (const [attribute, value] of Object.entries(member.restored ?? {}))
      (restored[attribute] ??= {})[name] = value;
    const shared = declaredStations.get(name) ?? '';
    const own = overrideOf(declared, name, shared);
    const differing = isCurrent ? own : overrideFor(member, values, own);
    stations[name] = shared;
    const isShared = differing === own && !declared.has(externalName(name));
    if (differing !== undefined) overrides[isShared ? shared : name] ??= completeOverride(differing);
  }
  // As it was written, with its spelling of names and with overrides of nothing.
  const written = isWhole
    ? (values.overrides ?? null)
    : Object.keys(overrides).length === 0
      ? null
      : overrides;
  return {
    ...values,
    stations: isWhole ? (values.stations ?? null) : stations,
    overrides: written,
    uids,
    damaged,
    ...restored,
  };
}

/** The override that gives a station its options; undefined when those of the set do. */
function overrideFor(
  { name, options }: Pick<Member, 'name' | 'options'>,
  values: Values,
  own: Values | undefined,
): Values | undefined {
  const override: Record<string, Value> = { ...own };
  const inherited = optionsOfMember(name, values, own, terraformName);
  if (sameOptions(options, inherited)) return own;
  const whole = stationState({ name, options, owner: null }, undefined);
  for (const option of optionAttributes) {
    const value = options[option] ?? null;
    if (sameOptions({ [option]: value }, { [option]: inherited[option] ?? null })) continue;
    // What the station leaves out is its default, not what the set says.
    override[option] = value ?? whole[option] ?? nothing[option] ?? null;
  }
  // A limit of the set does not count for another kind of retention.
  if (override.retention_type === undefined && override.retention_value !== undefined)
    override.retention_type = options.retention_type ?? null;
  return override;
}

/** What stands for nothing, where null means that the set says it. */
const nothing: Values = {
  ...Object.fromEntries(revocableOptions.map((option) => [terraformName(option), ''])),
  tags: [],
  allow_message_loss: false,
  deletion_protection: false,
  adopt_existing: false,
};

/** Terraform wants every attribute of an object. */
function completeOverride(override: Values): Values {
  return Object.fromEntries(optionAttributes.map((option) => [option, override[option] ?? null]));
}
