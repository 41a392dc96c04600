import { completeConnectOptions } from '../../src/runtime/messaging/connection/connect-options';
import { resolveConnection } from '../../src/model/connection';
import { ValidationError } from '../../src/model/errors';

const complete = { host: 'broker', username: 'root', password: 'secret-word' };

describe('resolveConnection', () => {
  it('fills in the defaults of Memphis', () => {
    expect(resolveConnection(complete, {})).toMatchObject({
      port: 6666,
      restUrl: 'http://broker:9000',
      accountId: '1',
      restUsername: 'root',
      restPassword: 'secret-word',
      tls: undefined,
    });
  });

  it('takes from the environment what is not given, and prefers what is', () => {
    const found = resolveConnection(
      { host: 'given' },
      { MEMPHIS_HOST: 'env', MEMPHIS_USERNAME: 'u', MEMPHIS_PASSWORD: 'p', MEMPHIS_PORT: '7777' },
    );
    expect(found).toMatchObject({ host: 'given', username: 'u', port: 7777 });
  });

  it('in token mode keeps the password for the REST side only', () => {
    const found = resolveConnection({ ...complete, connectionToken: 't' }, {});
    expect(found).toMatchObject({ password: undefined, connectionToken: 't', restPassword: 'secret-word' });
  });

  it.each([
    ['nothing at all', {}, ['host is not set', 'username is not set', 'no credential is set']],
    ['a port that is none', { ...complete, port: 'x' }, ['port is "x"']],
    ['port 0', { ...complete, port: 0 }, ['port is "0"']],
    [
      'a REST address without a scheme',
      { ...complete, restUrl: 'broker:9000' },
      ['restUrl is "broker:9000"'],
    ],
    [
      'half a client certificate',
      { ...complete, certFile: 'c.pem' },
      ['certFile and keyFile belong together'],
    ],
  ])('%s: all problems in one error', (_, settings, expected) => {
    const error = thrown(() => resolveConnection(settings, {}));
    expect(error).toBeInstanceOf(ValidationError);
    for (const text of expected) expect((error as ValidationError).message).toContain(text);
    expect((error as ValidationError).problems).toHaveLength(expected.length);
    expect((error as ValidationError).message).not.toContain('secret-word');
  });
});

