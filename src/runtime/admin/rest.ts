import {
  AuthenticationError,
  BrokerRefusedError,
  ConnectionError,
  ProtocolError,
  TimeoutError,
  errorText,
} from '../../model/errors';
import type { Connection } from '../../model/connection';
import type { Shape } from '../connection/shape';
import { anything, nonEmptyText, object, parsed } from '../connection/shape';
import { storeAdvice } from '../connection/store-advice';
import type { HttpReply } from './http-exchange';
import { AtMost, Remembered } from './batch';
import { CutReply, HttpExchange, ReplyTimeout } from './http-exchange';

const REQUEST_TIMEOUT_MS = 30_000;

/** Management requests under way at a time: each holds a connection of the broker to its database. */
const MOST_AT_ONCE = 8;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface RestCall<T = unknown> {
  readonly method: Method;
  /** Below `/api`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** What the call is for, as an error begins. */
  readonly attempted: string;
  /** What the reply of a call that succeeded looks like. Default: any JSON. */
  readonly reply?: Shape<T>;
}

/** The broker understood a call and refused it; `found` is its own text, with the status. */
export class RestRefusal extends BrokerRefusedError {
  constructor(
    attempted: string,
    /** The broker's text alone. */
    readonly reason: string,
    readonly status: number,
  ) {
    super({ attempted, found: `${reason} (status ${status})`, ...storeAdvice(reason) });
    // The name by which users know it.
    this.name = BrokerRefusedError.name;
  }

  /** True when the broker says that the object itself is not there. Its messages begin with a capital letter or with a small one. */
  saysMissing(kind: 'station' | 'schema'): boolean {
    return this.status === 406 && new RegExp(`^${kind} .* does not exist$`, 'is').test(this.reason);
  }
}

const loginReply = object({ jwt: nonEmptyText });

/** The REST API of the broker: one login, kept until it expires, then one more. */
export class RestApi {
  readonly #token = new Remembered(() => this.#requestToken());

  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #exchange: HttpExchange;
  readonly #places = new AtMost(MOST_AT_ONCE);

