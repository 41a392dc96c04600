import fc from 'fast-check';
import {
  fromInternalName,
  internalName,
  lowerCase,
  nameProblem,
  parsePartitionStream,
  partitionStream,
} from '../../src/model/names';
import { many } from '../support/random';

describe('lowerCase', () => {
  it.each([
    ['ABC-Ä', 'abc-ä', 'letters of any alphabet'],
    ['\u0130', 'i', 'one letter, where JavaScript makes two of it'],
    ['\u212a', 'k', 'the Kelvin sign'],
    ['ΑΣ', 'ασ', 'a sigma at the end of a word is like any other'],
    ['\u017f\u00df', '\u017f\u00df', 'what is in lower case already'],
    ['\u{10400}', '\u{10428}', 'letters beyond 16 bits'],
  ])('%j is %j: %s', (text, lower) => {
    expect(lowerCase(text)).toBe(lower);
  });
});

describe('nameProblem', () => {
  it.each([
    ['orders', undefined, 'letters are legal'],
    ['Orders.EU-1_a', undefined, 'upper case counts as lower case'],
    ['a..b', undefined, 'the broker allows repeated dots'],
    ['a'.repeat(128), undefined, '128 bytes are legal, whatever the text of the error says'],
    ['', 'Station name can not be empty', 'emptiness is checked first'],
    ['a'.repeat(129), 'Station should be under 128 characters', 'one byte too many'],
    [
      'ä'.repeat(65),
      'Station should be under 128 characters',
      'bytes count, not characters, and before the character set',
    ],
    ['a b', "Only alphanumeric and the '_', '-', '.' characters are allowed in Station", 'no blanks'],
    [
      'a#b',
      "Only alphanumeric and the '_', '-', '.' characters are allowed in Station",
      'the internal form is no name',
    ],
    ['.a', 'Station name can not start or end with non alphanumeric character', 'no dot at the start'],
    ['a-', 'Station name can not start or end with non alphanumeric character', 'no dash at the end'],
    ['\u212aelvin', undefined, 'the broker lower-cases the Kelvin sign to k before it looks'],
  ] as const)('%j -> %j (%s)', (name: string, problem: string | undefined, _why: string) => {
    expect(nameProblem('Station', name)).toBe(problem);
  });
});

const legalName = fc.stringMatching(/^[a-z0-9]([a-z0-9_.-]{0,20}[a-z0-9])?$/);

it('a legal name survives the way into a stream name and back', () => {
  fc.assert(
    fc.property(legalName, fc.integer({ min: 1, max: 10_000 }), (name, partition) => {
      expect(nameProblem('Station', name)).toBeUndefined();
      const parsed = parsePartitionStream(partitionStream(name, partition));
      expect(parsed).toEqual({ internal: internalName(name), partition });
      expect(fromInternalName(parsed?.internal ?? '')).toBe(name);
    }),
    { numRuns: many(200) },
  );
});

it.each([['KV_ledger'], ['$memphis_syslogs'], ['orders'], ['orders$0'], ['orders$01'], ['orders$x']])(
  'stream %j belongs to no partition',
  (stream) => expect(parsePartitionStream(stream)).toBeUndefined(),
);
