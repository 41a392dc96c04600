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

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
