import { terraformName } from '../../../../model/field';
import { externalName } from '../../../../model/names';
import { stationFields } from '../../../../model/station';
import { inParallel } from '../../../admin/batch';
import { stationKind } from '../../../reconcile';
import type { Value, Values } from '../../cty/value';
import { UNKNOWN, booleanAt, isFields } from '../../cty/value';
import type { AttributePath, Diagnostic } from '../../framework/diagnostics';
import type { PlannedStep } from '../../framework/managed-resource';
import { planChange } from '../../framework/managed-resource';
import type { PlanAdjustment, PlanRequest } from '../../framework/resource';
import { createBeforeDestroyPlace, createdTooEarly } from '../created-first';
import { warning } from '../diagnose';
import { leaving } from '../schema-enforcement';
import { isReplacing } from '../second-claim';
import type { Session } from '../session';
import type { Found } from './capped';
import { restoredNames } from './attributes';
import { capped } from './capped';
import type { Member } from './members';
import {
  enforcementConfig,
  memberEnforcement,
  memberStation,
  membersOf,
  namesIn,
  overrideOf,
  overridesIn,
  schemaOf,
  sameOptions,
  stationConfig,
  stationState,
  stationsIn,
} from './members';

/** How many stations are planned at a time; those that wait for another one must not keep it from coming. */
const AT_ONCE = 1_000;

/** What becomes of one station of a set. */
export interface MemberChange {
  /** Undefined for a station that is new in the set. */
  readonly before: Member | undefined;
  /** Undefined for one that leaves the set. */
  readonly after: Member | undefined;
  readonly isReleased: boolean;
}

