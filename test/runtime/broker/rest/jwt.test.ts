import { signToken, verifyToken } from '../../../../src/runtime/broker/rest/jwt';

const now = Math.floor(Date.now() / 1000);
const claims = { username: 'root', exp: now + 60 };

test('a token of ours is recognised', () => {
  expect(verifyToken(signToken(claims, 's'), 's')).toEqual(claims);
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  ['expired', signToken({ ...claims, exp: now - 1 }, 's'), 'time is up'],
  ['without an end', signToken({ username: 'root' }, 's'), 'would be valid for ever'],
  ['signed with another secret', signToken(claims, 't'), 'anybody can sign with a secret of his own'],
  ['not signed at all', `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`, 'the classic way in'],
  [
    'with other claims',
    signToken(claims, 's').replace(/\.[^.]+\./, `.${part({ ...claims, username: 'x' })}.`),
    'the signature covers the claims',
  ],
  ['with a part too many', `${signToken(claims, 's')}.x`, 'not the form of a token'],
  ['empty', '', 'no token'],
])('a token %s is not recognised', (_what, token) => {
  expect(verifyToken(token, 's')).toBeUndefined();
});
