import { terraformName } from '../../../model/field';
import { externalName, internalName } from '../../../model/names';
import { sentence } from '../../../model/error-text';
import { UnsafeRequestError } from '../../../model/errors';
import { Retention } from '../../../model/retention';
import type { CanonicalStation, StationDeclaration } from '../../../model/station';
import {
  canonicalTags,
  defaultIdempotencyWindowMs,
  restoredStationFields,
  stationFields,
  stationRules,
} from '../../../model/station';
import type { Change, LiveStation } from '../../reconcile';
import { damageOf, isIntact, isToBeAttached, stationKind } from '../../reconcile';
import { t } from '../cty/type';
import type { Value, Values } from '../cty/value';
import { UNKNOWN, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { Diagnostic } from '../framework/diagnostics';
import type { PlanRequest } from '../framework/resource';
import {
  attributesOfTable,
  declarationOfValues,
  declaredOwnerOf,
  hasUnknownAttribute,
  restoredAttributes,
} from './attributes';
import { capital, problemDiagnostics, warning } from './diagnose';
import { resourceOf } from './kind-resource';
import type { KindResource } from './particulars';
import type { Session } from './session';

const uid: Attribute = {
  name: 'uid',
  type: t.string,
  computed: true,
  description: "The broker's own identifier of the station; a recreated station gets another one.",
};

const intact: Attribute = {
  name: 'intact',
  type: t.bool,
  computed: true,
  description:
    'True while every partition exists and accepts messages. False after an interrupted operation; the next deploy repairs it.',
};

/** The default of some fields cannot be named by the model alone: it depends on other fields, or on the broker. */
const attributes: Attribute[] = [
  ...attributesOfTable(stationFields).map(({ default: value, ...attribute }): Attribute => {
    if (attribute.name === 'retention_value' || attribute.name === 'idempotency_window_ms') return attribute;
    if (attribute.name === 'tags') return { ...attribute, computed: true };
    return value === undefined ? attribute : { ...attribute, default: value };
  }),
  uid,
  intact,
  ...restoredAttributes(restoredStationFields),
];

/** What is particular to stations, whether a resource stands for one or for many. */
export const stationParticulars: KindResource<StationDeclaration, CanonicalStation, LiveStation> = {
  typeName: 'memphis_station',
  description: 'A station of a Memphis broker: a named log of messages, spread over one or more partitions.',
  attributes,
  nameAttribute: 'name',
  fromEarlierVersion: withoutFormerDefaults,
  validate: (config) => problemDiagnostics(stationFields, stationRules, config),
  computed: (live) => ({ uid: String(live.row.id), intact: isIntact(live) }),
  defaults,
  inState: (station: CanonicalStation, field): Value | undefined =>
    field === 'retentionValue' && station.retentionType === Retention.ACK_BASED ? null : undefined,
  refreshed: async ({ run }, { row }, state): Promise<Values> => {
    const target = deadLetterStationOf(state);
    const isKept = target !== '' && row.dlsStation === '' && (await isToBeAttached(run, row.name, target));
    return isKept ? { dls_station: state.dls_station ?? null } : {};
  },
  createdFirst,
  waitsFor: (error, planned) =>
    error instanceof UnsafeRequestError ? `station ${deadLetterStationOf(planned)}` : undefined,
  withoutAwaited: (station: CanonicalStation): CanonicalStation => ({ ...station, dlsStation: '' }),
  whileInterrupted: { intact: false },
  whenReplacedInPlace: { uid: UNKNOWN },
  becomes: valuesThatChange,
  notices: async (session, live, planned) => [
    ...damageNotices(live),
    ...(await foreignSchemaNotice(session, live, planned)),
  ],
};

export const stationResource = resourceOf(stationKind, stationParticulars);

/** Before there was `on_replace`, a protection that was left out was stored as false. Today it is that of the provider. */
function withoutFormerDefaults(state: Values): Values {
  if ('on_replace' in state) return state;
  const former = ['allow_message_loss', 'deletion_protection'].filter((name) => state[name] === false);
  return { ...state, ...Object.fromEntries(former.map((name) => [name, null])) };
}

/** A dead-letter station that is not there may be one that this plan has still to come to. */
async function createdFirst(
  { run, planned: upcoming }: Session,
  planned: Values,
): Promise<readonly 'dlsStation'[]> {
  const name = deadLetterStationOf(planned);
  if (name === '' || (await run.snapshot()).stations.has(internalName(name))) return [];
  // One error about it is enough, and whoever waits keeps Terraform from going on.
  const isKnown = upcoming.isAwaited(`station ${name}`) || (await upcoming.hasCome(`station ${name}`));
  return isKnown ? ['dlsStation'] : [];
}

function deadLetterStationOf(planned: Values): string {
  return externalName(stringAt(planned, 'dls_station') ?? '');
}

/** What every station has. */
const restoredValues: Values = Object.fromEntries(
  Object.entries(restoredStationFields).map(([name, { canonical }]) => [
    terraformName(name),
    canonical(undefined),
  ]),
);

/** The values of a station for what its configuration leaves out, beside the defaults of the model. */
export function defaults(
  { client, config }: Pick<PlanRequest<Session>, 'client' | 'config'>,
  planned: Values,
): Values {
  const tags = client?.stationDefaults.tags;
  const values: Record<string, Value> = { intact: true, ...restoredValues };
  if (tags !== undefined && config?.tags === null) values.tags = canonicalTags(tags);
  if (config?.retention_value === null) {
    const hasLimit = planned.retention_type !== Retention.ACK_BASED;
    values.retention_value = hasLimit ? stationFields.retentionValue.default : null;
  }
  if (config?.idempotency_window_ms === null)
    values.idempotency_window_ms = windowOf({ ...planned, ...values });
  return values;
}

/** The default of the idempotency window; unknown while the retention that may shorten it is. */
function windowOf(planned: Values): Value {
  if (hasUnknownAttribute(planned, ['retentionType', 'retentionValue'])) return UNKNOWN;
  return defaultIdempotencyWindowMs(declarationOfValues<StationDeclaration>(stationFields, planned));
}

function valuesThatChange({ fields }: Change): string {
  if (fields.length === 0) return 'It is as declared; nothing changes on it.';
  const changes = fields.map(
    ({ field, before, after }) => `  ${field}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
  );
  return `These values change in place, and its messages stay:\n${changes.join('\n')}`;
}

/**
 * What is gone or cannot be set back, and what can be done: Terraform shows of it no more than that a value changes. A
 * partition that only has to be opened again loses nothing, and needs no warning.
 */
function damageNotices(live: LiveStation | undefined): Diagnostic[] {
  if (live === undefined) return [];
  return damageOf(live)
    .filter(({ code }) => code !== 'PARTITION_FROZEN')
    .map(({ found, next }) =>
      warning(`Station "${live.row.name}" is damaged`, `${sentence(capital(found))} ${next}`),
    );
}

/**
 * A schema that no stack recorded was attached by hand: producers must fit it, and nothing in the stack says so. A stack
 * without owners records nothing, so nothing can be said of its stations.
 */
async function foreignSchemaNotice(
  session: Session,
  live: LiveStation | undefined,
  planned: Values,
): Promise<Diagnostic[]> {
  if (live === undefined || declaredOwnerOf(planned).owner === '') return [];
  const { name } = live.row;
  const listed = (await session.run.snapshot()).stations.get(internalName(name));
  if (listed === undefined || listed.row.schemaName === '') return [];
  if ((await session.run.recordsOf('enforcement')).has(externalName(name))) return [];
  return [
    {
      severity: 'warning',
      summary: `Station "${name}" enforces a schema that no stack declares`,
      detail: `Schema "${listed.row.schemaName}" was attached by hand. This stack leaves it as it is. Declare it (station.enforce, after importing the enforcement ${name}) or detach it.`,
    },
  ];
}
