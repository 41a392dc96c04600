import fc from 'fast-check';
import {
  boolField,
  numberField,
  mapField,
  memberField,
  message,
  nestedField,
  repeatedField,
  stringField,
} from '../../../../src/runtime/provider/wire/codec';
import { CALL_NAMES } from '../../../../src/runtime/provider/wire/call-names';
import { calls } from '../../../../src/runtime/provider/wire/messages';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const Inner = message({ text: stringField(1) });
const Sample = message({
  flag: boolField(1),
  count: numberField(2),
  inner: nestedField(3, Inner),
  list: repeatedField(4, Inner),
  named: mapField(5, Inner),
  index: memberField(numberField(6)),
});

test('what is written is read again', () => {
  const inner = fc.record({ text: fc.string({ unit: 'grapheme' }) });
  const sample = fc.record({
    flag: fc.boolean(),
    count: fc.maxSafeInteger(),
    inner: fc.option(inner, { nil: undefined }),
    list: fc.array(inner),
    named: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), inner, { noNullPrototype: true }),
    index: fc.option(fc.integer(), { nil: undefined }),
  });
  fc.assert(fc.property(sample, (value) => expect(Sample.decode(Sample.encode(value))).toEqual(value)));
});

test.each<[string, string, object]>([
  ['fields of newer versions are skipped, whatever their kind', '98 06 05 a2 06 01 78 a5 06 01020304 a1 06 0102030405060708 08 01', { flag: true }], // prettier-ignore
  ['of a field that comes twice the last one counts', '10 01 10 02', { count: 2 }],
  ['a member of a oneof that is zero is there', '30 00', { index: 0 }],
  ['an empty message inside is there', '1a 00', { inner: { text: '' } }],
  ['an entry of a map may have no value', '2a 03 0a 01 6b', { named: { k: { text: '' } } }],
  ['a negative number takes ten bytes', '10 ff ff ff ff ff ff ff ff ff 01', { count: -1 }],
])('%s', (_why, hex, expected) => {
  expect(Sample.decode(bytes(hex))).toMatchObject(expected);
});

test('zero is written for a member of a oneof and left out elsewhere', () => {
  expect(Sample.encode({ count: 0, flag: false, index: 0 }).toString('hex')).toBe('3000');
});

test('bytes that end in the middle of a field are refused', () => {
  expect(() => Sample.decode(bytes('1a 05 0a'))).toThrow();
});

// The numbers are the protocol: a wrong one is silently skipped by the other side.
test.each([
  ['an error in a diagnostic list at field 2', calls.ValidateProviderConfig.response.encode({ diagnostics: [{ severity: 1, summary: 's', detail: 'd' }] }), '12 08 08 01 12 01 73 1a 01 64'], // prettier-ignore
  ['a path with an index of zero', calls.PlanResourceChange.response.encode({ requiresReplace: [{ steps: [{ attributeName: 'a' }, { elementKeyInt: 0 }] }] }), '12 09 0a 03 0a 01 61 0a 02 18 00'], // prettier-ignore
  ['state and private of an apply', calls.ApplyResourceChange.response.encode({ newState: { msgpack: bytes('c0') }, private: bytes('7b7d') }), '0a 03 0a 01 c0 12 02 7b 7d'], // prettier-ignore
  ['the capabilities at field 6', calls.GetProviderSchema.response.encode({ serverCapabilities: { planDestroy: true, getProviderSchemaOptional: true } }), '32 04 08 01 10 01'], // prettier-ignore
])('the bytes of %s', (_what, encoded, hex) => {
  expect(encoded).toEqual(bytes(hex));
});

test('every call that the server offers has its messages', () => {
  expect(Object.keys(calls).sort()).toEqual([...CALL_NAMES].sort());
});
