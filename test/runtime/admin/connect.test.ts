import { resolveConnection } from '../../../src/model/connection';
import { EnvironmentError } from '../../../src/model/errors';
import { connectAdmin } from '../../../src/runtime/admin';

test('a TLS file that cannot be read is called by the variable or the setting that names it', async () => {
  const connection = resolveConnection(
    { host: 'broker', username: 'root', certFile: '/nope/cert.pem', keyFile: '/nope/key.pem' },
    { MEMPHIS_CA_FILE: '/nope/ca.pem' },
  );
  const connecting = connectAdmin(connection);
  await expect(connecting).rejects.toThrow(EnvironmentError);
  await expect(connecting).rejects.toMatchObject({
    problems: [
      "certFile: ENOENT: no such file or directory, open '/nope/cert.pem'",
      "keyFile: ENOENT: no such file or directory, open '/nope/key.pem'",
      "MEMPHIS_CA_FILE: ENOENT: no such file or directory, open '/nope/ca.pem'",
    ],
    next: 'Name PEM files that this user can read',
  });
});
