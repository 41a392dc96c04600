import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { adminRequests } from '../../../src/runtime/admin/jetstream';
import { LocalBroker } from '../../../src/runtime/broker';
import { object, text } from '../../../src/runtime/connection/shape';

let broker: LocalBroker;
let nats: NatsConnection;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  nats = await connect({ servers: `${broker.host}:${broker.port}`, user: 'root', pass: 'memphis' });
});
afterAll(async () => {
  await nats.close();
  await broker.stop();
});

const reply = object({ answer: text });

/** The requests on a server that does not listen to JetStream's own subjects for a while. */
function requests() {
  const deaf = Object.create(nats, {
    request: {
      value: (subject: string, ...rest: [string, { timeout: number }]) =>
        nats.request(subject.replace('$JS.API.', 'deaf.'), ...rest),
    },
  }) as NatsConnection;
  return adminRequests(deaf);
}

test('a request of JetStream that nobody hears while the broker reloads is repeated', async () => {
  const asked = requests().request('LATER', undefined, reply, { attempted: 'ask' });
  await pause(150);
  nats.subscribe('deaf.LATER', {
    callback: (_, message) => void message.respond('{"answer":"heard"}'),
  });
  expect(await asked).toEqual({ answer: 'heard' });
});

test('one that nobody ever hears fails soon, with the reason', async () => {
  await expect(requests().request('NEVER', undefined, reply, { attempted: 'ask' })).rejects.toThrow(
    'the server has no JetStream for this user',
  );
});
