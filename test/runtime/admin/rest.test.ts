import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { resolveConnection } from '../../../src/model/connection';
import type { MemphisError } from '../../../src/model/errors';
import { RestApi } from '../../../src/runtime/admin/rest';
import { refusal } from '../../support/rejection';

const PASSWORD = 'a-secret-that-nobody-may-read';
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** The client against a server that answers as told; it logs in wherever the test says nothing else. */
async function against(listener: RequestListener, timeoutMs = 2_000): Promise<RestApi> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return clientOf(`http://127.0.0.1:${port}`, timeoutMs);
}

function clientOf(restUrl: string, timeoutMs?: number): RestApi {
  const settings = { host: '127.0.0.1', username: 'root', password: PASSWORD, restUrl };
  return new RestApi(resolveConnection(settings, {}), timeoutMs);
}

const json = (status: number, body: unknown) => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(body),
});

/** Answers a login with a token that counts up, and every other call as `answer` says. */
function broker(
  answer: (call: number) => { status: number; type: string; body: string },
): RequestListener & { logins: number } {
  let calls = 0;
  const listener = ((request, response) => {
    const login = request.url === '/api/usermgmt/login';
    if (login) listener.logins += 1;
    const { status, type, body } = login
      ? json(200, { jwt: `token-${listener.logins}` })
      : answer((calls += 1));
    response.writeHead(status, { 'content-type': type }).end(body);
  }) as RequestListener & { logins: number };
  listener.logins = 0;
  return listener;
}

const call = { method: 'GET', path: '/stations/getAllStations', attempted: 'list the stations' } as const;

async function failureOf(action: Promise<unknown>): Promise<MemphisError> {
  const error = await refusal(action);
  expect(error.message).not.toContain(PASSWORD);
  return error;
}

test('one login serves calls that are made at the same time', async () => {
  const listener = broker(() => json(200, []));
  const rest = await against(listener);
  await Promise.all([rest.call(call), rest.call(call), rest.call(call)]);
  expect(listener.logins).toBe(1);
});

test('a token that has run out is replaced once, and the call is made again', async () => {
  const listener = broker((count) =>
    count === 1 ? json(401, { message: 'Unauthorized' }) : json(200, ['there']),
  );
  const rest = await against(listener);
  expect(await rest.call(call)).toEqual(['there']);
  expect(listener.logins).toBe(2);
});

