import { ValidationError } from '../../../src/model/errors';
import { checkedSubject } from '../../../src/runtime/connection/subject';

test.each([
  ['$JS.API.STREAM.INFO.a#b$1', 'what this package sends'],
  ['_INBOX.x.*', 'what it subscribes to'],
  ['größe', 'letters of other alphabets are legal'],
  ['x'.repeat(2_000), 'the longest'],
])('%j is a subject (%s)', (subject) => {
  expect(checkedSubject(subject, 'ask')).toBe(subject);
});

test.each([
  ['', 'nothing'],
  ['a b', 'a blank ends the subject'],
  ['a\tb', 'so does a tab'],
  ['a\r\nPUB b 0\r\n', 'a line end ends the command'],
  ['a\u0000', 'a control character'],
  ['a\u007f', 'another'],
  ['x'.repeat(2_001), 'too long'],
  ['ö'.repeat(1_001), 'too long, in bytes'],
])('%j is none (%s)', (subject) => {
  expect(() => checkedSubject(subject, 'ask')).toThrow(ValidationError);
});
