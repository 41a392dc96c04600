import { terraformName } from '../../../../model/field';
import { globMatcher } from '../../../../model/globs';
import { externalName, internalName } from '../../../../model/names';
import { DEFAULT_TAG, brokerStationFields } from '../../../../model/station';
import { inParallel } from '../../../admin/batch';
import { isLeftBehind } from '../../../reconcile';
import type { Value, Values } from '../../cty/value';
import { isFields, stringAt } from '../../cty/value';
import type { Diagnostic } from '../../framework/diagnostics';
import { importObject, readObject } from '../../framework/managed-resource';
import type { Outcome, Private } from '../../framework/resource';
import type { Session } from '../session';
import type { Found } from './capped';
import { capped } from './capped';
import type { Member } from './members';
import { memberStation, membersOf, restoredOf, schemaOf, stationState } from './members';
import { optionAttributes } from './attributes';
import { setState } from './state';

const AT_ONCE = 1_000;

const GLOB = /[*?{[]/;

/** The attributes that the broker has a value of. */
const liveOptions = brokerStationFields
  .map(([field]) => terraformName(field))
  .filter((name) => optionAttributes.includes(name));

/** Reads every station of a set; one that is gone, or was recreated by somebody else, is missing in the state. */
export async function readSet(session: Session, state: Values, { imported }: Private): Promise<Outcome> {
  const members = membersOf(state);
  if (members === undefined) return { state };
  const found: Found[] = [];
  const all = [...members.values()];
  const read = await inParallel(
    all,
    async (member) => {
      const before = stationState(member, session);
      const step = await readObject(memberStation, session, before, imported === true ? { imported } : {});
      for (const diagnostic of step.diagnostics) found.push({ name: member.name, diagnostic });
      return step.state === null ? undefined : liveMember(session, member, before, step.state);
    },
    AT_ONCE,
  );
  const diagnostics: Diagnostic[] = capped(found);
  const uids = await schemaUids(session, state);
  const isAsBefore = read.every((live, index) => live === all[index]);
  if (isAsBefore) return { state: { ...state, ...uids }, diagnostics };
  const shown = read.flatMap((member, index) =>
    member === undefined ? [] : [{ member, isCurrent: member === all[index] }],
  );
  return { state: { ...setState(state, shown, false), ...uids }, diagnostics };
}

/** The station as it is; the same object when nothing of it differs. */
async function liveMember(session: Session, member: Member, before: Values, now: Values): Promise<Member> {
  const options: Record<string, Value> = { ...member.options };
  let differs = false;
  for (const option of liveOptions) {
    if (Object.is(before[option], now[option])) continue;
    // Tags that nobody manages are those of the broker.
    if (option === 'tags' && before.tags === null) continue;
    options[option] = now[option] ?? null;
    differs = true;
  }
  const isDamaged = now.intact === false;
  if (isDamaged !== (member.isDamaged === true)) differs = true;
  const restored = restoredOf(now);
  if (JSON.stringify(restored) !== JSON.stringify(member.restored)) differs = true;
  const declared = schemaOf(member);
  if (typeof declared === 'string') {
    const live = await enforced(session, member.name);
    if (externalName(declared) !== live && !(await isLeftBehind(session.run, declared))) {
      options.schema_name = live;
      differs = true;
    }
  }
  const uid = stringAt(now, 'uid');
  return differs || uid !== member.uid ? { ...member, options, uid, isDamaged, restored } : member;
}

async function enforced({ run }: Session, name: string): Promise<string> {
  return (await run.snapshot()).stations.get(internalName(name))?.row.schemaName ?? '';
}

/** A uid that the state has shows a schema that was recreated by hand. */
async function schemaUids({ run }: Session, { schema_uids: known }: Values): Promise<Values> {
  if (!isFields(known)) return {};
  const { schemas } = await run.snapshot();
  const uids = Object.entries(known).map(([name, uid]) => {
    const live = schemas.get(externalName(name));
    return [name, live === undefined ? uid : String(live.id)] as const;
  });
  return { schema_uids: Object.fromEntries(uids) };
}

/**
 * Takes stations over as a set.
 * @param id their names or globs of them, separated by commas
 */
export async function importSet(session: Session, id: string): Promise<Outcome> {
  const { stations } = await session.run.snapshot();
  const all = [...stations.values()].filter(({ row }) => row.isNative).map(({ row }) => row.name);
  const names = namesOfId(id, all);
  if (names.length === 0) return { state: null };
  const found: Found[] = [];
  const states = await inParallel(
    names,
    async (name) => {
      const { state, diagnostics } = await importObject(memberStation, session, name);
      for (const diagnostic of diagnostics) found.push({ name, diagnostic });
      return state ?? {};
    },
    AT_ONCE,
  );
  const members = names.map((name, index) => memberOf(session, name, states[index] ?? {}));
  const common = commonOptions(members);
  const shown = members.map((member) => ({ member, isCurrent: false }));
  const state = setState({ ...common, stations: null, overrides: null }, shown, false);
  return { state, private: { imported: true }, diagnostics: capped(found) };
}

/** The names that an import id stands for; none where one of its names is not there. Sets can have thousands of names. */
function namesOfId(id: string, all: readonly string[]): string[] {
  // An empty part would be a glob of every name.
  const parts = id.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const globs = parts.filter((part) => GLOB.test(part));
  const plain = new Set(parts.filter((part) => !GLOB.test(part)).map(externalName));
  const fits = globs.length === 0 ? () => false : globMatcher(globs);
  const there = new Set(all);
  if ([...plain].some((name) => !there.has(name))) return [];
  return all.filter((name) => plain.has(name) || fits(name)).sort();
}

/** An imported station, without the options that are what a declaration without them means. */
function memberOf(session: Session, name: string, state: Values): Member {
  const options = Object.fromEntries(liveOptions.map((option) => [option, state[option] ?? null]));
  const base = { name, owner: null, options: { retention_type: options.retention_type ?? null } };
  const byDefault = stationState(base, session);
  for (const option of liveOptions) {
    const value = options[option] ?? null;
    const isDefault =
      option === 'tags'
        ? JSON.stringify(value) === JSON.stringify([DEFAULT_TAG])
        : value === byDefault[option];
    if (isDefault) options[option] = null;
  }
  return { ...base, options, uid: stringAt(state, 'uid'), restored: restoredOf(state) };
}

/** The options that most stations have. */
function commonOptions(members: readonly Member[]): Record<string, Value> {
  const common: Record<string, Value> = {};
  for (const option of liveOptions) {
    const counts = new Map<string, number>();
    for (const { options } of members) {
      const text = JSON.stringify(options[option] ?? null);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const [most] = [...counts].sort((a, b) => b[1] - a[1]);
    common[option] = JSON.parse(most?.[0] ?? 'null') as Value;
  }
  return common;
}