/** What the plan of one station found. */
interface PlannedMember {
  readonly isReplaced: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** The stations that a change of a set is about, by external name; undefined while that is not known. */
export function changesOf(
  prior: Values | null,
  planned: Values | null,
): ReadonlyMap<string, MemberChange> | undefined {
  const before = prior === null ? new Map<string, Member>() : membersOf(prior);
  const after = planned === null ? new Map<string, Member>() : membersOf(planned);
  if (before === undefined || after === undefined) return undefined;
  const released = new Set((namesIn(planned ?? {}, 'release') ?? []).map(externalName));
  const keys = [...new Set([...after.keys(), ...before.keys()])];
  return new Map(
    keys.map((key) => {
      const isReleased = !after.has(key) && released.has(key);
      return [key, { before: before.get(key), after: after.get(key), isReleased }];
    }),
  );
}

/**
 * Plans a set: each of its stations as a resource of its own would be. To Terraform a set is changed in place, whatever
 * becomes of its stations; a replaced one is named in a warning.
 */
export async function planSet(request: PlanRequest<Session>): Promise<PlanAdjustment> {
  const { client: session, planned, priorPrivate } = request;
  const remains = remainsOf(request);
  const prior = request.prior ?? remains?.state ?? null;
  const isSecondHalf = request.prior === null && isReplacing(priorPrivate);
  const changes = changesOf(prior, planned);
  if (changes === undefined) return { planned: { uids: UNKNOWN, ...repaired } };
  for (const [key, { after }] of changes) if (after !== undefined) session?.planned.add(`station ${key}`);
  const imported = { isImported: priorPrivate.imported === true };
  const permission = booleanAt(planned ?? {}, 'allow_message_loss') === true;
  const found: Found[] = [];
  const uids: Record<string, Value> = {};
  await inParallel(
    [...changes],
    async ([, change]) => {
      const { before, after } = change;
      // The first half has said everything about it.
      const result = isSecondHalf
        ? { isReplaced: await isReplacedAgain(session, change), diagnostics: [] }
        : await planMember(session, change, imported, permission);
      const name = after?.name ?? before?.name ?? '';
      for (const diagnostic of result.diagnostics)
        found.push({ name, diagnostic: placed(diagnostic, request, after) });
      if (after !== undefined)
        uids[after.name] = before?.uid === undefined || result.isReplaced ? UNKNOWN : before.uid;
    },
    AT_ONCE,
  );
  const diagnostics = capped(found);
  if (planned === null) return { diagnostics };
  const memory = { ...priorPrivate, replacing: request.prior !== null || isSecondHalf };
  if (remains === undefined) return { planned: { uids, ...repaired }, private: memory, diagnostics };
  const isCreatedFirst = createBeforeDestroyPlace(process.cwd()) !== undefined;
  const refused = isCreatedFirst ? unrecognised(changes) : [];
  return {
    // Terraform shows nothing of the old set to the process that creates the new one first, so that its plan knows no uid.
    planned: { uids: isCreatedFirst ? UNKNOWN : uids, ...repaired },
    private: {
      ...memory,
      keeps: [...changes.keys()].filter((key) => changes.get(key)?.after !== undefined),
    },
    diagnostics: [...refused, notRecreated, ...diagnostics],
  };
}

/** What a deploy leaves behind of what it repairs. */
const repaired: Values = { damaged: [], ...Object.fromEntries(restoredNames.map((name) => [name, {}])) };

/** Replacing a set would destroy every station in it, for which there is no reason: each is compared with the broker. */
const notRecreated = warning(
  'The stations of the set stay',
  'Terraform replaces the set, because its creation ended with an error or because the user asked for it. Its stations stay, and only what is missing or differs on the broker is changed. To recreate a station, take it out of the set, deploy, and add it again.',
);

/** Refuses to create a set before the old one goes where nothing shows that a station of that name is its own. */
function unrecognised(changes: ReadonlyMap<string, MemberChange>): Diagnostic[] {
  for (const { before, after } of changes.values()) {
    if (before === undefined || after === undefined) continue;
    const [was, becomes] = [stationConfig(before), stationConfig(after)];
    const [refusal] = createdTooEarly(stationKind, was, becomes, 'name');
    // All stations of a set have the same owner.
    if (refusal !== undefined) return [{ ...refusal, attribute: 'stations' }];
  }
  return [];
}

/** What Terraform shows of the old set of a replacement that the plan itself did not ask for: nothing but its state. */
function remainsOf({ client, prior, planned }: PlanRequest<Session>): { readonly state: Values } | undefined {
  if (prior !== null || planned === null || client === undefined) return undefined;
  const names = [...(stationsIn(planned)?.keys() ?? [])].map(externalName);
  const owner = planned.owner ?? null;
  const state = names
    .map((key) => client.setOf.get(key))
    .find((each) => each !== undefined && (each.owner ?? null) === owner);
  return state === undefined ? undefined : { state };
}

async function planMember(
  session: Session | undefined,
  change: MemberChange,
  { isImported }: { readonly isImported: boolean },
  mayLoseMessages: boolean,
): Promise<PlannedMember> {
  const { before, after, isReleased } = change;
  if (after === undefined) {
    if (before === undefined) return { isReplaced: false, diagnostics: [] };
    if (isReleased) return { isReplaced: false, diagnostics: [released(before.name)] };
    session?.planned.add(leaving(before.name));
    const step = await planChange(memberStation, session, {
      prior: withPermission(stationState(before, session), mayLoseMessages),
      config: null,
      isDelete: true,
      private: {},
    });
    return { isReplaced: false, diagnostics: step.diagnostics };
  }
  const config = stationConfig(after);
  const isImport = isImported && session?.setOf.has(externalName(after.name)) !== true;
  const first = await planChange(memberStation, session, {
    prior: before === undefined ? null : stationState(before, session),
    config,
    isDelete: false,
    private: isImport ? { imported: true } : {},
  });
  const isReplaced = first.requiresReplace.length > 0;
  const diagnostics = [...first.diagnostics];
  if (isReplaced) diagnostics.push(...(await replacement(session, after.name, config, first)));
  const isNew = before === undefined || isReplaced;
  const hasOther = before !== undefined && schemaOf(before) !== schemaOf(after);
  if (isReplaced || hasOther) session?.planned.add(leaving(after.name));
  diagnostics.push(...(await enforcementDiagnostics(session, change, isNew)));
  return { isReplaced, diagnostics };
}

/** Whether a station of a set is replaced, in the second half of the plan of a replacement of the set. */
async function isReplacedAgain(
  session: Session | undefined,
  { before, after }: MemberChange,
): Promise<boolean> {
  if (before === undefined || after === undefined) return false;
  const step = await planChange(memberStation, session, {
    prior: stationState(before, session),
    config: stationConfig(after),
    isDelete: false,
    private: { replacing: true },
  });
  return step.requiresReplace.length > 0;
}

/** What the second half of the plan of a replacement says, and that there is one: the set itself changes in place. */
async function replacement(
  session: Session | undefined,
  name: string,
  config: Values,
  { requiresReplace, private: memory }: PlannedStep,
): Promise<Diagnostic[]> {
  const second = await planChange(memberStation, session, {
    prior: null,
    config,
    isDelete: false,
    private: memory,
  });
  const why = Object.entries(stationFields).flatMap(([field, { change }]) =>
    change.how === 'replace' && requiresReplace.includes(terraformName(field)) ? [change.why] : [],
  );
  return [
    warning(`Station "${name}" is replaced`, `It is destroyed and created again: ${why.join(' ')}`),
    ...second.diagnostics,
  ];
}

async function enforcementDiagnostics(
  session: Session | undefined,
  { before, after }: MemberChange,
  isNew: boolean,
): Promise<readonly Diagnostic[]> {
  const config = enforcementConfig(after, isNew);
  if (config === undefined) return [];
  const prior = enforcementConfig(before, false) ?? null;
  if (
    prior !== null &&
    !isNew &&
    prior.schema_name === config.schema_name &&
    prior.schema_uid === config.schema_uid
  )
    return [];
  const step = await planChange(memberEnforcement, session, { prior, config, isDelete: false, private: {} });
  return step.diagnostics;
}

/** A station that leaves a set takes the permission of the set's new configuration too: the set is there to say it. */
export function withPermission(state: Values, mayLoseMessages: boolean): Values {
  return mayLoseMessages ? { ...state, allow_message_loss: true } : state;
}

function released(name: string): Diagnostic {
  return warning(
    `Station "${name}" leaves the set and stays on the broker`,
    'The set releases it: nothing of it is changed, and no declaration owns it afterwards.',
  );
}

/** The same diagnostic at the attribute of the set that says the value: that of the station, or that of all. */
function placed(
  diagnostic: Diagnostic,
  { config }: PlanRequest<Session>,
  after: Member | undefined,
): Diagnostic {
  const { attribute, ...rest } = diagnostic;
  if (config === null || after === undefined) return rest;
  return { ...rest, attribute: attributePathOf(config, after.name, attribute) };
}

/** Where a configuration of a set says an option of a station. */
export function attributePathOf(
  config: Values,
  name: string,
  attribute: Diagnostic['attribute'],
): AttributePath {
  const option = typeof attribute === 'string' ? attribute : '';
  const overrides = isFields(config.overrides) ? config.overrides : {};
  const shared = stationsIn(config)?.get(name) ?? '';
  const own = overrideOf(overridesIn(config) ?? new Map<string, Values>(), name, shared);
  const keys = new Map(Object.keys(overrides).map((each) => [externalName(each), each]));
  const key = keys.get(externalName(name)) ?? keys.get(externalName(shared)) ?? name;
  if ((own?.[option] ?? null) !== null) return ['overrides', key, { attribute: option }];
  return (config[option] ?? null) === null ? ['stations'] : [option];
}

/** Whether a station of a set has nothing to be done about it. */
export function isUnchanged({ before, after }: MemberChange): boolean {
  return (
    before !== undefined &&
    after !== undefined &&
    before.uid !== undefined &&
    before.isDamaged !== true &&
    before.restored === undefined &&
    before.owner === after.owner &&
    before.schemaUid === after.schemaUid &&
    sameOptions(before.options, after.options)
  );
}
