// Random types with a random value of each, unknowns and nulls at every level included.
import fc from 'fast-check';
import { numberFromDouble } from '../../../../src/runtime/provider/cty/number';
import type { Type } from '../../../../src/runtime/provider/cty/type';
import { t } from '../../../../src/runtime/provider/cty/type';
import type { Value } from '../../../../src/runtime/provider/cty/value';
import { UNKNOWN } from '../../../../src/runtime/provider/cty/value';

export interface TypedValue {
  readonly type: Type;
  readonly value: Value;
}

// Not `__proto__`: the msgpack library refuses that key, so a map that has it is an error.
const name = fc.oneof(fc.stringMatching(/^[a-z_]{1,6}$/), fc.constantFrom('constructor', 'toString'));

const types: fc.Arbitrary<Type> = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<Type>(t.string, t.number, t.bool),
    tie('type').map(t.list),
    tie('type').map(t.set),
    tie('type').map(t.map),
    fc.array(fc.tuple(name, tie('type')), { maxLength: 3 }).map((each) => t.object(Object.fromEntries(each))),
  ),
})).type;

const numbers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  // As a decoder gives it: text where the double is no short decimal. Terraform has no negative zero.
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((double) => numberFromDouble(double === 0 ? 0 : double)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).filter((big) => big % 10n !== 0n && (big > 2n ** 60n || big < -(2n ** 60n))).map(String), // prettier-ignore
);

/** A value of the type. `partly` says whether nulls and unknowns may stand in it. */
function valuesOf(type: Type, partly: boolean): fc.Arbitrary<Value> {
  const whole = wholeValuesOf(type, partly);
  return partly
    ? fc.oneof(
        { weight: 8, arbitrary: whole },
        { weight: 1, arbitrary: fc.constantFrom<Value>(null, UNKNOWN) },
      )
    : whole;
}

function wholeValuesOf(type: Type, partly: boolean): fc.Arbitrary<Value> {
  switch (type.kind) {
    case 'string':
      return fc.string({ unit: 'grapheme' });
    case 'number':
      return numbers;
    case 'bool':
      return fc.boolean();
    case 'list':
    case 'set':
      return fc.array(valuesOf(type.element, partly), { maxLength: 4 });
    case 'map':
      return fc
        .array(fc.tuple(name, valuesOf(type.element, partly)), { maxLength: 4 })
        .map((entries) => Object.fromEntries(entries));
    case 'object':
      return fc
        .tuple(
          ...Object.entries(type.attributes).map(([key, each]) =>
            fc.tuple(fc.constant(key), valuesOf(each, partly)),
          ),
        ) // prettier-ignore
        .map((entries) => Object.fromEntries(entries));
  }
}

export const partlyKnown: fc.Arbitrary<TypedValue> = types.chain((type) =>
  valuesOf(type, true).map((value) => ({ type, value })),
);
export const whollyKnown: fc.Arbitrary<TypedValue> = types.chain((type) =>
  valuesOf(type, false).map((value) => ({ type, value })),
);
