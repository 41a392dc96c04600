import { ValidationError } from '../../../../src/model/errors';
import type { ConnectOptions } from '../../../../src/runtime/messaging';
import { completeConnectOptions } from '../../../../src/runtime/messaging/connection/connect-options';

const legal: ConnectOptions = { host: 'h', username: 'u', password: 'p' };

const problemsOf = (options: ConnectOptions): readonly string[] => {
  try {
    completeConnectOptions(options);
    return [];
  } catch (error) {
    if (error instanceof ValidationError) return error.problems;
    throw error;
  }
};

const oneMethod = 'You have to connect with one of the following methods: connection token / password';
const { password: _password, ...noCredential } = legal;

test('the defaults are those of the seed, and -1 reconnects for ever', () => {
  expect(completeConnectOptions(legal)).toEqual({
    host: 'h',
    port: 6666,
    username: 'u',
    accountId: '1',
    password: 'p',
    connectionToken: undefined,
    reconnect: true,
    maxReconnect: -1,
    reconnectIntervalMs: 1500,
    pingIntervalMs: 15_000,
    timeoutMs: 2000,
    tls: undefined,
  });
});

test.each<[why: string, options: ConnectOptions, problems: string[]]>([
  ['a token and a password leave open which one counts', { ...legal, connectionToken: 't' }, [oneMethod]],
  ['without any credential the broker could only refuse', noCredential, [oneMethod]],
  ['an empty password is none', { ...legal, password: '' }, [oneMethod]],
  ['a client certificate is a credential', { ...noCredential, caFile: 'a', certFile: 'c', keyFile: 'k' }, []],
  ['a CA alone proves nothing about the client', { ...noCredential, caFile: 'a' }, [oneMethod]],
  ['a CA alone still encrypts', { ...legal, caFile: 'a' }, []],
  ['the key is missing', { ...legal, caFile: 'a', certFile: 'c' }, ['Must provide a TLS key file']],
  ['the certificate is missing', { ...legal, caFile: 'a', keyFile: 'k' }, ['Must provide a TLS cert file']],
  ['the CA is missing', { ...legal, certFile: 'c', keyFile: 'k' }, ['Must provide a TLS ca file']],
  [
    'the broker would refuse such a name without a reason',
    { ...legal, username: 'a::b' },
    ['username must not hold "::"'],
  ],
  [
    'all problems are told at once',
    { ...legal, host: '', port: 0 },
    ['host is empty', 'port is 0; it must be a whole number from 1 to 65535'],
  ],
  [
    'a wait of no time is no wait',
    { ...legal, timeoutMs: 0 },
    ['timeoutMs is 0; it must be a whole number from 1 to 600000'],
  ],
])('%s', (_why, options, problems) => {
  expect(problemsOf(options)).toEqual(problems);
});

test.each([
  ['http://h', 'h'],
  ['HTTPS://h', 'h'],
  ['h', 'h'],
])('the host %s is %s: a scheme in front is cut off', (host, expected) => {
  expect(completeConnectOptions({ ...legal, host }).host).toBe(expected);
});

test('the number of reconnections is not clamped (SDK defect: everything above 9 became 9)', () => {
  expect(completeConnectOptions({ ...legal, maxReconnect: 10 }).maxReconnect).toBe(10);
});

test('no reconnections means no reconnecting', () => {
  expect(completeConnectOptions({ ...legal, maxReconnect: 0 }).reconnect).toBe(false);
});

test('the account id may be a number or a text', () => {
  expect(completeConnectOptions({ ...legal, accountId: 7 }).accountId).toBe('7');
  expect(completeConnectOptions({ ...legal, accountId: '123456789' }).accountId).toBe('123456789');
});
