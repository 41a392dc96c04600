import { fieldNames, terraformName } from '../../../../model/field';
import { externalName } from '../../../../model/names';
import { PROVIDER_ADDRESS } from '../../../../model/provider-address';
import { restoredStationFields, stationFields } from '../../../../model/station';
import { optionsOfMember } from '../../../../model/station-set';
import { STATION_SET } from '../../../synthesised/station-set';
import type { PlanValues, ResourceChange } from './plan-file';

/** The fields whose change recreates a station. */
const replacing = fieldNames(stationFields)
  .filter((name) => stationFields[name].change.how === 'replace')
  .map(terraformName);

const restored = fieldNames(restoredStationFields).map(terraformName);

/** The same changes, with those of each station in place of those of its set. */
export function withoutSets(changes: readonly ResourceChange[]): ResourceChange[] {
  return changes.flatMap((change) => (isSet(change) ? changesOfMembers(change) : [change]));
}

function isSet({ mode, type, provider_name: provider }: ResourceChange): boolean {
  return mode === 'managed' && type === STATION_SET && provider === PROVIDER_ADDRESS;
}

function changesOfMembers(set: ResourceChange): ResourceChange[] {
  const { before, after, ...rest } = set.change;
  const [was, becomes] = [membersIn(before), membersIn(after)];
  const released = new Set(listIn(after, 'release').map(externalName));
  const keys = [...new Set([...becomes.keys(), ...was.keys()])];
  return keys.map((key): ResourceChange => {
    const [from, to] = [was.get(key) ?? null, becomes.get(key) ?? null];
    const replaced = replacing.filter((attribute) => differs(from, to, attribute));
    const { replace_paths: _, after_unknown: __, ...others } = rest;
    return {
      ...set,
      type: 'memphis_station',
      address: `${set.address}[${JSON.stringify((to ?? from)?.name)}]`,
      change: {
        ...others,
        actions: actionsOf(set.change.actions, from, to, replaced.length > 0, released.has(key)),
        before: from,
        after: to,
        ...(from !== null && to !== null && replaced.length > 0
          ? { replace_paths: replaced.map((name) => [name]) }
          : {}),
      },
    };
  });
}

function actionsOf(
  ofSet: readonly string[],
  from: PlanValues | null,
  to: PlanValues | null,
  isReplaced: boolean,
  isReleased: boolean,
): readonly string[] {
  if (ofSet.includes('forget') || isReleased) return ['forget'];
  if (to === null) return ['delete'];
  if (from === null) return ['create'];
  if (isReplaced) return ['delete', 'create'];
  return Object.keys({ ...from, ...to }).some((attribute) => differs(from, to, attribute))
    ? ['update']
    : ['no-op'];
}

function differs(from: PlanValues | null, to: PlanValues | null, attribute: string): boolean {
  return JSON.stringify(from?.[attribute] ?? null) !== JSON.stringify(to?.[attribute] ?? null);
}

/** The stations in the values of a set by external name, with the attributes of a station of its own. */
function membersIn(values: PlanValues | null): Map<string, PlanValues> {
  const members = new Map<string, PlanValues>();
  if (values === null) return members;
  const overrides = new Map(
    Object.entries((values.overrides ?? {}) as Readonly<Record<string, PlanValues>>).map(([name, own]) => [
      externalName(name),
      own,
    ]),
  );
  const byName = (attribute: string) => (values[attribute] ?? {}) as Readonly<Record<string, unknown>>;
  const uids = byName('uids');
  const damaged = listIn(values, 'damaged');
  for (const [name, shared] of Object.entries(byName('stations'))) {
    const key = externalName(name);
    const own = overrides.get(key) ?? overrides.get(externalName(typeof shared === 'string' ? shared : ''));
    const options = optionsOfMember<unknown>(name, values, own, terraformName);
    const byDefault = Object.fromEntries(
      fieldNames(stationFields).flatMap((field) => {
        const facts = stationFields[field];
        return 'default' in facts && field !== 'retentionValue' && field !== 'idempotencyWindowMs'
          ? [[terraformName(field), facts.default]]
          : [];
      }),
    );
    const { schema_name: _, ...station } = options;
    const uid = uids[name] === undefined ? {} : { uid: uids[name] };
    // What the next deploy repairs is a change of the station, too.
    const repaired = Object.fromEntries(
      restored.map((attribute) => [attribute, byName(attribute)[name] ?? null]),
    );
    members.set(key, {
      ...byDefault,
      ...station,
      name: key,
      owner: values.owner,
      ...uid,
      intact: !damaged.includes(name),
      ...repaired,
    });
  }
  return members;
}

function listIn(values: PlanValues | null, attribute: string): string[] {
  const list = values?.[attribute];
  return Array.isArray(list) ? list.map(String) : [];
}