  constructor(connection: Connection, timeoutMs = REQUEST_TIMEOUT_MS) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#exchange = new HttpExchange(connection.restUrl, timeoutMs);
  }

  close(): void {
    this.#exchange.close();
  }

  /** @throws RestRefusal; ProtocolError for a reply that does not fit; TimeoutError, ConnectionError, AuthenticationError. */
  async call<T>(call: RestCall<T>): Promise<T> {
    const login = this.login();
    const response = await this.#send(call, await login);
    if (response.status !== 401) return this.#accept(call, response);
    // The token has run out (it lives for 15 minutes) or the broker was restarted. Another call may have renewed it.
    this.#token.forget(login);
    return this.#accept(call, await this.#send(call, await this.login()));
  }

  /** Logs in unless that was done already; calls made at the same time share one login. */
  login(): Promise<string> {
    return this.#token.get();
  }

  async #requestToken(): Promise<string> {
    const { restUsername, restPassword, restUrl } = this.#connection;
    const attempted = `log in to the REST API at ${restUrl} as "${restUsername}"`;
    if (restPassword === undefined) {
      throw new AuthenticationError({
        attempted,
        found: 'no password is set',
        next: 'Set MEMPHIS_REST_PASSWORD, or MEMPHIS_PASSWORD if both sides have the same',
      });
    }
    const call = {
      method: 'POST',
      path: '/usermgmt/login',
      body: { username: restUsername, password: restPassword },
      attempted,
      reply: loginReply,
    } as const;
    const response = await this.#send(call);
    if (response.status === 401) {
      throw new AuthenticationError({
        attempted,
        found: 'the broker refused the user name or the password',
        next: 'Check MEMPHIS_REST_USERNAME and MEMPHIS_REST_PASSWORD (default: MEMPHIS_USERNAME and MEMPHIS_PASSWORD); the user must be root or of type management',
      });
    }
    return this.#accept(call, response).jwt;
  }

  async #send(call: RestCall, token?: string): Promise<HttpReply> {
    const query = new URLSearchParams(
      Object.entries(call.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const url = `${this.#connection.restUrl}/api${call.path}${query.size === 0 ? '' : `?${query.toString()}`}`;
    try {
      return await this.#places.run(() =>
        this.#exchange.send({
          method: call.method,
          url,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: call.body === undefined ? undefined : JSON.stringify(call.body),
        }),
      );
    } catch (error) {
      throw this.#explain(error, call);
    }
  }

  #explain(error: unknown, call: RestCall): Error {
    const { attempted } = call;
    if (error instanceof ReplyTimeout) {
      return new TimeoutError({
        attempted,
        found: `no answer from ${this.#connection.restUrl} within ${this.#timeoutMs / 1000} s`,
        next: "Check the broker's health and run again",
      });
    }
    if (error instanceof CutReply) {
      return new ProtocolError({
        attempted,
        found: `the reply to ${requestOf(call)} broke off`,
        next: 'Check that the broker is running and run again',
        cause: error.cause,
      });
    }
    const reason = errorText(error);
    if (isNotHttp(error)) {
      return new ConnectionError({
        attempted,
        found: isClientPort(error)
          ? `${this.#connection.restUrl} does not answer in HTTP: it is the client port of a broker`
          : `${this.#connection.restUrl} does not answer in HTTP (${reason})`,
        next: 'Set MEMPHIS_REST_URL to the REST API of the broker, which is not its client port; the default is http://HOST:9000',
        cause: error,
      });
    }
    if (isWithoutTls(error)) {
      return new ConnectionError({
        attempted,
        found: `${this.#connection.restUrl} does not answer in TLS`,
        next: 'Begin MEMPHIS_REST_URL with http:// if the REST API has no TLS, and check its port',
        cause: error,
      });
    }
    return new ConnectionError({
      attempted,
      found: `${this.#connection.restUrl} cannot be reached (${reason === '' ? 'connection refused' : reason})`,
      next: 'Check MEMPHIS_REST_URL and that the broker is running',
      cause: error,
    });
  }

  #accept<T>(call: RestCall<T>, { status, contentType, text }: HttpReply): T {
    const { attempted, reply = anything as Shape<T> } = call;
    if (!contentType.startsWith('application/json')) {
      // Unknown paths of the broker answer with the page of its UI, status 200.
      throw new ProtocolError({
        attempted,
        found: `${this.#connection.restUrl} answered ${status} without JSON`,
        next: 'Check that MEMPHIS_REST_URL is the REST API of a Memphis broker (version 1.4)',
      });
    }
    if (status === 200) return parsed(text, reply, { attempted, from: `the reply to ${requestOf(call)}` });
    if (status === 401) {
      throw new AuthenticationError({
        attempted,
        found: 'the broker refused the login token',
        next: 'Run again',
      });
    }
    throw new RestRefusal(attempted, messageOf(documentIn(text)), status);
  }
}

/** Whether Node's HTTP parser refused what came, as it does on the client port of a broker. */
function isNotHttp(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('HPE_');
}

/** Whether a server answered a TLS greeting with anything else. */
function isWithoutTls(error: unknown): boolean {
  return /wrong version number|packet length too long/i.test(errorText(error));
}

/** Whether a NATS server greeted, which Node's HTTP parser keeps with its error. */
function isClientPort(error: unknown): boolean {
  const { rawPacket } = error as { readonly rawPacket?: unknown };
  return Buffer.isBuffer(rawPacket) && rawPacket.subarray(0, 5).toString('latin1') === 'INFO ';
}

function requestOf({ method, path }: RestCall): string {
  return `${method} /api${path}`;
}

/** On some errors the broker appends a second JSON document; then only the status is known. */
function documentIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageOf(body: unknown): string {
  const message = (body as { message?: unknown } | null | undefined)?.message;
  if (typeof message === 'string') return message;
  return message === undefined ? 'the broker gave no reason' : JSON.stringify(message);
}
