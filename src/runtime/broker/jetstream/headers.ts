import { headers as messageHeaders } from 'nats';

/** Headers as the client library wants them. */
export function headersFrom(headers: ReadonlyMap<string, string>): ReturnType<typeof messageHeaders> {
  const result = messageHeaders();
  for (const [name, value] of headers) result.set(name, value);
  return result;
}

/** The headers in a header block of the NATS protocol. */
export function headersOf(block: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of block.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}

/** Bytes of the header block that these headers make. */
export function blockLength(headers: Iterable<readonly [string, string]>): number {
  let length = 'NATS/1.0\r\n\r\n'.length;
  for (const [name, value] of headers) length += Buffer.byteLength(`${name}: ${value}\r\n`);
  return length;
}
