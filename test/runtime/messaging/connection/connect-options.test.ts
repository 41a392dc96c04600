import type { ConnectOptions } from '../../../../src/runtime/messaging';
import { completeConnectOptions } from '../../../../src/runtime/messaging/connection/connect-options';
import { expectProblems, problemsOf as toldBy } from '../../../support/problems-of';

const legal: ConnectOptions = { host: 'h', username: 'u', password: 'p' };

const problemsOf = (options: ConnectOptions): readonly string[] =>
  toldBy(() => completeConnectOptions(options, {}));

const oneMethod = 'You have to connect with one of the following methods: connection token / password';
const { password: _password, ...noCredential } = legal;

test('the defaults are those of the seed, and -1 reconnects for ever', () => {
  const { called, ...complete } = completeConnectOptions(legal, {});
  expect(called).toMatchObject({ host: 'host', caFile: 'caFile' });
  expect(complete).toEqual({
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
    'yes and no to a new connection',
    { ...legal, reconnect: true, maxReconnect: 0 },
    ['reconnect is true and maxReconnect is 0; give one of them'],
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

/** What a program without types, or with an environment variable that is not set, may give. */
test.each<[why: string, options: unknown, problems: (string | RegExp)[]]>([
  ['no options at all', undefined, ['the options are undefined; give an object']],
  ['null is no object', null, ['the options are null; give an object']],
  ['an address alone', 'localhost', ['the options are "localhost"; give an object']],
  [
    'a variable that is not set',
    { ...legal, host: undefined },
    ['host is missing; give it, or set MEMPHIS_HOST'],
  ],
  [
    'the same of the user',
    { ...legal, username: undefined },
    ['username is missing; give it, or set MEMPHIS_USERNAME'],
  ],
  ['a number is no host', { ...legal, host: 5 }, ['host is 5; it must be text']],
  ['a number is no user', { ...legal, username: 5 }, ['username is 5; it must be text']],
  [
    'a password that is a number could only end in a time-out; it is not shown',
    { ...legal, password: 123456 },
    ['password has the type number; it must be text'],
  ],
  [
    'the same of a token',
    { ...noCredential, connectionToken: 123456 },
    ['connectionToken has the type number; it must be text'],
  ],
  ['a path of TLS has to be text', { ...legal, caFile: 5 }, ['caFile is 5; it must be text']],
  [
    'no signal: nothing could abort by it',
    { ...legal, signal: {} },
    [/^signal is of the type object; it must/],
  ],
  [
    'a text is true, whatever it says',
    { ...legal, reconnect: 'no' },
    ['reconnect is "no"; it must be true or false'],
  ],
  [
    'NaN would be a part of the user',
    { ...legal, accountId: NaN },
    [/^accountId is NaN; it must be a whole/],
  ],
  ['a blank would be one, too', { ...legal, accountId: ' ' }, [/^accountId is " "; it must be a whole/]],
  [
    'a port in the host',
    { ...legal, host: '127.0.0.1:6666' },
    ['host is "127.0.0.1:6666"; it must not have a port; take it out, and set port to 6666'],
  ],
  [
    'the same after a scheme',
    { ...legal, host: 'http://h:6666' },
    ['host is "http://h:6666"; it must not have a port; take it out, and set port to 6666'],
  ],
  [
    'the same after IPv6',
    { ...legal, host: '[::1]:6666' },
    ['host is "[::1]:6666"; it must not have a port; take it out, and set port to 6666'],
  ],
  [
    'another scheme',
    { ...legal, host: 'nats://h' },
    [/^host is "nats:\/\/h"; it must be the name or the address of one machine, without/],
  ],
  [
    'a password in the address is not shown',
    { ...legal, host: 'nats://u:secret@h' },
    [/^host is "nats:\/\/…@h"/],
  ],
  ['a blank host', { ...legal, host: ' ' }, ['host is empty']],
  ['a scheme alone', { ...legal, host: 'https://' }, ['host is empty']],
  ['more than a timer can wait', { ...legal, timeoutMs: 2 ** 31 }, [/^timeoutMs is 2147483648; .* 600000$/]],
  ['for ever', { ...legal, pingIntervalMs: Infinity }, [/^pingIntervalMs is Infinity; .* 3600000$/]],
  [
    'null is no default',
    { ...legal, reconnectIntervalMs: null },
    [/^reconnectIntervalMs is null; .* 3600000$/],
  ],
  [
    'all at once, whatever their kind',
    { host: 5, password: 5, accountId: {}, port: '6666', reconnect: 1, signal: 5 },
    [/^host/, /^username is missing/, /^accountId/, /^password/, /^port is "6666"/, /^reconnect/, /^signal/],
  ],
])('a wrong type is told before the network is used: %s', (_why, options, problems) => {
  expectProblems(() => completeConnectOptions(options as ConnectOptions), problems);
});

test.each(['::1', '[::1]', 'fe80::1', '127.0.0.1', 'broker-1.example.com', 'http://127.0.0.1', 'my_broker'])(
  'the host %s is one',
  (host) => expect(problemsOf({ ...legal, host })).toEqual([]),
);

test('what is undefined counts as left out, for programs that pass an environment variable on', () => {
  const nothing = undefined;
  const options: ConnectOptions = {
    ...legal,
    accountId: nothing,
    connectionToken: nothing,
    port: nothing,
    reconnect: nothing,
    maxReconnect: nothing,
    reconnectIntervalMs: nothing,
    timeoutMs: nothing,
    pingIntervalMs: nothing,
    keyFile: nothing,
    certFile: nothing,
    caFile: nothing,
  };
  expect(completeConnectOptions(options)).toEqual(completeConnectOptions(legal));
});

describe('what is left out comes from the environment', () => {
  const environment = {
    MEMPHIS_HOST: 'env',
    MEMPHIS_PORT: '7777',
    MEMPHIS_USERNAME: 'me',
    MEMPHIS_PASSWORD: 'p',
    MEMPHIS_ACCOUNT_ID: '3',
    MEMPHIS_CA_FILE: 'ca.pem',
  };
  const complete = (options: ConnectOptions, more: Record<string, string> = {}): object =>
    completeConnectOptions(options, { ...environment, ...more });

  test('all of it', () => {
    expect(complete({})).toMatchObject({
      ...{ host: 'env', port: 7777, username: 'me', password: 'p', accountId: '3' },
      ...{ tls: { caFile: 'ca.pem' }, called: { host: 'MEMPHIS_HOST', caFile: 'MEMPHIS_CA_FILE' } },
    });
  });

  test('and what is given goes before it', () => {
    expect(complete({ host: 'given', port: 1, accountId: 9 })).toMatchObject({
      ...{ host: 'given', port: 1, username: 'me', accountId: '9', called: { host: 'host', port: 'port' } },
    });
  });

  test('a given credential is the only one', () => {
    const token = { MEMPHIS_CONNECTION_TOKEN: 't' };
    expect(complete({}, token)).toMatchObject({ password: undefined, connectionToken: 't' });
    expect(complete({ password: 'x' }, token)).toMatchObject({ password: 'x', connectionToken: undefined });
    expect(complete({ connectionToken: 'x' })).toMatchObject({ password: undefined, connectionToken: 'x' });
  });

  test.each([
    [
      { MEMPHIS_HOST: 'broker:6667' },
      'MEMPHIS_HOST is "broker:6667"; it must not have a port; take it out, and set MEMPHIS_PORT to 6667',
    ],
    [{ MEMPHIS_PORT: 'abc' }, 'MEMPHIS_PORT is "abc"; it must be a whole number from 1 to 65535'],
    [{ MEMPHIS_PORT: '0' }, 'MEMPHIS_PORT is 0; it must be a whole number from 1 to 65535'],
  ])('%j is a problem of the variable', (more, problem) => {
    expect(toldBy(() => complete({}, more))).toEqual([problem]);
  });
});
