import type { FieldFacts } from '../../../model/field';
import { unitOf } from '../../../model/field';
import { quantityText } from '../../../model/quantity-text';
import type { Difference } from '../report';

/** What the numbers of a field count on both sides of a difference. */
export function unitsOf(
  facts: FieldFacts | undefined,
  declared: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>>,
): Pick<Difference, 'declaredUnit' | 'liveUnit'> {
  if (facts?.type !== 'integer') return {};
  const [declaredUnit, liveUnit] = [declared, live].map((side) => {
    const unit = unitOf(facts, side);
    // `3 partitions` says no more than the name of the field.
    return quantityText(1, unit) === undefined ? undefined : unit;
  });
  return {
    ...(declaredUnit === undefined ? {} : { declaredUnit }),
    ...(liveUnit === undefined ? {} : { liveUnit }),
  };
}
