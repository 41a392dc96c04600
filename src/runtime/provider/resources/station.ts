import type { CanonicalStation, StationDeclaration } from '../../../model/station';
import { canonicalStation, stationFields, stationRules } from '../../../model/station';
import { fieldNames, terraformName } from '../../../model/field';
import { internalName } from '../../../model/names';
import { Retention } from '../../../model/retention';
import type { ExistingStationPlan, LiveStation, StationPlan } from '../../reconcile';
import {
  createStation,
  destroyStation,
  diffStation,
  isIntact,
  normaliseStation,
  planExistingStation,
  planStation,
  recordOwner,
  updateStation,
} from '../../reconcile';
import { t } from '../cty/type';
import type { Value, Values } from '../cty/value';
import { booleanAt, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { Diagnostic } from '../framework/diagnostics';
import type { Outcome, PlanAdjustment, PlanRequest, Private, Resource } from '../framework/resource';
import { attributesOf, claimOf, declarationOf, hasUnknown } from './attributes';
import { diagnosticFor, explained, problemDiagnostics } from './diagnose';
import type { Session } from './session';

const uid: Attribute = {
  name: 'uid',
  type: t.string,
  computed: true,
  description: "The broker's own identifier of the station; a station that is made anew gets another one.",
};

const intact: Attribute = {
  name: 'intact',
  type: t.bool,
  computed: true,
  description:
    'True while every partition exists and takes messages. False after an operation that broke off half-way; the next deploy repairs it.',
};

/** Attributes that steer this tool only: what the user wrote always counts. */
const policies = fieldNames(stationFields)
  .filter((name) => stationFields[name].change.how === 'policy')
  .map(terraformName);

/** Fields whose default the model cannot name by itself: it depends on other fields, or on the broker. */
const attributes: Attribute[] = [
  ...attributesOf(stationFields).map((attribute): Attribute => {
    if (attribute.name === 'retention_value') return withoutDefault(attribute);
    return attribute.name === 'tags' ? { ...attribute, computed: true } : attribute;
  }),
  uid,
  intact,
];

function withoutDefault({ default: _, ...attribute }: Attribute): Attribute {
  return attribute;
}

export const stationResource: Resource<Session> = {
  typeName: 'memphis_station',
  schemaVersion: 0,
  description: 'A station of a Memphis broker: a named log of messages, spread over one or more partitions.',
  attributes,
  validate: (config) => problemDiagnostics(stationFields, stationRules, config),
  read: (session, state) => explained(() => read(session, state)),
  plan: (request) => explained(() => plan(request)),
  create: (session, { planned }) =>
    explained(async () => {
      session.changing();
      return done(
        planned,
        await createStation(session.admin, canonical(planned), claimOf(planned), permissionsOf(planned)),
      );
    }),
  update: (session, { planned }) =>
    explained(async () => {
      session.changing();
      const live = await updateStation(session.admin, canonical(planned), permissionsOf(planned));
      await recordOwner(
        session.admin,
        { kind: 'station', name: live.row.name, uid: String(live.row.id) },
        claimOf(planned),
      );
      return done(planned, live);
    }),
  delete: (session, request) =>
    explained(async () => {
      session.changing();
      await destroyStation(session.admin, stringAt(request.prior, 'name') ?? '', deletePermissions(request));
      return undefined;
    }),
  import: (session, id) =>
    explained(async () => {
      const station = (await session.live()).stations.get(internalName(id));
      return { state: station === undefined ? null : importedState(station) };
    }),
};

async function read(session: Session, state: Values): Promise<Outcome> {
  const station = (await session.live()).stations.get(internalName(stringAt(state, 'name') ?? ''));
  // A row whose streams are all gone holds nothing any more; the next deploy makes the station anew.
  if (station === undefined || station.streams.length === 0) return { state: null };
  return outcome(state, station);
}

/** The state after the broker was looked at: values that mean the same keep the spelling they have. */
function outcome(stateBefore: Values, live: LiveStation): Outcome {
  const expected = canonical(stateBefore);
  const found = normaliseStation(live, expected);
  const changed = diffStation(found, expected).fields.map((field) => field.field);
  const state: Record<string, Value> = { ...stateBefore, uid: String(live.row.id), intact: isIntact(live) };
  for (const field of changed) state[terraformName(field)] = stateValue(found, field);
  if (expected.tags === undefined) state.tags = [...(found.tags ?? [])];
  return { state };
}

/** After a change: what the broker says, and a private state without what only the plan had to hand over. */
function done(planned: Values, live: LiveStation): Outcome {
  return { ...outcome(planned, live), private: permissionsOf(planned) };
}

function stateValue(station: CanonicalStation, field: string): Value {
  if (field === 'retentionValue' && station.retentionType === Retention.ACK_BASED) return null;
  if (field === 'dlsStation' && station.dlsStation === '') return null;
  return (station as unknown as Readonly<Record<string, Value>>)[field] ?? null;
}

function importedState(live: LiveStation): Values {
  const found = normaliseStation(live);
  const fields = fieldNames(stationFields).filter((name) => stationFields[name].change.how !== 'policy');
  return {
    ...Object.fromEntries(fields.map((name) => [terraformName(name), stateValue(found, name)])),
    allow_message_loss: false,
    adopt_existing: false,
    owner: null,
    uid: String(live.row.id),
    intact: isIntact(live),
  };
}

function canonical(values: Values): CanonicalStation {
  return canonicalStation(declarationOf<StationDeclaration>(stationFields, values) as StationDeclaration);
}

function permissionsOf(values: Values | null): { readonly allowMessageLoss: boolean } {
  return { allowMessageLoss: values !== null && booleanAt(values, 'allow_message_loss') === true };
}

/** A replacement is permitted by the new configuration, which the plan left in the private state; a destroy by the old. */
function deletePermissions(request: { readonly prior: Values; readonly private: Private }): {
  readonly allowMessageLoss: boolean;
} {
  const planned = request.private.allowMessageLoss;
  return typeof planned === 'boolean' ? { allowMessageLoss: planned } : permissionsOf(request.prior);
}

async function plan(request: PlanRequest<Session>): Promise<PlanAdjustment> {
  const { prior, planned } = request;
  if (planned === null) {
    const permissions = permissionsOf(prior);
    return { private: permissions, diagnostics: await refusals(request, undefined, permissions) };
  }
  const adjusted = adjustValues(request, planned);
  const permissions = permissionsOf(planned);
  const replacing = request.action === 'replace' || request.priorPrivate.replacing === true;
  const memory = { ...permissions, ...(replacing ? { replacing: true } : {}) };
  if (hasUnknown(planned, fieldNames(stationFields))) return { planned: adjusted, private: memory };
  const after = canonical({ ...planned, ...adjusted });
  return { planned: adjusted, private: memory, diagnostics: await refusals(request, after, permissions) };
}

/** Defaults that depend on other fields, and values that mean the same as those that are there: these stay. */
function adjustValues(request: PlanRequest<Session>, planned: Values): Values {
  const adjusted: Record<string, Value> = { intact: true };
  if (request.config?.retention_value === null) {
    adjusted.retention_value =
      planned.retention_type === Retention.ACK_BASED ? null : (stationFields.retentionValue.default ?? null);
  }
  const { prior } = request;
  if (prior === null || hasUnknown(planned, fieldNames(stationFields))) return adjusted;
  const before = canonical(prior);
  const after = canonical({ ...planned, ...adjusted });
  const same = new Set(fieldNames(stationFields).map(terraformName));
  for (const { field } of diffStation(before, after).fields) same.delete(terraformName(field));
  for (const name of policies) same.delete(name);
  for (const name of same) {
    if (prior[name] !== undefined) adjusted[name] = prior[name];
  }
  return adjusted;
}

async function refusals(
  request: PlanRequest<Session>,
  after: CanonicalStation | undefined,
  permissions: { readonly allowMessageLoss: boolean },
): Promise<Diagnostic[]> {
  const { client: session, prior, action, priorPrivate } = request;
  if (!session?.isPlanning) return [];
  const name = after?.name ?? (prior === null ? '' : (stringAt(prior, 'name') ?? ''));
  const live = (await session.live()).stations.get(internalName(name));
  if (action === 'create') {
    // The second half of a replacement: what is there now will be gone by then, and was judged with the first half.
    if (
      priorPrivate.replacing === true ||
      after === undefined ||
      live === undefined ||
      live.streams.length === 0
    )
      return [];
    const existing = await planExistingStation(
      session.admin,
      live,
      after,
      claimOf(request.planned ?? {}),
      permissions,
    );
    return [...judge(name, existing, permissions, 'name'), ...existingNotice(name, existing)];
  }
  const before =
    prior === null ? live : (await session.live()).stations.get(internalName(stringAt(prior, 'name') ?? ''));
  return judge(name, await planStation(session.admin, before, after, permissions), permissions);
}

/** What forbids the change, and what it drops with permission. */
function judge(
  name: string,
  { refusals: refused, loss }: StationPlan,
  { allowMessageLoss }: { readonly allowMessageLoss: boolean },
  attribute?: string,
): Diagnostic[] {
  const errors = refused.map((refusal) => diagnosticFor(refusal, attribute));
  if (loss === undefined || !allowMessageLoss) return errors;
  return [
    ...errors,
    {
      severity: 'warning',
      summary: `Station "${name}" loses messages`,
      detail: `This will ${loss.consequence}. allowMessageLoss permits it.`,
    },
  ];
}

/** Terraform shows a creation; what it means for the object that is there is said beside it. */
function existingNotice(name: string, { change, continuation }: ExistingStationPlan): Diagnostic[] {
  if (continuation === undefined) return [];
  const changes = change.fields.map(
    ({ field, before, after }) => `  ${field}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
  );
  const why =
    continuation === 'adopted'
      ? 'It is on the broker already and is taken over (adoptExisting).'
      : 'It is on the broker already: an earlier run of this declaration made it and did not come to its end.';
  const what =
    changes.length === 0
      ? 'It is as declared; nothing changes on it.'
      : `These values change in place, with its messages kept:\n${changes.join('\n')}`;
  return [
    {
      severity: 'warning',
      summary: `Station "${name}" exists and is ${continuation === 'adopted' ? 'adopted' : 'gone on with'}`,
      detail: `${why} ${what}`,
    },
  ];
}
