import fc from 'fast-check';

import { goTextOfBytes } from '../../../../src/runtime/broker/go/utf8';
import { anyCharacter } from '../../../support/random';

const R = '\ufffd';

test.each([
  ['a character that breaks off is one mark for each of its bytes', '\xe2\x82', R + R],
  ['what follows it is read', '\xf0\x9f\x98A', `${R}${R}${R}A`],
  ['a byte that begins nothing', '\x80\xff', R + R],
  ['a character written with too many bytes', '\xc0\xaf\xe0\x80\xaf', R.repeat(5)],
  ['half of a pair of UTF-16', '\xed\xa0\x80', R.repeat(3)],
  ['a character beyond the last', '\xf4\x90\x80\x80', R.repeat(4)],
  ['the mark itself is a character', '\xef\xbf\xbd\x80', R + R],
])('%s', (_why, bytes, text) => {
  expect(goTextOfBytes(bytes)).toBe(text);
});

test('whatever is well formed comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(goTextOfBytes(Buffer.from(text, 'utf8').toString('latin1'))).toBe(text);
    }),
  );
});
