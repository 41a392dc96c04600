import { brokerFields, terraformName } from '../../../model/field';
import type { Kind } from '../../reconcile';
import type { Value, Values } from '../cty/value';
import type { KindResource } from './particulars';

/** How an object on the broker stands in a state. */
export interface ObjectState<C extends object, L> {
  /** The state after the broker was read: values that mean the same keep the spelling they have. */
  after(before: Values, expected: C, live: L): Values;
  /** The state of an object that is imported; attributes that are left out get their defaults. */
  imported(live: L): Values;
}

/** How the objects of a kind stand in a state. */
export function objectStateOf<D, C extends object, L>(
  kind: Kind<D, C, L>,
  particular: KindResource<D, C, L>,
): ObjectState<C, L> {
  const inState = (found: C, field: string): Value => {
    const particularValue = particular.inState?.(found, field as keyof C & string);
    if (particularValue !== undefined) return particularValue;
    const value = (found as Readonly<Record<string, Value | undefined>>)[field];
    return value === undefined || value === '' ? null : value;
  };
  return {
    after(before, expected, live) {
      const found = kind.normalise(live, expected);
      const state: Record<string, Value> = { ...before, ...particular.computed(live) };
      for (const { field } of kind.diff(found, expected).fields)
        state[terraformName(field)] = inState(found, field);
      for (const [field] of brokerFields(kind.fields)) {
        const isUnmanaged = (expected as Readonly<Record<string, unknown>>)[field] === undefined;
        if (isUnmanaged) state[terraformName(field)] = inState(found, field);
      }
      return state;
    },
    imported(live) {
      const found = kind.normalise(live);
      const values = brokerFields(kind.fields).map(
        ([field]) => [terraformName(field), inState(found, field)] as const,
      );
      return { ...Object.fromEntries(values), ...particular.computed(live) };
    },
  };
}
