/** Which objects the table shows, and in which order. */
import type { ReportedObject } from '../../report';
import { isOff } from './words';

export interface ObjectFilter {
  readonly text: string;
  /** A status, `attention` for all that a person has to look at, or empty. */
  readonly status: string;
  readonly kind: string;
  readonly stack: string;
  readonly action: string;
}

export const noFilter: ObjectFilter = { text: '', status: '', kind: '', stack: '', action: '' };

export type SortColumn = 'name' | 'kind' | 'messages';

export interface SortOrder {
  readonly column: SortColumn;
  readonly isDescending: boolean;
}

/** Objects that fit a filter, in the report's own order, or in the one that the reader chose. */
export function selected(
  objects: readonly ReportedObject[],
  filter: ObjectFilter,
  order: SortOrder | undefined,
): readonly ReportedObject[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = objects.filter((object) => fits(object, filter) && hasWords(object, words));
  if (order === undefined) return found;
  const sign = order.isDescending ? -1 : 1;
  return found.sort((a, b) => sign * comparisons[order.column](a, b));
}

function fits(object: ReportedObject, { status, kind, stack, action }: ObjectFilter): boolean {
  return (
    (status === '' || (status === 'attention' ? isOff(object) : object.status === status)) &&
    (kind === '' || object.kind === kind) &&
    (stack === '' || object.declaration?.stack === stack) &&
    (action === '' || object.action === action)
  );
}

/** Whether each word is in the name, the place of declaration, a field that differs, the owner, or the schema. */
function hasWords(object: ReportedObject, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { name, declaration, differences, live } = object;
  const searched = [
    name,
    declaration?.constructPath,
    declaration?.address,
    declaration?.file,
    live?.owner,
    live?.schemaName,
    ...differences.map(({ field }) => field),
  ]
    .join('\n')
    .toLowerCase();
  return words.every((word) => searched.includes(word));
}

const names = new Intl.Collator('en', { numeric: true });

const comparisons: Readonly<Record<SortColumn, (a: ReportedObject, b: ReportedObject) => number>> = {
  name: (a, b) => names.compare(a.name, b.name),
  kind: (a, b) => names.compare(a.kind, b.kind) || names.compare(a.name, b.name),
  messages: (a, b) => (a.live?.messages ?? 0) - (b.live?.messages ?? 0) || names.compare(a.name, b.name),
};
