import fc from 'fast-check';
import { sameValue } from '../../../../src/runtime/provider/cty/equal';
import { decodeValue, encodeValue } from '../../../../src/runtime/provider/cty/msgpack';
import { t } from '../../../../src/runtime/provider/cty/type';
import type { Type } from '../../../../src/runtime/provider/cty/type';
import type { Value } from '../../../../src/runtime/provider/cty/value';
import {
  UNKNOWN,
  booleanAt,
  isWhollyKnown,
  numberAt,
  stringAt,
} from '../../../../src/runtime/provider/cty/value';
import { partlyKnown, whollyKnown } from './typed-values';
import { many } from '../../../support/random';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('round trips', () => {
  test('a value with unknowns and nulls at any level survives msgpack', () => {
    fc.assert(
      fc.property(partlyKnown, ({ type, value }) =>
        expect(decodeValue(type, encodeValue(type, value))).toEqual(value),
      ),
      { numRuns: many(400) },
    );
  });

  test('a known value is the same as itself after msgpack', () => {
    fc.assert(
      fc.property(whollyKnown, ({ type, value }) => {
        expect(sameValue(type, value, decodeValue(type, encodeValue(type, value)))).toBe(true);
      }),
    );
  });

  test('every unknown is found, however deep', () => {
    fc.assert(
      fc.property(partlyKnown, ({ type, value }) => {
        const holdsUnknown = Buffer.from(encodeValue(type, value)).includes(bytes('d4 00 00'));
        // Text may hold these bytes too, so only one direction is sure.
        if (!isWhollyKnown(value)) expect(holdsUnknown).toBe(true);
        expect(sameValue(type, value, value)).toBe(isWhollyKnown(value));
      }),
    );
  });
});

describe('bytes that Terraform sends', () => {
  const object = t.object({ a: t.string, b: t.bool });
  test.each<[string, Type, string, Value]>([
    ['null of any type', object, 'c0', null],
    ['unknown', t.string, 'd4 00 00', UNKNOWN],
    ['an unknown with a known prefix', t.string, 'c7 07 0c 82 01 c2 02 a2 73 2d', UNKNOWN],
    ['an unknown that is known not to be null', t.list(t.string), 'c7 03 0c 81 01 c2', UNKNOWN],
    ['an extension of the future', t.string, 'd4 63 00', UNKNOWN],
    ['text as str', t.string, 'a2 68 69', 'hi'],
    ['text as bin', t.string, 'c4 02 68 69', 'hi'],
    ['a 64-bit integer within the safe range', t.number, 'cf 00 00 00 01 00 00 00 00', 4294967296],
    ['a 64-bit integer beyond it', t.number, 'cf ff ff ff ff ff ff ff ff', '18446744073709551615'],
    ['a double that is a short decimal', t.number, 'cb 3f e0 00 00 00 00 00 00', 0.5],
    [
      // The host means the binary value; taking it for the decimal 0.1 would be a difference in every plan.
      'the double next to 0.1',
      t.number,
      'cb 3f b9 99 99 99 99 99 9a',
      '0.1000000000000000055511151231257827021181583404541015625000000000000000000000000000000000000000000000',
    ],
    ['a decimal as text', t.number, 'a3 30 2e 31', 0.1],
    ['a decimal too long for a double', t.number, 'b7 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30 31 32 33', '12345678901234567890123'], // prettier-ignore
    ['an object', object, '82 a1 61 a1 78 a1 62 c3', { a: 'x', b: true }],
    ['an unknown inside a set', t.set(t.string), '92 a1 61 d4 00 00', ['a', UNKNOWN]],
  ])('%s', (_what, type, hex, value) => {
    expect(decodeValue(type, bytes(hex))).toEqual(value);
  });
});

describe('bytes for Terraform', () => {
  test('an object has every declared attribute, nulls included', () => {
    const type = t.object({ a: t.string, b: t.bool });
    expect(Buffer.from(encodeValue(type, { a: 'x' })).toString('hex')).toBe('82a161a178a162c0');
  });

  test('a fraction goes as decimal text, since Terraform would read a double as its binary value', () => {
    expect(Buffer.from(encodeValue(t.number, 0.1))).toEqual(Buffer.from('\xa30.1', 'latin1'));
  });

  test.each<[string, Type, Value, string]>([
    ['text for a number', t.object({ n: t.number }), { n: 'many' }, 'n: expected a number'],
    [
      'a number for a text',
      t.object({ s: t.list(t.string) }),
      { s: ['a', 1] },
      's[1]: expected a value of type string',
    ],
    ['an undeclared attribute', t.object({}), { stranger: 1 }, 'the whole value: expected only declared attributes, found an attribute stranger'], // prettier-ignore
    ['a list for a map', t.object({ m: t.map(t.map(t.string)) }), { m: { k: [] } }, 'm.k: expected'],
    ['a number that is none', t.number, NaN, 'the whole value: expected a value of type number'],
  ])('%s is refused with its place', (_what, type, value, message) => {
    expect(() => encodeValue(type, value)).toThrow(message);
  });

  test('a refused value is not in the message: it may be a secret', () => {
    expect(() => encodeValue(t.object({ n: t.number }), { n: 'hush-hush' })).toThrow(/^(?!.*hush)/);
  });
});

describe('equality', () => {
  test.each<[string, Type, Value, Value, boolean]>([
    ['sets do not care for order', t.set(t.string), ['a', 'b'], ['b', 'a'], true],
    ['sets count their elements', t.set(t.string), ['a', 'a', 'b'], ['a', 'b', 'b'], false],
    ['lists care for order', t.list(t.string), ['a', 'b'], ['b', 'a'], false],
    ['numbers are decimals, however written', t.number, '1.50', 1.5, true],
    ['an exponent is a way of writing', t.number, '1e3', 1000, true],
    ['the sign counts', t.number, '-1', 1, false],
    ['an absent attribute is null', t.object({ a: t.string }), {}, { a: null }, true],
    ['an absent key of a map is not null', t.map(t.string), {}, { a: null }, false],
    ['an unknown is the same as nothing, itself included', t.string, UNKNOWN, UNKNOWN, false],
    ['null is not an empty list', t.list(t.string), null, [], false],
  ])('%s', (_why, type, left, right, same) => {
    expect(sameValue(type, left, right)).toBe(same);
    expect(sameValue(type, right, left)).toBe(same);
  });
});

test('the helpers give known values of their kind and nothing else', () => {
  const values = { text: 'x', number: 1, flag: false, nothing: null, later: UNKNOWN };
  expect(stringAt(values, 'text')).toBe('x');
  expect(numberAt(values, 'number')).toBe(1);
  expect(booleanAt(values, 'flag')).toBe(false);
  for (const name of ['nothing', 'later', 'absent', 'number']) expect(stringAt(values, name)).toBeUndefined();
});
