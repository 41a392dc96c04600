import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { BrokerContext } from '../objects/context';
import { now } from '../objects/context';
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

/** Who may log in, and what login tells about the broker. */
export interface SessionSettings {
  readonly username: string;
  readonly password: string;
  readonly port: number;
  readonly restPort: () => number;
  readonly tokenSecret: string;
  readonly refreshSecret: string;
}

const loginRequest = struct('models.LoginSchema', { username: string, password: string });

/** Logs users of the REST API in, and recognises them again. */
export class Sessions {
  // Clients expect the field; there is no websocket that it would open.
  private readonly websocketPassword = randomBytes(12).toString('hex');

  constructor(
    private readonly context: BrokerContext,
    private readonly settings: SessionSettings,
  ) {}

  get restPort(): number {
    return this.settings.restPort();
  }

  login(body: Uint8Array): Reply {
    const request = bindBody(
      loginRequest,
      { username: { required: true }, password: { required: true } },
      body,
    );
    const user = this.context.metadata.users.find(request.username.toLowerCase());
    const isRoot = user?.username === this.settings.username;
    if (user === undefined || !isRoot || !isSame(request.password, this.settings.password)) {
      throw new ReplyError(unauthorized);
    }
    const reply = ok(this.session(user, {}));
    return withRefreshCookie(reply, this.token(user, this.settings.refreshSecret, REFRESH_LIFE_MS), '');
  }

  /** A new token for the holder of the cookie. */
  refresh(cookies: string): Reply {
    const cookie = new RegExp(`(?:^|;\\s*)${REFRESH_COOKIE}=([^;]*)`).exec(cookies)?.[1] ?? '';
    const user = this.userOf(cookie, this.settings.refreshSecret);
    const reply = ok(this.session(user, { namespace: '' }));
    // The real broker marks this cookie Secure, and only this one.
    return withRefreshCookie(
      reply,
      this.token(user, this.settings.refreshSecret, REFRESH_LIFE_MS),
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
    return this.userOf(token ?? '', this.settings.tokenSecret);
  }

  private userOf(token: string, secret: string): UserRow {
    const username = verifyToken(token, secret)?.username;
    const user = typeof username === 'string' ? this.context.metadata.users.find(username) : undefined;
    if (user === undefined) throw new ReplyError(unauthorized);
    return user;
  }

  private token(user: UserRow, secret: string, lifeMs: number): string {
    const claims = {
      already_logged_in: true,
      avatar_id: 1,
      creation_date: user.createdAt,
      exp: Math.floor((Date.now() + lifeMs) / 1000),
      tenant_name: '$memphis',
      user_id: user.id,
      user_type: user.type,
      username: user.username,
    };
    return signToken(claims, secret);
  }

  private session(user: UserRow, extra: { readonly namespace?: string }): object {
    const config = clusterConfig(this.restPort);
    const isRefresh = extra.namespace !== undefined;
    return {
      account_id: 1,
      already_logged_in: true,
      avatar_id: 1,
      brand_colors: [],
      broker_host: config.broker_host,
      clients_port: this.settings.port,
      connection_token: 'memphis',
      created_at: user.createdAt,
      dark_icon: '',
      dls_retention: config.dls_retention,
      env: 'docker',
      expires_in: TOKEN_LIFE_MS,
      full_name: '',
      http_port: this.restPort,
      internal_ws_pass: this.websocketPassword,
      jwt: this.token(user, this.settings.tokenSecret, TOKEN_LIFE_MS),
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
      user_pass_based_auth: true,
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

// Hashes have one length, so that the comparison tells nothing about the password.
function isSame(left: string, right: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(left), hash(right));
}
