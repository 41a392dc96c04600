import type { Change as FieldBehaviour, Fields } from '../../model/field';
import { fieldNames } from '../../model/field';
import type { CanonicalStation, StationDeclaration } from '../../model/station';
import { stationFields } from '../../model/station';

/** What a declaration and the broker's state mean together. */
export type ChangeKind = 'create' | 'update' | 'replace' | 'delete' | 'noop';

/** One field that differs. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly change: FieldBehaviour;
}

/** The difference between one declared object and one live object of the same identity. */
export interface Change {
  readonly kind: ChangeKind;
  readonly fields: readonly FieldChange[];
}

/** The difference between what a station is (undefined: not there) and what it should be (undefined: gone). */
export function diffStation(
  before: CanonicalStation | undefined,
  after: CanonicalStation | undefined,
): Change {
  return diffObject<StationDeclaration, CanonicalStation>(stationFields, before, after);
}

/**
 * Compares two canonical objects field by field. Fields that steer this tool only, and fields that the declaration
 * leaves to the broker (undefined after), are no difference.
 */
function diffObject<D, C extends object>(
  table: Fields<D>,
  before: C | undefined,
  after: C | undefined,
): Change {
  if (before === undefined && after === undefined) return { kind: 'noop', fields: [] };
  if (after === undefined) return { kind: 'delete', fields: [] };
  const fields: FieldChange[] = [];
  for (const field of fieldNames(table)) {
    const { change } = table[field];
    const wanted = valueOf(after, field);
    if (change.how === 'policy' || wanted === undefined) continue;
    const found = before === undefined ? undefined : valueOf(before, field);
    if (!sameValue(found, wanted)) fields.push({ field, before: found, after: wanted, change });
  }
  if (before === undefined) return { kind: 'create', fields };
  if (fields.length === 0) return { kind: 'noop', fields };
  return { kind: fields.some((field) => field.change.how === 'replace') ? 'replace' : 'update', fields };
}

function valueOf(object: object, field: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[field];
}

/** Lists in canonical form are sorted, so their texts can be compared. */
function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && JSON.stringify(a) === JSON.stringify(b));
}
