import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

import { isLoopback } from '../addresses';
import { failure, ReplyError } from './reply';

/** Stands for every host. */
const ANY_HOST = '*';

/**
 * Keeps web pages from using the REST API through the browser of the developer. A page of another site tells its `Origin`. A
 * page whose host name was pointed at this machine tells that name as the `Host`, so that only addresses and known names
 * may stand there.
 */
export class AllowedHosts {
  readonly #isEverywhere: boolean;

  readonly #address: string;
  readonly #more: readonly string[];

  /**
   * @param address that the API listens on.
   * @param more names and addresses besides it and the loopback ones.
   */
  constructor(address: string, more: readonly string[]) {
    this.#address = address;
    this.#more = more;

    this.#isEverywhere = address === '0.0.0.0' || address === '::';
  }

  /** @throws ReplyError 403, or 415 for a body that a page can send to another site without asking. */
  check({ host = '', origin, 'content-type': contentType }: IncomingHttpHeaders, method: string): void {
    if (!this.#isAllowed(hostnameIn(`http://${host}`))) throw refusal('Host', host);
    if (origin === undefined) return;
    if (!this.#isAllowed(hostnameIn(origin))) throw refusal('Origin', origin);
    const hasBody = method === 'POST' || method === 'PUT' || method === 'DELETE';
    if (hasBody && contentType !== undefined && !/^application\/json\s*(;|$)/i.test(contentType)) {
      throw new ReplyError(
        failure(
          415,
          `could not read the request: a web page sent it as ${contentType.slice(0, 100)}. Send it as application/json.`,
        ),
      );
    }
  }

  #isAllowed(hostname: string | undefined): boolean {
    if (this.#more.includes(ANY_HOST)) return true;
    if (hostname === undefined) return false;
    if (isLoopback(hostname) || hostname === this.#address.toLowerCase()) return true;
    // An address cannot be pointed elsewhere, as a name can.
    if (this.#isEverywhere && isIP(hostname) !== 0) return true;
    return this.#more.some((allowed) => allowed.toLowerCase() === hostname);
  }
}

/** Without the brackets of an IPv6 address; undefined when the URL is not one of a host. */
function hostnameIn(url: string): string | undefined {
  try {
    const { protocol, hostname, pathname, search, hash, username } = new URL(url);
    const isPlain = pathname === '/' && search === '' && hash === '' && username === '';
    if (!/^https?:$/.test(protocol) || !isPlain || hostname === '') return undefined;
    return hostname.replace(/^\[(.*)\]$/, '$1');
  } catch {
    return undefined;
  }
}

function refusal(header: 'Host' | 'Origin', value: string): ReplyError {
  const name = hostnameIn(header === 'Host' ? `http://${value}` : value);
  const found = `${header} ${JSON.stringify(value.slice(0, 200))} is not allowed`;
  const next =
    name === undefined
      ? 'Use the address that the broker printed.'
      : `Use the address that the broker printed, or start the broker with --allowed-host ${name}.`;
  const reply = failure(403, `could not serve the request: ${found}. ${next}`);
  return new ReplyError({ ...reply, isRefused: true });
}
