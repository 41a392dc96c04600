import { fieldNames, terraformName } from '../../../model/field';
import { Retention } from '../../../model/retention';
import type { CanonicalStation, StationDeclaration } from '../../../model/station';
import { canonicalStation, stationFields } from '../../../model/station';
import type { LiveStation } from '../../reconcile';
import { diffStation, isIntact, normaliseStation } from '../../reconcile';
import type { Value, Values } from '../cty/value';
import { declarationOf } from './attributes';

/** The canonical form of the station that attribute values describe. */
export function canonicalOf(values: Values): CanonicalStation {
  return canonicalStation(declarationOf<StationDeclaration>(stationFields, values) as StationDeclaration);
}

/** The state after the broker was looked at: values that mean the same keep the spelling they have. */
export function stateAfter(before: Values, live: LiveStation): Values {
  const expected = canonicalOf(before);
  const found = normaliseStation(live, expected);
  const state: Record<string, Value> = { ...before, ...broker(live) };
  for (const { field } of diffStation(found, expected).fields)
    state[terraformName(field)] = stateValue(found, field);
  if (expected.tags === undefined) state.tags = [...(found.tags ?? [])];
  return state;
}

/** The state of a station that Terraform did not know before. */
export function importedState(live: LiveStation): Values {
  const found = normaliseStation(live);
  const values = fieldNames(stationFields)
    .filter((name) => stationFields[name].change.how !== 'policy')
    .map((name) => [terraformName(name), stateValue(found, name)] as const);
  // Attributes that are left out here get their defaults.
  return { ...Object.fromEntries(values), ...broker(live) };
}

/** What only the broker can tell. */
function broker(live: LiveStation): Values {
  return { uid: String(live.row.id), intact: isIntact(live) };
}

function stateValue(station: CanonicalStation, field: string): Value {
  if (field === 'retentionValue' && station.retentionType === Retention.ACK_BASED) return null;
  if (field === 'dlsStation' && station.dlsStation === '') return null;
  return (station as unknown as Readonly<Record<string, Value>>)[field] ?? null;
}