test('a login that failed is tried again by the next call', async () => {
  let logins = 0;
  const rest = await against((request, response) => {
    const answer =
      request.url === '/api/usermgmt/login' && (logins += 1) === 1
        ? json(500, { message: 'Server error' })
        : json(200, { jwt: 't' });
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
  expect((await failureOf(rest.call(call))).code).toBe('MEMPHIS_REFUSED');
  await rest.call(call);
  expect(logins).toBe(2);
});

test.each([
  [
    'every token is refused',
    broker(() => json(401, { message: 'Unauthorized' })),
    'MEMPHIS_AUTHENTICATION',
    'login token',
  ],
  [
    'an expected error of the broker',
    broker(() => json(406, { message: 'Station x does not exist' })),
    'MEMPHIS_REFUSED',
    'Station x does not exist (status 406)',
  ],
  [
    'a field error',
    broker(() => json(400, { message: [{ field: 'name', reason: 'required' }] })),
    'MEMPHIS_REFUSED',
    'required',
  ],
  [
    'an error without a body',
    broker(() => ({ status: 500, type: 'application/json', body: '' })),
    'MEMPHIS_REFUSED',
    'the broker gave no reason (status 500)',
  ],
  [
    'the page of the UI, for an unknown path',
    broker(() => ({ status: 200, type: 'text/html', body: '<html>' })),
    'MEMPHIS_PROTOCOL',
    'MEMPHIS_REST_URL',
  ],
] as const)('%s: %s', async (_, listener, code, text) => {
  const error = await failureOf((await against(listener)).call(call));
  expect(error.code).toBe(code);
  expect(error.message).toContain(text);
});

test('a wrong password says which settings to check', async () => {
  const rest = await against((_, response) =>
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"Unauthorized"}'),
  );
  const error = await failureOf(rest.call(call));
  expect(error.code).toBe('MEMPHIS_AUTHENTICATION');
  expect(error.next).toContain('MEMPHIS_REST_PASSWORD');
});

test('a server that is not a broker is told from one', async () => {
  const error = await failureOf(
    (
      await against((_, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
      )
    ).login(),
  );
  expect(error.code).toBe('MEMPHIS_PROTOCOL');
});

test('a call that is never answered ends in time', async () => {
  const error = await failureOf((await against(() => undefined, 200)).call(call));
  expect(error.code).toBe('MEMPHIS_TIMEOUT');
  expect(error.message).toContain('within 0.2 s');
});

test('an answer that breaks off in the middle is an error in time too', async () => {
  const listener = broker(() => json(200, []));
  const rest = await against((request, response) => {
    if (request.url === '/api/usermgmt/login') listener(request, response);
    else response.writeHead(200, { 'content-type': 'application/json' }).write('[');
  }, 300);
  expect((await failureOf(rest.call(call))).code).toBe('MEMPHIS_TIMEOUT');
});

test('an answer whose connection ends in the middle is an error that names the request', async () => {
  const listener = broker(() => json(200, []));
  const rest = await against((request, response) => {
    if (request.url === '/api/usermgmt/login') {
      listener(request, response);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('[]');
    setTimeout(() => response.destroy(), 20);
  });
  const error = await failureOf(rest.call(call));
  expect(error.code).toBe('MEMPHIS_PROTOCOL');
  expect(error.message).toContain('the reply to GET /api/stations/getAllStations broke off');
});

test('nothing that listens is a connection error with the address', async () => {
  const error = await failureOf(clientOf('http://127.0.0.1:1').call(call));
  expect(error.code).toBe('MEMPHIS_CONNECTION');
  expect(error.message).toContain('http://127.0.0.1:1');
});

test('calls made one after the other share a connection, and closing ends it', async () => {
  const rest = await against(broker(() => json(200, [])));
  let connections = 0;
  const ended = new Promise((resolve) => {
    server?.on('connection', (socket) => {
      connections += 1;
      socket.once('close', resolve);
    });
  });
  for (let calls = 0; calls < 3; calls += 1) await rest.call(call);
  expect(connections).toBe(1);
  rest.close();
  await ended;
});

test('a call on a kept connection that the server has closed meanwhile opens another one', async () => {
  const rest = await against(broker(() => json(200, [])));
  await rest.call(call);
  server?.closeIdleConnections();
  await pause(50);
  expect(await rest.call(call)).toEqual([]);
});

test('at most eight requests are under way, whatever is asked for at once', async () => {
  let running = 0;
  let most = 0;
  const rest = await against((request, response) => {
    running += 1;
    most = Math.max(most, running);
    setTimeout(() => {
      running -= 1;
      const body = request.url === '/api/usermgmt/login' ? { jwt: 'token' } : [];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }, 5);
  });
  await Promise.all(Array.from({ length: 50 }, () => rest.call(call)));
  expect(most).toBe(8);
});

test('a token that expires under many calls is renewed once', async () => {
  let logins = 0;
  let isExpired = false;
  let calls = 0;
  const rest = await against((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/api/usermgmt/login') {
      logins += 1;
      answer(200, { jwt: `token-${logins}` });
      return;
    }
    calls += 1;
    if (calls === 20) isExpired = true;
    const isOld = request.headers.authorization === 'Bearer token-1';
    // Refusals come late, when others have logged in already.
    if (isExpired && isOld) return void setTimeout(() => answer(401, { message: 'Unauthorized' }), calls % 7);
    answer(200, []);
  });
  await expect(Promise.all(Array.from({ length: 60 }, () => rest.call(call)))).resolves.toHaveLength(60);
  expect(logins).toBe(2);
});
