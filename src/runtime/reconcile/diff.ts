import { clauses } from '../../model/error-text';
import type { ChangeRule as FieldBehaviour, FieldTable } from '../../model/field';
import { brokerFields } from '../../model/field';

/** What a declaration and the broker's state mean together. */
type ChangeKind = 'create' | 'update' | 'replace' | 'delete' | 'noop';

/** One field that differs. */
interface FieldChange {
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

/**
 * Compares two canonical objects field by field; undefined is "not there". Values that the declaration leaves to the
 * broker (undefined after) are no difference. A live value that was not read is a defect, not "the same".
 */
export function diffObject(table: FieldTable, before: object | undefined, after: object | undefined): Change {
  if (before === undefined && after === undefined) return { kind: 'noop', fields: [] };
  if (after === undefined) return { kind: 'delete', fields: [] };
  const fields: FieldChange[] = [];
  for (const [field, { change }] of brokerFields(table)) {
    const wanted = valueOf(after, field);
    if (wanted === undefined) continue;
    const found = before === undefined ? undefined : valueOf(before, field);
    if (!sameValue(found, wanted)) fields.push({ field, before: found, after: wanted, change });
  }
  if (before === undefined) return { kind: 'create', fields };
  if (fields.length === 0) return { kind: 'noop', fields };
  return { kind: fields.some((field) => field.change.how === 'replace') ? 'replace' : 'update', fields };
}

/** The same difference, for an object that is destroyed and recreated whatever its values say. */
export function forced(change: Change): Change {
  return change.kind === 'update' || change.kind === 'noop' ? { ...change, kind: 'replace' } : change;
}

/** Why a replacement is one, for people. */
export function reasonOf(change: Change): string | undefined {
  const reasons = change.fields.flatMap((field) =>
    field.change.how === 'replace'
      ? [`${field.field} changes, and ${field.change.why.replace(/\.$/, '')}`]
      : [],
  );
  return reasons.length === 0 ? undefined : clauses(reasons);
}

function valueOf(object: object, field: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[field];
}

/** Lists in canonical form are sorted, so their JSON can be compared. */
function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && JSON.stringify(a) === JSON.stringify(b));
}
