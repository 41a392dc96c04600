import { hostInUrl } from '../addresses';

/** What a proxy changes in each INFO of its server. */
export interface InfoChanges {
  /** Address of the proxy, as clients reach it. */
  readonly host: string;
  readonly port: number;
  /** Set when all proxies of the cluster are reached by the same address, which is this client's own way here. */
  readonly hasOneHost: boolean;
  /** The server's own port, when clients may use it too. */
  readonly directPort: number | undefined;
  /** Set when the proxy speaks TLS with its clients. */
  readonly tls: { readonly verifiesClients: boolean } | undefined;
  /** What clients may send. */
  readonly maxPayload: number;
}

/** What a server says of itself in one line: when a client comes, and again when the cluster changes or it shuts down. */
export type ServerInfo = Readonly<Record<string, unknown>>;

/** @returns undefined when the line is no INFO. */
export function parseInfo(line: string): ServerInfo | undefined {
  const json = /^INFO\s+(\{.*\})\s*$/is.exec(line)?.[1];
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json) as ServerInfo;
  } catch {
    return undefined;
  }
}

/**
 * The INFO that clients of the proxy get. A Memphis broker's `connection_id` is never in it: by that key clients tell a
 * real broker from this one.
 */
export function infoForClients(info: ServerInfo, changes: InfoChanges): Buffer {
  const { host, port, hasOneHost, directPort, tls, maxPayload } = changes;
  const { tls_required: _required, tls_verify: _verify, tls_available: _available, ...rest } = info;
  const changed = {
    ...rest,
    host,
    port,
    max_payload: maxPayload,
    ...(hasOneHost ? { connect_urls: atHost(info.connect_urls, host) } : {}),
    ...(directPort === undefined ? {} : { memphis_direct_port: directPort }),
    ...(tls === undefined
      ? {}
      : { tls_required: true, ...(tls.verifiesClients ? { tls_verify: true } : {}) }),
  };
  return Buffer.from(`INFO ${JSON.stringify(changed)} \r\n`);
}

/** Servers tell each other what they advertise, which are the ports of their proxies. */
function atHost(urls: unknown, host: string): unknown {
  if (!Array.isArray(urls)) return urls;
  return urls.map((url) => String(url).replace(/^.*(?=:\d+$)/, hostInUrl(host)));
}