describe('problems name the setting, or the variable that it came from', () => {
  const environment = { MEMPHIS_HOST: 'broker', MEMPHIS_USERNAME: 'u', MEMPHIS_PASSWORD: 'secret-word' };
  const port = 'it must be a whole number from 1 to 65535';

  it.each<[why: string, settings: object, variables: Record<string, string>, problems: string[]]>([
    [
      'a host with a port',
      {},
      { MEMPHIS_HOST: 'broker:6667' },
      ['MEMPHIS_HOST is "broker:6667"; it must not have a port; take it out, and set MEMPHIS_PORT to 6667'],
    ],
    [
      'an address of the web',
      {},
      { MEMPHIS_HOST: 'http://broker:9000/' },
      [
        'MEMPHIS_HOST is "http://broker:9000/"; it must not have a port; take it out, and set MEMPHIS_PORT to 9000',
      ],
    ],
    [
      'an IPv6 address with a port',
      {},
      { MEMPHIS_HOST: '[::1]:6666' },
      ['MEMPHIS_HOST is "[::1]:6666"; it must not have a port; take it out, and set MEMPHIS_PORT to 6666'],
    ],
    [
      'a given host with a port',
      { host: 'broker:6666' },
      { MEMPHIS_PORT: '7777' },
      ['host is "broker:6666"; it must not have a port; take it out, and set MEMPHIS_PORT to 6666'],
    ],
    [
      'credentials in a host',
      {},
      { MEMPHIS_HOST: 'me:secret-word@broker' },
      [
        'MEMPHIS_HOST is "…@broker"; it must be the name or the address of one machine, without port and path',
      ],
    ],
    [
      'two hosts',
      {},
      { MEMPHIS_HOST: 'a,b' },
      ['MEMPHIS_HOST is "a,b"; it must be the name or the address of one machine, without port and path'],
    ],
    ['a port in words', {}, { MEMPHIS_PORT: 'abc' }, [`MEMPHIS_PORT is "abc"; ${port}`]],
    ['a port of nobody', {}, { MEMPHIS_PORT: '0' }, [`MEMPHIS_PORT is "0"; ${port}`]],
    ['a given port', { port: 'abc' }, { MEMPHIS_PORT: '1' }, [`port is "abc"; ${port}`]],
    [
      'a REST address without a scheme',
      {},
      { MEMPHIS_REST_URL: 'me:secret-word@broker:9000' },
      ['MEMPHIS_REST_URL is "…@broker:9000"; it must start with http:// or https:// and name a host'],
    ],
    [
      'half a client certificate',
      {},
      { MEMPHIS_CERT_FILE: 'c.pem' },
      ['MEMPHIS_CERT_FILE and MEMPHIS_KEY_FILE belong together; MEMPHIS_KEY_FILE is missing'],
    ],
    [
      'the other half',
      { keyFile: 'k.pem' },
      {},
      ['keyFile and certFile belong together; certFile is missing'],
    ],
  ])('%s', (_, settings, variables, problems) => {
    const error = thrown(() => resolveConnection(settings, { ...environment, ...variables }));
    expect((error as ValidationError).problems).toEqual(problems);
  });

  it.each<[variable: string, values: readonly string[], problem: RegExp]>([
    [
      'MEMPHIS_HOST',
      ['a?b', 'a#b', 'a..b', '-a', '*', '${HOST}', '"localhost"', "'localhost'", ' a'],
      /^MEMPHIS_HOST is .*; it must be the name or the address of one machine/,
    ],
    [
      'MEMPHIS_PORT',
      ['0x1A', '1e3', '6666.0', ' 6666', '6666 ', '+6666', '"6666"', '65536'],
      /^MEMPHIS_PORT is .*; it must be a whole number from 1 to 65535$/,
    ],
    [
      'MEMPHIS_REST_URL',
      ['http:// a', 'http://a:abc', 'http://a:99999', 'http://[::1', 'http://a b'],
      /^MEMPHIS_REST_URL is .*; it is not the address of a server; write http:\/\/HOST:PORT$/,
    ],
    ['MEMPHIS_REST_URL', ['http://a/?x', 'http://a#x'], /^MEMPHIS_REST_URL is .* with the port or a path/],
    [
      'MEMPHIS_REST_URL',
      ['http://me:secret-word@a:9000'],
      /^MEMPHIS_REST_URL is "http:\/\/…@a:9000"; .*; set MEMPHIS_REST_USERNAME and MEMPHIS_REST_PASSWORD$/,
    ],
    ['MEMPHIS_ACCOUNT_ID', ['abc', '-1', '1.5', ' ', '1$2'], /^MEMPHIS_ACCOUNT_ID is .* a whole number/],
    ['MEMPHIS_USERNAME', [' ', 'a\nb', 'root\n'], /^MEMPHIS_USERNAME is .*; it must not start or end with/],
    ['MEMPHIS_USERNAME', ['a::root'], /^MEMPHIS_USERNAME must not hold "::"$/],
    ['MEMPHIS_REST_USERNAME', ['root\n'], /^MEMPHIS_REST_USERNAME is .*; it must not start or end with/],
    ['MEMPHIS_PASSWORD', ['secret-word\n'], /^MEMPHIS_PASSWORD holds a line break[^"]*$/],
    ['MEMPHIS_CONNECTION_TOKEN', ['secret-word\n'], /^MEMPHIS_CONNECTION_TOKEN holds a line break[^"]*$/],
    ['MEMPHIS_REST_PASSWORD', ['secret\u0000word'], /^MEMPHIS_REST_PASSWORD holds a line break[^"]*$/],
    ['MEMPHIS_CA_FILE', [' ', 'a\0b'], /^MEMPHIS_CA_FILE is .*; it must be the path of a PEM file$/],
  ])('%s=%j names the variable and the right form', (name, values, problem) => {
    for (const value of values) {
      const given = { ...environment, [name]: value };
      const error = thrown(() => resolveConnection({}, given)) as ValidationError;
      expect(error.problems).toEqual([expect.stringMatching(problem)]);
      // The client reads the same variables, but for those of the REST API.
      if (name.includes('REST')) continue;
      const ofClient = thrown(() => completeConnectOptions({}, given)) as ValidationError;
      expect(ofClient.problems.filter((one) => one.startsWith(name))).toHaveLength(1);
    }
  });

  it('an IPv6 address stands in brackets in the REST address', () => {
    const { restUrl } = resolveConnection({ host: '::1' }, environment);
    expect(restUrl).toBe('http://[::1]:9000');
  });

  it('a REST API of the environment gets no password that is given for another host', () => {
    const mixed = {
      MEMPHIS_HOST: 'west',
      MEMPHIS_REST_URL: 'https://west.example',
      MEMPHIS_REST_USERNAME: 'rest',
      MEMPHIS_REST_PASSWORD: 'of west',
    };
    const given = { host: 'east', username: 'me', password: 'of east' };
    expect(resolveConnection(given, mixed)).toMatchObject({
      restUrl: 'http://east:9000',
      restUsername: 'me',
      restPassword: 'of east',
    });
    const same = { restUrl: 'https://west.example', restUsername: 'rest', restPassword: 'of west' };
    expect(resolveConnection({ ...given, host: 'http://West/' }, mixed)).toMatchObject(same);
    const { MEMPHIS_HOST: _, ...withoutHost } = mixed;
    expect(resolveConnection(given, withoutHost)).toMatchObject(same);
  });
});

it('a token of the environment is not sent beside a given password, which may be for another broker', () => {
  const environment = { MEMPHIS_CONNECTION_TOKEN: 'token' };
  expect(resolveConnection(complete, environment)).toMatchObject({
    password: 'secret-word',
    connectionToken: undefined,
  });
  const { password: _, ...withoutPassword } = complete;
  expect(resolveConnection(withoutPassword, environment)).toMatchObject({ connectionToken: 'token' });
});

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
