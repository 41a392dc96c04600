import type { FieldFacts } from '../../../../model/field';
import { terraformName } from '../../../../model/field';
import { PROVIDER_ADDRESS } from '../../../../model/provider-address';
import { restoredStationFields } from '../../../../model/station';
import type { DeclarationSite } from '../../../synthesised/declared-stack';
import { resourceKinds } from '../../../synthesised/kinds';
import type { ResourceKind } from '../../../synthesised/kinds';
import type { Action, Difference, Finding, HistoryEntry, ObjectStatus, ReportedObject } from '../../report';
import { SENSITIVE, withoutSensitive } from '../sensitive';
import { unitsOf } from '../units';
import { reasonFinding } from './reasons';
import type { PlanValues, ResourceChange } from './plan-file';

/** One change of an object of ours: what the plan says, and what the report shows of it. */
export interface PlannedObject {
  readonly kind: ResourceKind;
  readonly change: ResourceChange;
  readonly reported: ReportedObject;
  /** What the provider says for all stations that do not say it themselves. */
  readonly defaults: StationFlags;
}

export interface StationFlags {
  readonly allowMessageLoss: boolean | 'unknown' | undefined;
  readonly deletionProtection: boolean | 'unknown' | undefined;
}

/**
 * @param declared the attributes that the configuration sets; undefined where that is not known
 * @returns undefined for what is none of our objects.
 */
export function plannedObject(
  change: ResourceChange,
  drifted: ResourceChange | undefined,
  site: DeclarationSite,
  declared: ReadonlySet<string> | undefined,
  defaults: StationFlags,
): PlannedObject | undefined {
  const kind = resourceKindOf(change);
  if (kind === undefined) return undefined;
  const { before, after } = change.change;
  const { action, status } = outcomeOf(change.change.actions);
  const { differences, unresolved } = differencesOf(kind, change, action, declared);
  const name = (after ?? before)?.[terraformName(kind.nameField)] ?? before?.[terraformName(kind.nameField)];
  // A destroy has no values afterwards, and no marks.
  const { before_sensitive: hiddenBefore, after_sensitive: hiddenAfter } = change.change;
  const isHidden = [hiddenBefore, hiddenAfter].some((marks) =>
    isMarked(marks, terraformName(kind.nameField)),
  );
  return {
    kind,
    change,
    defaults,
    reported: {
      kind: kind.kind,
      name: typeof name === 'string' && !isHidden ? name : change.address,
      status,
      action,
      declaration: site,
      differences: [...differences, ...restoredBy(change)],
      unresolved,
      findings: findingsOf(change),
      history: historyOf(kind, drifted),
    },
  };
}

/** The same without what Terraform marks as sensitive before or after the change, also inside of what the broker told. */
export function withoutMarked(reported: ReportedObject, { kind, change }: PlannedObject): ReportedObject {
  const { before, after, before_sensitive: hiddenBefore, after_sensitive: hiddenAfter } = change.change;
  const marked = kind.fields.filter(({ attribute }) =>
    [hiddenBefore, hiddenAfter].some((marks) => isMarked(marks, attribute)),
  );
  const hidden = withoutSensitive(reported, {
    fields: marked.map(({ name }) => name),
    values: marked.flatMap(({ attribute }) => [
      ...(isMarked(hiddenBefore, attribute) ? [valueAt(before, attribute)] : []),
      ...(isMarked(hiddenAfter, attribute) ? [valueAt(after, attribute)] : []),
    ]),
    nameField: kind.nameField,
    address: change.address,
  });
  // The plan marks each side of a difference on its own.
  return { ...hidden, differences: reported.differences };
}

export function resourceKindOf({
  mode,
  type,
  provider_name: provider,
}: ResourceChange): ResourceKind | undefined {
  return mode === 'managed' && provider === PROVIDER_ADDRESS ? resourceKinds.get(type) : undefined;
}

function outcomeOf(actions: readonly string[]): { readonly action: Action; readonly status: ObjectStatus } {
  const isCreated = actions.includes('create');
  if (actions.includes('delete') && isCreated) return { action: 'replace', status: 'changed' };
  if (actions.includes('delete')) return { action: 'delete', status: 'unmanaged' };
  if (isCreated) return { action: 'create', status: 'missing' };
  if (actions.includes('update')) return { action: 'update', status: 'changed' };
  return { action: 'none', status: actions.includes('forget') ? 'unmanaged' : 'same' };
}

interface Differences {
  readonly differences: readonly Difference[];
  readonly unresolved: readonly string[];
}

