import { lowerCase } from '../../../model/names';
import { randomBytes } from 'node:crypto';

import type { BrokerContext } from '../objects/context';
import { now } from '../objects/context';
import { isPassword, isSameText } from '../objects/passwords';
import type { UserRow } from '../store/rows';
import { string, struct } from '../go/struct-decoder';
import { bindBody } from './binding';
import { clusterConfig } from './cluster-config';
import { signToken, verifyToken } from './jwt';
import type { Reply } from './reply';
import { ok, ReplyError, unauthorized } from './reply';

const TOKEN_LIFE_MS = 900_000;
const REFRESH_LIFE_MS = 172_800_000;
const REFRESH_COOKIE = 'memphis-jwt-refresh-token';

/** What login tells about the broker, and what its tokens are signed with. */
export interface SessionSettings {
  readonly port: number;
  readonly restPort: () => number;
  readonly tokenSecret: string;
  readonly refreshSecret: string;
}

const loginRequest = struct('models.LoginSchema', { username: string, password: string });

/** Logs users of the REST API in, and recognises them again. */
export class Sessions {
  // Clients expect the field; there is no websocket that it would open.
  readonly #websocketPassword = randomBytes(12).toString('hex');

  readonly #context: BrokerContext;
  readonly #settings: SessionSettings;

  constructor(context: BrokerContext, settings: SessionSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  get restPort(): number {
    return this.#settings.restPort();
  }

  async login(body: Uint8Array): Promise<Reply> {
    const request = bindBody(
      loginRequest,
      { username: { required: true }, password: { required: true } },
      body,
    );
    const user = this.#context.metadata.users.find(lowerCase(request.username));
    if (user === undefined || !(await this.#isPasswordOf(user, request.password))) {
      throw new ReplyError(unauthorized);
    }
    const reply = ok(this.#session(user, {}));
    return withRefreshCookie(reply, this.#token(user, this.#settings.refreshSecret, REFRESH_LIFE_MS), '');
  }

  /** Application users are for clients and never log in. */
  async #isPasswordOf({ type, password: hash = '' }: UserRow, password: string): Promise<boolean> {
    if (type === 'root') return isSameText(password, this.#context.rootPassword.value);
    return type === 'management' && (await isPassword(password, hash));
  }

  /** A new token for the holder of the cookie. */
  refresh(cookies: string): Reply {
    const cookie = new RegExp(`(?:^|;\\s*)${REFRESH_COOKIE}=([^;]*)`).exec(cookies)?.[1] ?? '';
    const user = this.#userOf(cookie, this.#settings.refreshSecret);
    const reply = ok(this.#session(user, { namespace: '' }));
    // The real broker marks this cookie Secure, and only this one.
    return withRefreshCookie(
      reply,
      this.#token(user, this.#settings.refreshSecret, REFRESH_LIFE_MS),
      '; Secure',
    );
  }

  /**
   * The user who makes a call.
   * @throws ReplyError 401
   */
  authenticate(authorization: string): UserRow {
    const parts = authorization.split(' ');
    // Any scheme word counts, as on a real broker.
    const token = parts.length === 2 ? parts[1] : undefined;
    return this.#userOf(token ?? '', this.#settings.tokenSecret);
  }

  #userOf(token: string, secret: string): UserRow {
    const claims = verifyToken(token, secret);
    const { users } = this.#context.metadata;
    const user = typeof claims?.username === 'string' ? users.find(claims.username) : undefined;
    // A later user of the same name is another one.
    if (user === undefined || user.id !== claims?.user_id) throw new ReplyError(unauthorized);
    return user;
  }

  #token(user: UserRow, secret: string, lifeMs: number): string {
    const claims = {
      already_logged_in: user.type === 'root',
      avatar_id: user.avatarId ?? 1,
      creation_date: user.createdAt,
      exp: Math.floor((Date.now() + lifeMs) / 1000),
      tenant_name: this.#context.mode.tenant,
      user_id: user.id,
      user_type: user.type,
      username: user.username,
    };
    return signToken(claims, secret);
  }

  #session(user: UserRow, extra: { readonly namespace?: string }): object {
    const config = clusterConfig(this.#context, this.restPort);
    const { connectionToken } = this.#context.mode;
    const isRefresh = extra.namespace !== undefined;
    return {
      account_id: 1,
      already_logged_in: user.type === 'root',
      avatar_id: user.avatarId ?? 1,
      brand_colors: [],
      broker_host: config.broker_host,
      clients_port: this.#settings.port,
      // With users and passwords a real broker tells one, too, that nobody can use.
      connection_token: connectionToken === '' ? 'memphis' : connectionToken,
      created_at: user.createdAt,
      dark_icon: '',
      dls_retention: config.dls_retention,
      env: 'docker',
      expires_in: TOKEN_LIFE_MS,
      full_name: user.fullName ?? '',
      http_port: this.restPort,
      internal_ws_pass: this.#websocketPassword,
      jwt: this.#token(user, this.#settings.tokenSecret, TOKEN_LIFE_MS),
      last_login: now(),
      light_icon: '',
      logs_retention: config.logs_retention,
      max_msg_size_mb: config.max_msg_size_mb,
      ...extra,
      rest_gw_host: config.rest_gw_host,
      rest_gw_port: 4444,
      send_analytics: !isRefresh,
      skip_get_started: false,
      tiered_storage_time_sec: config.tiered_storage_time_sec,
      ui_host: config.ui_host,
      user_id: user.id,
      user_pass_based_auth: connectionToken === '',
      user_type: user.type,
      username: user.username,
      ws_host: 'localhost:7770',
    };
  }
}

function withRefreshCookie(reply: Reply, token: string, more: string): Reply {
  const cookie = `${REFRESH_COOKIE}=${token}; Path=/; Max-Age=${REFRESH_LIFE_MS}; HttpOnly${more}`;
  return { ...reply, headers: { 'Set-Cookie': cookie } };
}
