import type { Msg } from 'nats';

/** Who sent a request, as far as the server knows it. */
export interface Sender {
  /** The connection it came by; undefined for clients of Memphis, which say it themselves. */
  readonly connection: string | undefined;
  /**
   * The user that logged in; undefined for root, who may act for everybody, and for holders of the connection token, whom
   * nobody can tell apart.
   */
  readonly username: string | undefined;
}

/** The server writes it, over anything that a client put there. */
const CLIENT_INFO = 'Nats-Request-Info';

/**
 * Returns the user of the server that sent a request; empty when the server does not say.
 */
export function serverUserOf({ headers }: Msg): string {
  const info = headers?.get(CLIENT_INFO) ?? '';
  return info === '' ? '' : ((JSON.parse(info) as { readonly user?: string }).user ?? '');
}

/** True when the client itself sent headers. */
export function hasOwnHeaders({ headers }: Msg): boolean {
  return headers?.keys().some((name) => name !== CLIENT_INFO) === true;
}

/**
 * The user that a request counts for: the one that logged in, whatever the request says.
 * @param claimed what the request says.
 */
export function actingUser({ username }: Sender, claimed: string): string {
  return username ?? claimed;
}

/** What the client itself sent, without what the server added. */
export function asSent(message: Msg): Pick<Msg, 'data' | 'headers'> {
  const { data, headers } = message;
  if (headers === undefined || !hasOwnHeaders(message)) return { data };
  headers.delete(CLIENT_INFO);
  return { data, headers };
}
