import type { ServerInfo } from 'nats';

/** What the local broker adds to the INFO of its proxy. */
interface ProxyInfo {
  /** Where the server behind the proxy listens, on the same host. */
  readonly memphis_direct_port?: unknown;
}

/**
 * The local broker has a proxy on its public port, for clients that do not know stock servers. This client does, and is
 * faster without.
 * @returns the addresses to use instead, in this order: the server behind the proxy, the proxy, and the other nodes of its
 *   cluster. undefined when the broker tells of no server behind, or tells of another port than the one that was used:
 *   then something stands in between on purpose.
 */
export function addressesBehindProxy(
  host: string,
  port: number,
  info: (ServerInfo & ProxyInfo) | undefined,
): string[] | undefined {
  const direct = info?.memphis_direct_port;
  if (info?.port !== port || typeof direct !== 'number') return undefined;
  const near = [hostAndPort(host, direct), hostAndPort(host, port)];
  const others = (info.connect_urls ?? []).filter((address) => !address.endsWith(`:${port}`));
  return [...near, ...others];
}

export function hostAndPort(host: string, port: number): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}
