import fc from 'fast-check';

import { matchesPattern } from '../../../../src/runtime/broker/objects/permissions';
import { many } from '../../../support/random';

test('matches what the regular expression matches', () => {
  const text = (alphabet: string, maxLength: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), maxLength });
  fc.assert(
    fc.property(text('ab.-*', 8), text('ab.-', 8), (pattern, name) => {
      let expected = pattern === name;
      if (pattern.includes('*')) {
        try {
          expected = new RegExp(pattern.replaceAll('.', '\\.')).test(name);
        } catch {
          expected = false;
        }
      }
      expect(matchesPattern(pattern, name)).toBe(expected);
    }),
    { numRuns: many(2_000) },
  );
});

test('no pattern takes long', () => {
  const begin = performance.now();
  expect(matchesPattern(`${'a*'.repeat(59)}b`, 'a'.repeat(128))).toBe(false);
  expect(matchesPattern(`${'a*'.repeat(59)}b`, `${'a'.repeat(127)}b`)).toBe(true);
  expect(performance.now() - begin).toBeLessThan(1_000);
});
