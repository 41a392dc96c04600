import fc from 'fast-check';
import { RE2JS } from 're2js';
import { plainPattern } from '../../../src/schema/json/plain-pattern';
import { many } from '../../support/random';

const piece = fc
  .tuple(
    fc.constantFrom(
      'a',
      'b',
      '-',
      '@',
      '\\d',
      '\\w',
      '\\.',
      '[ab]',
      '[a-c]',
      '[^a]',
      '[\\w.-]',
      '[-b]',
      '[^\\d-]',
      ' ',
    ),
    fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}', '{1,}', '{2,2}'),
  )
  .map(([part, repeat]) => part + repeat);
const pattern = fc
  .tuple(fc.constantFrom('^', '^', ''), fc.array(piece, { maxLength: 5 }), fc.constantFrom('$', ''))
  .map(([begin, parts, end]) => begin + parts.join('') + end);
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '1', '-', '.', '@', ' ', '\n', 'é', '\u{1f600}'))
  .map((parts) => parts.join(''));

it('a plain pattern means the same to both engines', () => {
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 5 }), (source, texts) => {
      const plain = plainPattern(source);
      fc.pre(plain !== undefined);
      const re2 = RE2JS.compile(source);
      for (const one of texts) expect([source, one, plain.test(one)]).toEqual([source, one, re2.test(one)]);
    }),
    { numRuns: many(300) },
  );
});

it.each([
  ['^[A-Z]{2}-\\d{4}$', true, 'a code'],
  ['^\\w+@\\w+\\.com$', true, 'repetitions that end where the next part begins'],
  ['^[A-Za-z_][-A-Za-z0-9._]*$', true, 'a pattern of the meta schema'],
  ['^[^#]*#?$', true, 'a class of what must not be'],
  ['a-1', true, 'no repetition, anywhere in the text'],
  ['^\\w+\\w+$', false, 'repetitions that may share characters'],
  ['^a*b?a$', false, 'the same with something optional between them'],
  ['a+b', false, 'a repetition anywhere in the text: it begins again at every character'],
  ['^(a|b)$', false, 'a choice'],
  ['^.*$', false, 'a dot: other line ends'],
  ['^\\s$', false, 'white space: other characters'],
  ['^\\bx$', false, 'a border of a word'],
  ['^a{1001}$', false, 'too many for Go'],
  ['^a**$', false, 'a repeated repetition'],
  ['^[[:alpha:]]$', false, 'a class of POSIX'],
  ['^é$', false, 'beyond ASCII'],
])('%s: %s, %s', (source, isPlain) => {
  expect(plainPattern(source) !== undefined).toBe(isPlain);
});
