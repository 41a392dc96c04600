import fc from 'fast-check';
import { JsonTextError, parseJsonText, sortedJsonText } from '../../src/schema/json-text';
import { many } from '../support/random';

function errorOf(text: string): string {
  try {
    parseJsonText(text);
  } catch (error) {
    if (error instanceof JsonTextError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('places of mistakes in JSON', () => {
  it.each([
    ['', 'line 1, column 1: expected a value, found the end of the text', 'nothing at all'],
    ['{', 'line 1, column 2: expected a name in quotes, found the end of the text', 'an object without end'],
    ['{"a":1,\n}', 'line 2, column 1: expected a name in quotes, found "}"', 'a comma too many'],
    ['{a:1}', 'line 1, column 2: expected a name in quotes, found "a"', 'JavaScript instead of JSON'],
    ['{\r\n  "a" 1}', 'line 2, column 7: expected ":" after the name "a", found "1"', 'a colon missing'],
    ['[1 2]', 'line 1, column 4: expected "," or "]", found "2"', 'a comma missing'],
    ['[1,]', 'line 1, column 4: expected a value, found "]"', 'a comma too many in an array'],
    ["['a']", 'line 1, column 2: expected a value, found "\'"', 'the wrong quotes'],
    ['{"a":"b}', 'line 1, column 6: the text starts with this quote and never ends', 'a quote missing'],
    ['"a\nb"', 'line 1, column 3: line break or control character in a string', 'a string over two lines'],
    ['"\\x"', 'line 1, column 2: unknown escape sequence', 'an escape that JSON lacks'],
    ['01', 'line 1, column 2: expected the end of the text, found "1"', 'a zero in front'],
    ['{} x', 'line 1, column 4: expected the end of the text, found "x"', 'something behind the end'],
    ['[tru]', 'line 1, column 2: expected a value, found "t"', 'a word cut short'],
  ])('%j: %s (%s)', (text, problem) => {
    expect(errorOf(text)).toBe(problem);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it('ends with an error, not with the stack, for text that is nested too deep', () => {
    expect(errorOf('['.repeat(100_000))).toMatch(/nested deeper than 1000 levels/);
  });
});

it('accepts what JSON.parse accepts, and reads the same', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\019.eE-truefalsn ')) }),
      ),
      (text) => {
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(errorOf(text)).toMatch(/^line \d+, column \d+: /);
          return;
        }
        expect(JSON.parse(sortedJsonText(parseJsonText(text), (number) => number))).toEqual(expected);
      },
    ),
    { numRuns: many(500) },
  );
});
