import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'nats';
import { LocalBroker } from '../../../../src/runtime/broker';

/** Adds a user and logs in as that user at once, and again until it succeeds. @returns how long it took; 0: at once */
async function admissionOf(faithful: boolean): Promise<number> {
  const broker = await LocalBroker.start({ faithful, log: () => undefined });
  try {
    const call = (path: string, body: object, token = '') =>
      fetch(`${broker.restUrl}/api/usermgmt/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    const session = await call('login', { username: 'root', password: 'memphis' });
    const { jwt } = (await session.json()) as { jwt: string };
    const user = { username: 'app', user_type: 'application', password: 'Abc123!@#x' };
    expect((await call('addUser', user, jwt)).status).toBe(200);
    const start = Date.now();
    for (let tries = 0; ; tries += 1) {
      try {
        const login = { servers: `${broker.host}:${broker.port}`, user: 'app', pass: user.password };
        await (await connect({ ...login, reconnect: false })).close();
        return tries === 0 ? 0 : Date.now() - start;
      } catch (error) {
        if (Date.now() - start > 5_000) throw error;
        await pause(50);
      }
    }
  } finally {
    await broker.stop();
  }
}

test('a new user can log in at once', async () => {
  expect(await admissionOf(false)).toBe(0);
});

test('a faithful broker lets clients log in as a new user half a second later', async () => {
  expect(await admissionOf(true)).toBeGreaterThanOrEqual(400);
});
