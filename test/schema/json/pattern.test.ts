import { schemaProblems } from '../../../src/schema';
import { jsonSchemaPattern } from '../../../src/schema/json/pattern';

describe('patterns that Go knows', () => {
  it.each<[string, string, string | undefined, string]>([
    ['^[\\w-.]+@[\\w-]+$', 'a-b.c@d', 'a b@c', 'a dash behind \\w stands for itself'],
    ['^a\\_b\\@c\\"$', 'a_b@c"', 'a\\_b@c"', 'a back-slash before any punctuation'],
    ['^\\d{3}-\\d{4}$', '555-1234', '5551234', 'plain things stay as they are'],
    ['(?i)^abc$', 'ABC', 'abd', 'flags in front'],
    ['^(?P<year>\\d+)$', '2024', 'x', 'named groups of Go'],
    ['\\Aab\\z', 'ab', 'ab\n', 'start and end of the text'],
    ['^\\x{1F600}$', '\u{1f600}', 'x', 'characters by number'],
    ['^\\x41$', 'A', 'B', 'characters by two digits'],
    ['^\\pL+$', 'é', '1', 'categories without braces'],
    ['^\\p{Greek}+$', 'λ', 'l', 'scripts without the word Script'],
    ['^\\p{Lu}$', 'A', 'a', 'categories'],
    ['^{a}$', '{a}', 'a', 'braces that repeat nothing'],
    ['^a]$', 'a]', 'a', 'a bracket that closes nothing'],
    ['^[]a]+$', ']a', 'b', 'a bracket first in a class'],
    ['^[^]a]$', 'b', ']', 'the same in a class of what must not be'],
    ['^[[:alpha:]_]+$', 'a_', '1', 'classes of POSIX'],
    ['^[(?=]+$', '(?=', 'a', 'look-ahead is none inside of a class'],
    ['^[[a]+$', '[a', 'b', 'a bracket inside of a class'],
    ['^a{2,3}$', 'aa', 'a', 'repetitions'],
    ['^.$', '\u{1f600}', 'ab', 'one character, not half of one'],
    ['^[\\d-]+$', '1-2', 'a', 'a dash last in a class'],
    ['^\\-\\/$', '-/', 'x', 'escapes of dash and slash'],
    ['^[[:punct:]]+$', '!~', 'a', 'more classes of POSIX'],
    ['^[^[:punct:]]+$', 'a1', '!', 'what is in none'],
    ['^[[:^alpha:]]+$', '1!', 'a', 'a class that is negated itself'],
    ['^(?i:a)b$', 'Ab', 'aB', 'flags of a group'],
    ['^(?i)a(?-i)b$', 'Ab', 'aB', 'flags that end'],
    ['^\\Qa.b\\E$', 'a.b', 'axb', 'a quotation'],
    ['^\\Q(?<\\E[(?<]$', '(?<(', 'a', 'a group that is none'],
    ['(?U)^a+$', 'aa', 'b', 'repetitions that prefer few'],
    ['^\\101$', 'A', 'B', 'characters in octal'],
    ['^\\p{^Greek}$', 'a', 'λ', 'what is not of a script'],
    ['^\\P{^Greek}$', 'λ', 'a', 'not not'],
    ['(?s)^a.b$', 'a\nb', 'ab', 'a dot for line ends, too'],
    ['^\\s$', '\n', '\u00a0', 'white space of ASCII only'],
    ['^$*a', 'a', undefined, 'a repeated end'],
  ])('%s', (pattern, fits, misfits) => {
    expect(jsonSchemaPattern(pattern).test(fits)).toBe(true);
    if (misfits !== undefined) expect(jsonSchemaPattern(pattern).test(misfits)).toBe(false);
  });
});

describe('patterns that Go does not know', () => {
  it.each([
    ['(', 'a group without end'],
    ['[a', 'a class without end'],
    ['*a', 'nothing to repeat'],
    ['(?=a)', 'look-ahead'],
    ['(?!a)', 'look-ahead that must fail'],
    ['(?<=a)b', 'look-behind'],
    ['(?<!a)b', 'look-behind that must fail'],
    ['(a)\\1', 'a reference to a group'],
    ['(?<n>a)\\k<n>', 'a reference to a named group'],
    ['\\u0041', 'characters by JavaScript’s notation'],
    ['\\cA', 'control characters by JavaScript’s notation'],
    ['a{1001}', 'more than 1000 repetitions'],
    ['a\\', 'a back-slash at the end'],
    ['(?<n>a)', 'a named group without P'],
    ['[[:nope:]]', 'an unknown class of POSIX'],
    ['[\\b]', 'a backspace in a class'],
    ['(a{100}){100}', 'more than 1000 repetitions, one in the other'],
    ['\\é', 'an escaped letter'],
    ['\\p{Nope}', 'an unknown script'],
  ])('%s: %s', (pattern) => {
    expect(() => jsonSchemaPattern(pattern)).toThrow(SyntaxError);
  });
});

it('a pattern that Go refuses is a problem of the schema, with its place and what to write', () => {
  const schema = { properties: { a: { pattern: '(?=a)' } }, patternProperties: { '\\u0041': true } };
  expect(schemaProblems('json', JSON.stringify(schema))).toEqual([
    '#/properties/a/pattern: look-ahead and look-behind are not supported by the broker: (?=a) (line 1, column 31)',
    '#/patternProperties: write \\x{…} instead of \\u…; the broker does not know the latter: \\u0041 (line 1, column 72)',
  ]);
});
