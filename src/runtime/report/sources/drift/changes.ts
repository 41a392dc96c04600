import type { Report, ReportedObject } from '../../report';

/**
 * The objects whose drift is not the same in two reports, as the later one shows them. What only counts messages, or
 * tells what happened, is no change.
 */
export function changedObjects(before: Report | undefined, after: Report): ReportedObject[] {
  const known = new Map(before?.objects.map((object) => [keyOf(object), driftOf(object)]));
  const changed = after.objects.filter((object) => known.get(keyOf(object)) !== driftOf(object));
  const there = new Set(after.objects.map(keyOf));
  // What no stack declares is no longer reported when it is gone, or declared by now.
  const gone = before?.objects.filter((object) => !there.has(keyOf(object))) ?? [];
  return [...changed, ...gone.map((object) => ({ ...object, status: 'same' as const, differences: [] }))];
}

function keyOf({ kind, name, broker = '', declaration }: ReportedObject): string {
  return JSON.stringify([kind, name, broker, declaration?.stack, declaration?.address]);
}

function driftOf({ status, action, differences, findings }: ReportedObject): string {
  return JSON.stringify([status, action, differences, findings.map(({ code }) => code)]);
}
