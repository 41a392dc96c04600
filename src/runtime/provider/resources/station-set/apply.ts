import { externalName } from '../../../../model/names';
import { inParallel } from '../../../admin/batch';
import { removeUnused } from '../../../reconcile';
import type { Values } from '../../cty/value';
import { booleanAt, stringAt } from '../../cty/value';
import type { Diagnostic } from '../../framework/diagnostics';
import { hasError } from '../../framework/diagnostics';
import { applyChange, planChange } from '../../framework/managed-resource';
import type { Outcome, Resource } from '../../framework/resource';
import type { Session } from '../session';
import type { Found } from './capped';
import { capped } from './capped';
import type { Member } from './members';
import { enforcementConfig, memberEnforcement, memberStation, stationConfig, stationState } from './members';
import type { MemberChange } from './plan';
import { changesOf, isUnchanged, withPermission } from './plan';
import { setState } from './state';

/** How many stations are changed at a time. */
const AT_ONCE = 8;

/** What came of one station of a set. */
interface Applied {
  /** As it is now; undefined when there is none, or the set has nothing to do with it any more. */
  readonly member: Member | undefined;
  readonly isDone: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Values of the set before and after a change; null where there is no set. */
export interface SetChange {
  readonly prior: Values | null;
  readonly planned: Values | null;
}

/**
 * Applies a set: what differs, station by station, each as a resource of its own would be. One that fails stops no other,
 * unless the broker is gone or the run is to end; the state then tells which ones are done.
 */
export async function applySet(session: Session, { prior, planned }: SetChange): Promise<Outcome> {
  session.changing();
  const changes = changesOf(prior, planned);
  if (changes === undefined) throw new Error('The names of the stations are not known.');
  const permission = booleanAt(planned ?? {}, 'allow_message_loss') === true;
  const applied = new Map<string, Applied>();
  const apply = async (key: string, change: MemberChange): Promise<void> => {
    applied.set(key, await applyMember(session, change, permission));
  };
  const pending = [...changes].filter(([, change]) => !isUnchanged(change));
  // A station that is a dead-letter station of another one is made before it, and goes after it let go of it.
  const stays = inOrder(pending.filter(([, { after }]) => after !== undefined));
  const goes = pending.filter(([, { after }]) => after === undefined);
  for (const group of [stays, goes]) {
    await inParallel(
      group,
      ([key, change]) => (isToStop(session) ? Promise.resolve() : apply(key, change)),
      AT_ONCE,
    );
  }
  const found: Found[] = [];
  for (const [key, { diagnostics }] of applied) {
    const name = changes.get(key)?.after?.name ?? changes.get(key)?.before?.name ?? key;
    for (const diagnostic of diagnostics) found.push({ name, diagnostic });
  }
  const diagnostics = capped(found);
  const left = pending.length - applied.size;
  if (left > 0) diagnostics.push(notStarted(left, pending.length));
  const isDone = (key: string, change: MemberChange): boolean =>
    isUnchanged(change) || applied.get(key)?.isDone === true;
  const members = [...changes].flatMap(([key, change]) => {
    const untouched = isUnchanged(change) ? { ...change.after, uid: change.before?.uid } : change.before;
    const member = (applied.has(key) ? applied.get(key)?.member : untouched) as Member | undefined;
    return member === undefined ? [] : [{ member, isCurrent: isDone(key, change) }];
  });
  const isWhole = [...changes].every(([key, change]) => isDone(key, change));
  const isGone = planned === null && members.length === 0;
  const state = isGone ? null : setState(planned ?? prior ?? {}, members, isWhole);
  return { state, private: { ...(await session.identity()) }, diagnostics };
}

function isToStop(session: Session): boolean {
  return session.outage.isReported || session.isStopped || session.run.isAbandoned;
}

function notStarted(left: number, all: number): Diagnostic {
  return {
    severity: 'error',
    summary: `${left} of ${all} stations of the set were left as they are`,
    detail: 'The run ended before they were changed. Deploy again to go on with them.',
  };
}

/** The same changes; one whose station another one sends its dead letters to stands before that one. */
function inOrder(changes: readonly (readonly [string, MemberChange])[]): (readonly [string, MemberChange])[] {
  const byKey = new Map(changes);
  const ordered = new Map<string, MemberChange>();
  const add = (key: string, change: MemberChange, above: ReadonlySet<string>): void => {
    if (ordered.has(key) || above.has(key)) return;
    const target = externalName(stringAt(change.after?.options ?? {}, 'dls_station') ?? '');
    const first = byKey.get(target);
    if (first !== undefined) add(target, first, new Set([...above, key]));
    ordered.set(key, change);
  };
  for (const [key, change] of changes) add(key, change, new Set());
  return [...ordered];
}

async function applyMember(
  session: Session,
  change: MemberChange,
  mayLoseMessages: boolean,
): Promise<Applied> {
  const { before, after, isReleased } = change;
  if (after === undefined)
    return before === undefined ? nothing : leave(session, before, isReleased, mayLoseMessages);
  const diagnostics: Diagnostic[] = [];
  const step = await stationStep(session, before, after, mayLoseMessages);
  diagnostics.push(...step.diagnostics);
  if (hasError(step.diagnostics) || step.state === null) {
    const member = step.state === null ? undefined : before;
    return { member, isDone: false, diagnostics };
  }
  const uid = stringAt(step.state, 'uid');
  const current: Member = { ...after, uid, isDamaged: step.state.intact === false };
  const isNew = before === undefined || before.uid !== uid;
  const enforced = await enforcementStep(session, before, current, isNew);
  diagnostics.push(...enforced);
  if (!hasError(enforced)) return { member: current, isDone: true, diagnostics };
  const schema = before === undefined || isNew ? '' : (before.options.schema_name ?? '');
  return {
    member: { ...current, options: { ...after.options, schema_name: schema } },
    isDone: false,
    diagnostics,
  };
}

const nothing: Applied = { member: undefined, isDone: true, diagnostics: [] };

interface StationStep {
  readonly state: Values | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function stationStep(
  session: Session,
  before: Member | undefined,
  after: Member,
  mayLoseMessages: boolean,
): Promise<StationStep> {
  const config = stationConfig(after);
  const prior = before === undefined ? null : stationState(before, session);
  const plan = await planChange(memberStation, session, { prior, config, isDelete: false, private: {} });
  if (prior === null || plan.requiresReplace.length === 0)
    return changed(session, memberStation, prior, config, plan.state);
  const name = externalName(after.name);
  const memory = {
    replacing: true,
    successor: name,
    allowMessageLoss: plan.private.allowMessageLoss ?? mayLoseMessages,
  };
  const removal = { prior, planned: null, config: null, private: memory };
  const removed = await applyChange(memberStation, () => session, removal);
  if (removed.state !== null || hasError(removed.diagnostics))
    return { state: removed.state ?? prior, diagnostics: removed.diagnostics };
  const again = await planChange(memberStation, session, {
    prior: null,
    config,
    isDelete: false,
    private: memory,
  });
  const made = await changed(session, memberStation, null, config, again.state);
  return { state: made.state, diagnostics: [...removed.diagnostics, ...made.diagnostics] };
}

async function changed(
  session: Session,
  resource: Resource<Session>,
  prior: Values | null,
  config: Values,
  planned: Values | null,
): Promise<StationStep> {
  return applyChange(resource, () => session, { prior, planned, config, private: {} });
}

async function enforcementStep(
  session: Session,
  before: Member | undefined,
  after: Member,
  isNew: boolean,
): Promise<readonly Diagnostic[]> {
  const config = enforcementConfig(after, false) ?? null;
  const prior = isNew ? null : (enforcementConfig(before, false) ?? null);
  if (config === null) return prior === null ? [] : detach(session, prior);
  const same = ['schema_name', 'schema_uid', 'owner'].every((name) => prior?.[name] === config[name]);
  if (prior !== null && same) return [];
  const { state } = await planChange(memberEnforcement, session, {
    prior,
    config,
    isDelete: false,
    private: {},
  });
  return (await changed(session, memberEnforcement, prior, config, state)).diagnostics;
}

async function detach(session: Session, prior: Values): Promise<readonly Diagnostic[]> {
  const removal = { prior, planned: null, config: null, private: {} };
  return (await applyChange(memberEnforcement, () => session, removal)).diagnostics;
}

/** Removes a station that leaves the set, or gives it up without touching it. */
async function leave(
  session: Session,
  before: Member,
  isReleased: boolean,
  mayLoseMessages: boolean,
): Promise<Applied> {
  const owner = typeof before.owner === 'string' ? before.owner : '';
  if (isReleased) {
    await session.admin.ledger.remove('station', externalName(before.name), owner);
    await session.admin.ledger.remove('enforcement', externalName(before.name), owner);
    return nothing;
  }
  const enforcement = enforcementConfig(before, false);
  const removal = {
    prior: withPermission(stationState(before, session), mayLoseMessages),
    planned: null,
    config: null,
    private: {},
  };
  const step = await applyChange(memberStation, () => session, removal);
  const isGone = step.state === null;
  if (isGone && enforcement !== undefined) await removeUnused(session.run);
  return { member: isGone ? undefined : before, isDone: isGone, diagnostics: step.diagnostics };
}
