import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';

import { listen } from '../listen';
import type { BrokerContext } from '../objects/context';
import { Refusal, SchemaContentRefusal } from '../objects/errors';
import { errorReplyText } from '../management/reply-text';
import type { BrokerSettings } from '../settings';
import { AllowedHosts } from './allowed-hosts';
import type { Reply } from './reply';
import { failure, ok, ReplyError, serverError } from './reply';
import type { Route } from './route';
import { deadLetterRoutes } from './dead-letter-routes';
import { messageRoutes } from './message-routes';
import { monitoringRoutes } from './monitoring-routes';
import { produceRoutes } from './produce-route';
import { schemaRoutes } from './schema-routes';
import { stationChangeRoutes } from './station-change-routes';
import { stationRoutes } from './station-routes';
import type { Sessions } from './sessions';
import { tagRoutes } from './tag-routes';
import { userRoutes } from './user-routes';

/** The REST API of the broker, listening. */
export interface RestServer {
  readonly port: number;
  close(): Promise<void>;
}

const VERSION_OF_MEMPHIS = '1.4.4';
const GREATEST_BODY = 8 * 1024 * 1024;
const GREATEST_OPEN_BODY = 16 * 1024;
/** How long a client may take to send a whole request; one of 8 MiB takes well under a second. */
const REQUEST_TIMEOUT_MS = 30_000;
const SCHEMA_CONTENT_STATUS = 555;

const allRoutes: readonly Route[] = [
  ...stationRoutes,
  ...stationChangeRoutes,
  ...messageRoutes,
  ...produceRoutes,
  ...deadLetterRoutes,
  ...schemaRoutes,
  ...tagRoutes,
  ...userRoutes,
  ...monitoringRoutes,
];

/** What stands where a real broker has its user interface: every path that is no call. */
const page: Reply = {
  status: 200,
  contentType: 'text/html; charset=utf-8',
  body: '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>cdktf-memphis local broker</title></head><body><p>404: this path is no call of the REST API. The local broker has no user interface.</p></body></html>',
};

/**
 * Serves the REST API.
 * @param sessions made by the caller once the port is known.
 * @param requestTimeoutMs how long a client may take to send a request; then it is answered with 408, and hung up on.
 * @throws EnvironmentError when the port is in use.
 */
export async function serveRest(
  context: BrokerContext,
  { host, restPort: port, allowedHosts }: Pick<BrokerSettings, 'host' | 'restPort' | 'allowedHosts'>,
  sessions: (restPort: () => number) => Sessions,
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
): Promise<RestServer> {
  let boundPort = port;
  const open = sessions(() => boundPort);
  const routes = new Map(allRoutes.map((route) => [`${route.method} /api${route.path}`, route]));
  const hosts = new AllowedHosts(host, allowedHosts);
  const limits = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    // Whether a request has taken too long is looked at so often.
    connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs / 4),
  };
  const server = createServer(limits, (request, response) => {
    void answerCall(context, routes, open, hosts, request)
      .catch((error: unknown) => {
        errorReplyText(context, error);
        return serverError;
      })
      .then((reply) => {
        if (reply.contentType !== '') response.setHeader('Content-Type', reply.contentType);
        for (const [name, value] of Object.entries({
          ...(reply.isRefused === true ? {} : corsHeaders(request)),
          ...reply.headers,
        })) {
          response.setHeader(name, value);
        }
        response.writeHead(reply.status).end(reply.body);
      });
  });
  boundPort = await listen(server, host, port, 'REST calls');
  return {
    port: boundPort,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerCall(
  context: BrokerContext,
  routes: ReadonlyMap<string, Route>,
  sessions: Sessions,
  hosts: AllowedHosts,
  request: IncomingMessage,
): Promise<Reply> {
  try {
    const url = targetOf(request);
    const method = request.method ?? 'GET';
    hosts.check(request.headers, method);
    if (method === 'OPTIONS') return { status: 204, contentType: '', body: '' };
    const open = openCalls[`${method} ${url.pathname}`];
    // Who has not logged in yet may send little.
    const body = await bodyOf(request, open === undefined ? GREATEST_BODY : GREATEST_OPEN_BODY);
    if (open !== undefined) return await open(sessions, body, request.headers.cookie ?? '');
    const route = routes.get(`${method} ${url.pathname}`);
    if (route === undefined) return elsewhere(routes, method, url);
    const user = sessions.authenticate(request.headers.authorization ?? '');
    const call = { context, user, query: url.searchParams, body, restPort: sessions.restPort };
    const handle = async (): Promise<Reply> => route.handle(call);
    return await (route.changes ? context.changes.runFor(route.onlyObject?.(body), handle) : handle());
  } catch (error) {
    if (error instanceof ReplyError) return error.reply;
    if (error instanceof SchemaContentRefusal) return failure(SCHEMA_CONTENT_STATUS, error.message);
    if (error instanceof Refusal) return failure(406, error.message);
    // The client has gone before it had sent everything: nobody reads a reply.
    if (request.destroyed && !request.complete) return serverError;
    context.log(
      `a REST call failed: ${request.method ?? ''} ${request.url ?? ''}: ${errorReplyText(context, error)}`,
    );
    return serverError;
  }
}

/** Calls that need no token. */
const openCalls: Readonly<
  Record<
    string,
    ((sessions: Sessions, body: Uint8Array, cookies: string) => Reply | Promise<Reply>) | undefined
  >
> = {
  'POST /api/usermgmt/login': (sessions, body) => sessions.login(body),
  'POST /api/usermgmt/refreshToken': (sessions, _body, cookies) => sessions.refresh(cookies),
  'GET /api/status': () => ok({ message: 'Ok' }),
  'GET /api/monitoring/getClusterInfo': () => ok({ version: VERSION_OF_MEMPHIS }),
};

function elsewhere(routes: ReadonlyMap<string, Route>, method: string, url: URL): Reply {
  const withoutSlash = url.pathname.replace(/\/$/, '');
  const key = `${method} ${withoutSlash}`;
  const isKnown = withoutSlash !== url.pathname && (routes.has(key) || openCalls[key] !== undefined);
  if (!isKnown) return page;
  const headers = { Location: withoutSlash + url.search };
  return { status: method === 'GET' ? 301 : 307, contentType: page.contentType, body: '', headers };
}

function corsHeaders(request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  if (origin === undefined) return {};
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    Vary: 'Origin',
    ...(request.method === 'OPTIONS'
      ? {
          'Access-Control-Allow-Methods': 'GET,POST,PUT,DELETE',
          'Access-Control-Allow-Headers': 'Authorization,Content-Type',
        }
      : {}),
  };
}

function targetOf({ url = '/' }: IncomingMessage): URL {
  try {
    return new URL(url, 'http://localhost');
  } catch {
    throw new ReplyError(failure(400, 'The address of the request is not valid'));
  }
}

async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const tooLarge = (): ReplyError => new ReplyError(failure(400, 'Body params have to be in JSON format'));
  // What is announced as too large is not waited for.
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
