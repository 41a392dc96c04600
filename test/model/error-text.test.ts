import fc from 'fast-check';
import type { ErrorParts } from '../../src/model/error-text';
import {
  clauses,
  inOneLine,
  messageText,
  quotedNames,
  sentence,
  terraformText,
} from '../../src/model/error-text';
import {
  NotFoundError,
  PartialFailureError,
  textForPeople,
  TimeoutError,
  ValidationError,
} from '../../src/model/errors';

/** Words of parts; the signs that end sentences come at their ends only, as do blanks. */
const word = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9"'`_/-]{0,7}$/);
const ending = fc.constantFrom(
  '',
  '.',
  '..',
  '...',
  '!',
  '?',
  ':',
  ';',
  ',',
  ')',
  '.)',
  '."',
  ' ',
  '. ',
  '\n',
  ' \n ',
  '.\n',
);
const text = fc
  .tuple(fc.array(word, { minLength: 1, maxLength: 6 }), fc.constantFrom(' ', '\n', ' \n', '\r\n  '), ending)
  .map(([words, between, end]) => words.join(between) + end);
const emptyOrText = fc.oneof(fc.constant(''), text);
const parts: fc.Arbitrary<ErrorParts> = fc.record(
  { attempted: text, found: emptyOrText, problems: fc.array(text, { maxLength: 3 }), next: emptyOrText },
  { requiredKeys: ['attempted', 'found'] },
);

const wordsOf = (composed: string): string[] => composed.toLowerCase().match(/[a-z0-9"'`_/-]+/g) ?? [];

/** A full stop after another sign that ends a clause; `...` is one sign. */
const DOUBLED = /(?<!\.)\.\.(?!\.)|[!?:;,]\.|\.\.\.\./;
const ENDED = /[.!?…]["'”’`)\]}]*$/;

function expectWellFormed(composed: string, given: ErrorParts): void {
  expect(composed).not.toMatch(DOUBLED);
  expect(composed).not.toMatch(/[^\S\n]$/m);
  expect(composed).toBe(composed.trim());
  const words = wordsOf(composed);
  for (const each of [given.attempted, given.found, ...(given.problems ?? []), given.next ?? '']) {
    for (const expected of wordsOf(each)) expect(words).toContain(expected);
  }
}

describe('an error of any parts', () => {
  test('has one stop at the end of each sentence, no blanks at the end of a line, and all words', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const message = messageText(given);
        expectWellFormed(message, given);
        expect(message).toMatch(ENDED);
        expect(message).toMatch(/^could not \S/);
        const { next = '' } = given;
        // What comes before the advice is a sentence of its own.
        if (next !== '') {
          const advice = sentence(next);
          expect(message.endsWith(advice)).toBe(true);
          expect(message.slice(0, -advice.length).trimEnd()).toMatch(ENDED);
        }
      }),
    );
  });

  test("reads the same in Terraform's layout: one line, and paragraphs that end with the code", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const { summary, detail } = terraformText({ ...given, code: 'MEMPHIS_X' });
        expect(summary).toMatch(/^Could not \S.*$/);
        expectWellFormed(`${summary}\n\n${detail}`, given);
        const paragraphs = detail.split('\n\n');
        expect(paragraphs.pop()).toBe('(MEMPHIS_X)');
        for (const paragraph of paragraphs) expect(paragraph).toMatch(ENDED);
      }),
    );
  });

  test('keeps its parts, from which the same texts can be composed again', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const error = new NotFoundError(given);
        expect(messageText(error)).toBe(error.message);
        expect(terraformText(error)).toEqual(terraformText({ ...given, code: error.code }));
      }),
    );
  });

  test('fits into one line with all words', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const line = inOneLine(messageText(given));
        expect(line).not.toContain('\n');
        expectWellFormed(line, given);
      }),
    );
  });
});

describe('the layouts', () => {
  const several = new ValidationError('declare the station orders/orders', [
    'replicas is 7; it must be a whole number from 1 to 5 (copies)',
    'tags is missing.',
  ]);

  test('of several problems', () => {
    expect(several.message).toBe(
      [
        'could not declare the station orders/orders: 2 problems:',
        '  - replicas is 7; it must be a whole number from 1 to 5 (copies).',
        '  - tags is missing.',
      ].join('\n'),
    );
    expect(terraformText(several)).toEqual({
      summary: 'Could not declare the station orders/orders',
      detail: [
        '2 problems:',
        '  - replicas is 7; it must be a whole number from 1 to 5 (copies).',
        '  - tags is missing.',
        '',
        '(MEMPHIS_VALIDATION)',
      ].join('\n'),
    });
    expect(inOneLine(several.message)).toBe(
      'could not declare the station orders/orders: 2 problems: replicas is 7; it must be a whole number from 1 to 5 (copies); tags is missing.',
    );
  });

  test('of one problem: the name of the field keeps its small letter', () => {
    const one = new ValidationError('connect', ['port is 0; it must be a whole number from 1 to 65535']);
    expect(one.message).toBe('could not connect: port is 0; it must be a whole number from 1 to 65535.');
    expect(terraformText(one).detail).toBe(
      'port is 0; it must be a whole number from 1 to 65535.\n\n(MEMPHIS_VALIDATION)',
    );
  });

  test('of an error with advice: the first word has a capital letter unless it is a name', () => {
    const parts = { attempted: 'list the streams', found: 'no answer within 10 s', next: 'Run again' };
    expect(terraformText(new TimeoutError(parts))).toEqual({
      summary: 'Could not list the streams',
      detail: 'No answer within 10 s.\n\nRun again.\n\n(MEMPHIS_TIMEOUT)',
    });
    expect(
      terraformText(new TimeoutError({ ...parts, found: 'localhost:6666 is silent (yet)' })).detail,
    ).toMatch(/^localhost:6666 is silent \(yet\)\.\n/);
  });

  test('of a list inside a list, and of a failure without any success', () => {
    const failed = new Map<string, Error>([
      ['orders', several],
      ['payments', new Error('no answer')],
    ]);
    expect(new PartialFailureError('produce to 2 stations', [], failed).message).toBe(
      [
        'could not produce to 2 stations: 2 of 2 failed:',
        '  - orders: could not declare the station orders/orders: 2 problems:',
        '      - replicas is 7; it must be a whole number from 1 to 5 (copies).',
        '      - tags is missing.',
        '  - payments: no answer.',
      ].join('\n'),
    );
    expect(new PartialFailureError('produce to 3 stations', ['a'], failed).found).toBe(
      '2 of 3 failed (done: "a")',
    );
  });

  test('of something foreign that was thrown, for people', () => {
    expect(textForPeople(new TypeError('x is undefined'), 'run the command')).toBe(
      'could not run the command: x is undefined.',
    );
    expect(textForPeople('gone', 'run the command')).toBe('could not run the command: gone.');
    expect(textForPeople(several, 'run the command')).toBe(several.message);
  });
});

describe('names and clauses', () => {
  test('of a long list of names the first ones are shown', () => {
    expect(quotedNames([])).toBe('');
    expect(quotedNames(['a', 'b'])).toBe('"a", "b"');
    expect(quotedNames(['a', 'b', 'c', 'd'], 2)).toBe('"a", "b" and 2 more');
  });

  test('clauses lose the stops of the sentences that they were', () => {
    expect(clauses(['could not a: b.', 'no c', 'd\n  - e.\n'])).toBe('could not a: b; no c; d; e');
  });
});
