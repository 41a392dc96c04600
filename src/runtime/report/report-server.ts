import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIP } from 'node:net';
import { EnvironmentError } from '../../model/errors';
import { formatNamed } from './formats';
import type { FormatName } from './formats';
import type { Report } from './report';

export interface ReportServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names under which the server may be called, besides its own address and the loopback ones. */
  readonly allowedHosts?: readonly string[];
}

/** What a page, a program or Prometheus reads at one time. */
interface Published {
  readonly report: Report;
  /** Rises when something drifted, or is as declared again. */
  readonly version: number;
}

/**
 * Serves the newest report: `/` as a page that keeps itself current, `/report.json`, `/metrics` for Prometheus, and
 * `/healthz`. It answers GET and HEAD alone. A web page cannot read it through the browser of somebody who may: only known
 * names and addresses may stand in `Host`.
 */
export class ReportServer {
  readonly #options: ReportServerOptions;
  readonly #server: Server;
  #published: Published | undefined;
  /** Why brokers cannot be used, by their addresses. */
  #outages: ReadonlyMap<string, Error> = new Map();
  readonly #rendered = new Map<FormatName, string>();

  private constructor(options: ReportServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
    // Prometheus and pages keep connections open; the end of the command does not wait for them.
    this.#server.keepAliveTimeout = 5_000;
  }

  /** @throws EnvironmentError when it cannot listen there. */
  static async start(options: ReportServerOptions): Promise<ReportServer> {
    const server = new ReportServer(options);
    await server.#listen();
    return server;
  }

  /** `http://127.0.0.1:9464/` */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    const { host } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  }

  /**
   * Serves this report from now on.
   * @param isNews true when something drifted since the one before
   * @param outages the brokers that cannot be used, of which the report holds what was found last
   */
  publish(report: Report, isNews: boolean, outages: ReadonlyMap<string, Error> = new Map()): void {
    const version = (this.#published?.version ?? 0) + (isNews ? 1 : 0);
    this.#published = { report, version };
    this.#outages = outages;
    this.#rendered.clear();
  }

  /** Says from now on that these brokers cannot be used, by their addresses; the last report stays. */
  publishOutages(outages: ReadonlyMap<string, Error>): void {
    this.#outages = outages;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const isInUse = cause.code === 'EADDRINUSE';
        const found = isInUse ? 'the port is in use' : cause.message;
        const next = isInUse
          ? 'Stop the program that uses it, or choose another port; 0 takes a free one'
          : 'Choose an address and a port that this user may listen on';
        reject(
          new EnvironmentError({ attempted: `serve the report on ${host}:${port}`, found, next, cause }),
        );
      });
      this.#server.listen(port, host, resolve);
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '/', headers } = request;
    request.resume();
    if (!this.#isKnown(headers.host)) {
      const next = 'Use the address that was printed, or start with --allowed-host.';
      plain(response, 403, `could not serve the request: this host name is not allowed. ${next}\n`);
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      plain(response, 405, 'could not serve the request: only GET and HEAD are allowed.\n');
      return;
    }
    const path = url.split('?')[0];
    switch (path) {
      case '/healthz':
        plain(response, ...this.#health());
        return;
      case '/metrics':
        send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', this.#metrics());
        return;
      case '/':
      case '/report.json':
        this.#sendReport(path, headers['if-none-match'], response);
        return;
      default:
        plain(
          response,
          404,
          'could not serve the request: there are /, /report.json, /metrics and /healthz.\n',
        );
    }
  }

  #sendReport(path: '/' | '/report.json', known: string | undefined, response: ServerResponse): void {
    if (this.#published === undefined) {
      response.setHeader('retry-after', '1');
      plain(response, 503, 'The first check is under way.\n');
      return;
    }
    const tag = `"${this.#published.version}"`;
    response.setHeader('etag', tag);
    // A page that is open asks with the tag of its report.
    if (path === '/report.json' && known === tag) {
      response.writeHead(304).end();
    } else if (path === '/report.json') {
      send(response, 200, 'application/json; charset=utf-8', this.#render('json'));
    } else {
      send(response, 200, 'text/html; charset=utf-8', this.#render('html'));
    }
  }

  #health(): readonly [status: number, text: string] {
    const reasons = [...this.#outages.values()].map(({ message }) => `${message}\n`);
    if (reasons.length > 0) return [503, reasons.join('')];
    return this.#published === undefined ? [503, 'The first check is under way.\n'] : [200, 'ok\n'];
  }

  #metrics(): string {
    const brokers = this.#published?.report.brokers.map(({ address }) => address) ?? [];
    const addresses = [...new Set([...brokers, ...this.#outages.keys()])].sort();
    // Before the first check nothing is known, not even which brokers there are.
    const samples = addresses.map((address) => {
      const label = address.replace(/[\\"]/g, '\\$&');
      return `memphis_broker_up{broker="${label}"} ${this.#outages.has(address) ? 0 : 1}\n`;
    });
    const lines = samples.length === 0 ? 'memphis_broker_up 0\n' : samples.join('');
    const up = `# HELP memphis_broker_up 1 while the broker answers, else 0.\n# TYPE memphis_broker_up gauge\n${lines}`;
    if (this.#published === undefined) return up;
    const at = Date.parse(this.#published.report.madeAt) / 1000;
    const last = `# HELP memphis_drift_last_check_timestamp_seconds When the brokers were compared last.\n# TYPE memphis_drift_last_check_timestamp_seconds gauge\nmemphis_drift_last_check_timestamp_seconds ${at}\n`;
    return `${up}${last}${this.#render('prometheus')}`;
  }

  /** Renders what is asked for, once for each report. */
  #render(name: FormatName): string {
    const known = this.#rendered.get(name);
    if (known !== undefined || this.#published === undefined) return known ?? '';
    const text = formatNamed(name).render(this.#published.report, { isServed: true });
    this.#rendered.set(name, text);
    return text;
  }

  /** Names may be pointed at this machine by anybody; an address cannot. */
  #isKnown(header = ''): boolean {
    const name = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(header)?.[1]?.toLowerCase();
    if (name === undefined || name === '') return false;
    const { host, allowedHosts = [] } = this.#options;
    const known = ['localhost', host, ...allowedHosts].map((each) => each.toLowerCase());
    return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || known.includes(name);
  }
}

function plain(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', text);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  });
  // For HEAD, Node leaves the body out.
  response.end(text);
}
