import type { Msg, NatsConnection } from 'nats';
import { repeatRequests } from '../../../../src/runtime/broker/cluster/repeated-requests';

const TOO_FEW = '{"error":{"code":400,"err_code":10005,"description":"no suitable peers for placement"}}';
const ON_ONE = '{"config":{"num_replicas":1}}';
const ON_THREE = '{"config":{"num_replicas":3}}';

/** A connection whose server gives these answers, one after the other. */
function answering(replies: string[]): NatsConnection {
  const request = async (): Promise<Msg> => {
    const text = replies.shift() ?? 'asked too often';
    return Promise.resolve({ string: () => text } as Msg);
  };
  const connection = { request, isClosed: () => false } as unknown as NatsConnection;
  return repeatRequests(connection, () => true);
}

const create = async (connection: NatsConnection): Promise<string> =>
  (await connection.request('$JS.API.STREAM.CREATE.s', '{}')).string();

test.each([
  [[], 'servers that have just started do not know each other yet'],
  [[ON_ONE], 'a stream on one server does not say that they do'],
  [['{"error":{"err_code":10058}}'], 'nor does a refusal'],
])('after %j too few servers are waited for: %s', async (before) => {
  const connection = answering([...before, TOO_FEW, TOO_FEW, ON_THREE]);
  for (const reply of before) expect(await create(connection)).toBe(reply);
  expect(await create(connection)).toBe(ON_THREE);
});

test('once a stream stands on three servers, too few servers are an answer', async () => {
  const connection = answering([ON_THREE, TOO_FEW]);
  await create(connection);
  expect(await create(connection)).toBe(TOO_FEW);
});
