/** What a proxy changes in the first line of its server. */
export interface InfoChanges {
  /** Address of the proxy, as clients reach it. */
  readonly host: string;
  readonly port: number;
  /** The server's own port, when clients may use it too. */
  readonly directPort: number | undefined;
  /** Set when the proxy speaks TLS with its clients. */
  readonly tls: { readonly verifiesClients: boolean } | undefined;
}

/** What the proxy has to know of its server. */
export interface ServerInfo {
  readonly line: Buffer;
  readonly maxPayload: number;
}

/**
 * The INFO that clients of the proxy get. A Memphis broker's `connection_id` is never in it: by that key clients tell a
 * real broker from this one.
 * @returns undefined when the line is no INFO.
 */
export function infoForClients(line: string, changes: InfoChanges): ServerInfo | undefined {
  const json = /^INFO\s+(\{.*\})\s*$/s.exec(line)?.[1];
  if (json === undefined) return undefined;
  let info: Record<string, unknown>;
  try {
    info = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { host, port, directPort, tls } = changes;
  const changed = {
    ...info,
    host,
    port,
    ...(directPort === undefined ? {} : { memphis_direct_port: directPort }),
    ...(tls === undefined
      ? {}
      : { tls_required: true, ...(tls.verifiesClients ? { tls_verify: true } : {}) }),
  };
  const maxPayload = typeof info.max_payload === 'number' ? info.max_payload : Infinity;
  return { line: Buffer.from(`INFO ${JSON.stringify(changed)} \r\n`), maxPayload };
}
