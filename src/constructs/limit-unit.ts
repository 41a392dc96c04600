import type { Retention } from '../model/retention';
import { retentionUnits } from '../model/retention';
import { stationFields } from '../model/station';

/** A construct with a retention, of which an Aspect may have changed a part. */
interface Retaining {
  declared(name: 'retentionType' | 'retentionValue'): unknown;
  given(name: 'retentionType'): unknown;
  isChanged(name: 'retentionValue'): boolean;
}

/**
 * The problem of a retention that was set without its limit: the number that was declared would silently count seconds as
 * bytes.
 */
export function limitUnitProblems(construct: Retaining): string[] {
  const limit = construct.declared('retentionValue');
  if (typeof limit !== 'number' || construct.isChanged('retentionValue')) return [];
  const [before, now] = [construct.declared('retentionType'), construct.given('retentionType')].map(unitOf);
  if (before === undefined || now === undefined || before === now) return [];
  return [`retentionType has been set, but retentionValue is still ${limit} ${before}; set it, too (${now})`];
}

function unitOf(type: unknown): string | undefined {
  return retentionUnits[(type ?? stationFields.retentionType.default) as Retention];
}