function differencesOf(
  kind: ResourceKind,
  { change }: ResourceChange,
  action: Action,
  declared: ReadonlySet<string> | undefined,
): Differences {
  const differences: Difference[] = [];
  const unresolved: string[] = [];
  if (action === 'none' || action === 'delete') return { differences, unresolved };
  const [wanted, there] = [objectOf(kind, change.after), objectOf(kind, change.before)];
  for (const { name, attribute, facts } of kind.fields) {
    // What the provider or the broker fills in is no part of what somebody wants to create.
    const isDeclared = declared?.has(attribute) ?? true;
    if (!isDeclared && (action === 'create' || isMarked(change.after_unknown, attribute))) continue;
    if (isMarked(change.after_unknown, attribute)) {
      unresolved.push(name);
      continue;
    }
    const [before, after] = [valueAt(change.before, attribute), valueAt(change.after, attribute)];
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    // The owner of a new object is what its construct path says already.
    if (action === 'create' && name === 'owner') continue;
    const isReplaced = (change.replace_paths ?? []).some(([first]) => first === attribute);
    differences.push({
      field: name,
      ...(after === undefined ? {} : { declared: shown(after, change.after_sensitive, attribute) }),
      ...(before === undefined ? {} : { live: shown(before, change.before_sensitive, attribute) }),
      ...unitsOf(facts, wanted, there),
      effect: isReplaced ? 'replace' : 'inPlace',
      ...(isReplaced ? whyReplaced(facts) : {}),
    });
  }
  return { differences, unresolved };
}

/** What somebody changed on the broker that no declaration says, and that the deploy sets back. */
function restoredBy({ change: { actions, before, after } }: ResourceChange): Difference[] {
  if (!actions.includes('update')) return [];
  return Object.keys(restoredStationFields).flatMap((field) => {
    const attribute = terraformName(field);
    const [live, declared] = [valueAt(before, attribute), valueAt(after, attribute)];
    if (!Array.isArray(live) || JSON.stringify(live) === JSON.stringify(declared)) return [];
    return [{ field, declared: declared ?? [], live, effect: 'inPlace' as const }];
  });
}

function whyReplaced({ change }: FieldFacts): Pick<Difference, 'why'> {
  if (change.how !== 'replace') return {};
  return { why: change.why.charAt(0).toUpperCase() + change.why.slice(1) };
}

/** Values of a plan by the names of the model. */
function objectOf({ fields }: ResourceKind, values: PlanValues | null): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.map(({ name, attribute }) => [name, valueAt(values, attribute)]));
}

function valueAt(values: PlanValues | null, attribute: string): unknown {
  return values?.[attribute] ?? undefined;
}

function shown(value: unknown, sensitive: unknown, attribute: string): unknown {
  return isMarked(sensitive, attribute) ? SENSITIVE : value;
}

/** Whether an attribute, or anything in it, is marked in a tree of marks; `true` marks everything below. */
function isMarked(marks: unknown, attribute: string): boolean {
  if (marks === true) return true;
  return isAnyMarked((marks as Readonly<Record<string, unknown>> | null | undefined)?.[attribute]);
}

function isAnyMarked(marks: unknown): boolean {
  if (typeof marks !== 'object' || marks === null) return marks === true;
  return Object.values(marks).some(isAnyMarked);
}

function findingsOf(change: ResourceChange): Finding[] {
  const { address, previous_address: previous, deposed, action_reason: reason } = change;
  const { actions, importing } = change.change;
  const findings: Finding[] = [];
  const note = (code: string, message: string): void => {
    findings.push({ severity: 'note', code, message });
  };
  if (deposed !== undefined) {
    note('DEPOSED', 'An earlier replacement was interrupted and left this object behind.');
  }
  if (actions.includes('update') && change.change.before?.intact === false) {
    note('DAMAGED', 'A partition has no stream, or refuses publishers. The deploy repairs it.');
  }
  const because = reasonFinding(reason, change);
  if (because !== undefined) findings.push(because);
  if (previous !== undefined && previous !== address) note('MOVED', `It was ${previous} before.`);
  if (importing !== undefined) note('IMPORTED', 'The deploy imports it from the broker.');
  if (actions.includes('forget')) note('FORGOTTEN', 'Terraform forgets it; it stays on the broker.');
  return findings;
}

/** What was changed on the broker since the last deploy, as Terraform's refresh found it. */
function historyOf(kind: ResourceKind, drifted: ResourceChange | undefined): HistoryEntry[] {
  if (drifted === undefined) return [];
  const { change } = drifted;
  if (change.after === null) return [{ what: 'It was removed outside of Terraform.' }];
  const fields = kind.fields.flatMap(({ name, attribute }) => {
    const [before, after] = [valueAt(change.before, attribute), valueAt(change.after, attribute)];
    const isSame = JSON.stringify(before) === JSON.stringify(after);
    return isSame || isMarked(change.after_unknown, attribute) ? [] : [name];
  });
  return fields.length === 0 ? [] : [{ what: `${fields.join(', ')} changed outside of Terraform.` }];
}
