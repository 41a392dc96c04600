import { Writable } from 'node:stream';

import { InvalidArgumentError } from 'commander';

import type { FormatName } from '../runtime/report/formats';
import { formatNamed } from '../runtime/report/formats';
import { objectTitle, sideTexts, siteText, standing } from '../runtime/report/formats/words';
import { printableSentence } from '../runtime/report/formats/printable';
import { ReportServer } from '../runtime/report/report-server';
import type { Report, ReportedObject } from '../runtime/report/report';
import { changedObjects } from '../runtime/report/sources/drift/changes';
import type { DriftOptions } from '../runtime/report/sources/drift';
import { DriftWatch } from '../runtime/report/sources/drift/watch';
import type { DriftListener, Outages } from '../runtime/report/sources/drift/watch';
import type { SynthesisedStacks } from '../runtime/synthesised';
import type { OutputOptions } from './output';
import { writeReport, writeText } from './output';
import type { Progress } from './progress';
import { stopAsked } from './stop-asked';

/** Where `--serve` listens. */
export interface ServeAddress {
  readonly host: string;
  readonly port: number;
}

interface WatchOptions extends OutputOptions {
  readonly serve?: ServeAddress;
  readonly allowedHost?: readonly string[];
}

/** Reads `127.0.0.1:9464`, `[::1]:9464`, `:9464` or `9464`; without an address it is the loopback one. */
export function serveAddress(text: string): ServeAddress {
  const [, host = '', port = ''] = /^(?:(\[[^\]]+\]|[^:]*):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new InvalidArgumentError('It must be an address and a port, such as 127.0.0.1:9464.');
  }
  return { host: host === '' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** Longest shown side of a value, in characters. */
const MOST_VALUE = 60;

/**
 * Prints the report, and then what changes, until Ctrl-C. The exit code is that of the last check. Stacks that a synth
 * changes meanwhile are read again.
 * @throws ConnectionError, AuthenticationError, TimeoutError when the first attempt to connect fails.
 */
export async function watchDrift(
  source: SynthesisedStacks,
  options: WatchOptions,
  drift: DriftOptions,
  progress: Progress,
): Promise<void> {
  const stopped = stopAsked({ withParent: true });
  const stacks = await source.read();
  progress.step('connecting to the broker');
  const { serve, allowedHost = [] } = options;
  const server =
    serve === undefined ? undefined : await ReportServer.start({ ...serve, allowedHosts: allowedHost });
  try {
    const output = new WatchOutput(options, server);
    const watch = await DriftWatch.start(stacks, drift, output, { source });
    if (server !== undefined) process.stderr.write(`serving on ${server.url}\n`);
    progress.end();
    await stopped;
    await watch.stop();
    await output.written;
  } finally {
    await server?.stop();
  }
}

/** Writes what a watch finds to stdout, to files and to the server, one after the other. */
class WatchOutput implements DriftListener {
  readonly #options: WatchOptions;
  readonly #server: ReportServer | undefined;
  #last: Report | undefined;
  /** The brokers whose outage was reported. */
  readonly #away = new Set<string>();
  /** Settles when everything so far is written. */
  written: Promise<void> = Promise.resolve();

  constructor(options: WatchOptions, server: ReportServer | undefined) {
    this.#options = options;
    this.#server = server;
  }

  checked(report: Report, outages: Outages): void {
    const before = this.#last;
    const changes = changedObjects(before, report);
    this.#last = report;
    this.#server?.publish(report, before === undefined || changes.length > 0, outages);
    for (const address of [...this.#away].filter((each) => !outages.has(each))) {
      this.#away.delete(address);
      process.stderr.write(`connected to ${address} again\n`);
    }
    if (before === undefined) this.#write(() => writeReport(report, this.#options));
    else if (changes.length > 0) this.#write(() => this.#writeChanges(report, changes));
  }

  unreachable(error: Error, address: string, outages: Outages): void {
    this.#server?.publishOutages(outages);
    // One line an outage, also when its text changes while a broker starts.
    if (!this.#away.has(address)) process.stderr.write(`${error.message} The watch tries again.\n`);
    this.#away.add(address);
  }

  reread(error: Error | undefined): void {
    // Every broker is connected again.
    if (error === undefined) this.#away.clear();
    process.stderr.write(
      error === undefined
        ? 'the stacks have changed; comparing them from now on\n'
        : `${error.message} The watch compares what it read before.\n`,
    );
  }

  async #writeChanges(report: Report, changes: readonly ReportedObject[]): Promise<void> {
    const { format = 'text' } = this.#options;
    const text =
      format === 'text'
        ? changes.map((object) => `${changeLine(report, object)}\n`).join('')
        : inOneLine(format, formatNamed(format).render(report));
    await writeText(process.stdout, text);
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const setExitCode = (code: number): void => {
      process.exitCode = code;
    };
    await writeReport(report, this.#options, {
      stdout: nowhere,
      stderr: nowhere,
      environment: {},
      setExitCode,
    });
  }

  #write(action: () => Promise<void>): void {
    this.written = this.written.then(action).catch((error: unknown) => {
      process.stderr.write(`cdktf-memphis: ${(error as Error).message}\n`);
    });
  }
}

/** `10:31:07 station orders: changed; the next deploy changes it in place (retentionValue: 3600 -> 600; shop/orders)` */
function changeLine(report: Report, object: ReportedObject): string {
  const time = report.madeAt.slice(11, 19);
  const values = object.differences.map((difference) => {
    const [wanted, found] = sideTexts(difference, MOST_VALUE);
    return `${difference.field}: ${wanted} -> ${found}`;
  });
  const findings = object.findings
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => printableSentence(message));
  const details = [
    ...values,
    ...findings,
    ...(object.declaration === undefined ? [] : [siteText(object.declaration)]),
  ];
  return `${time} ${objectTitle(object)}: ${standing(object, report)}${details.length === 0 ? '' : ` (${details.join('; ')})`}`;
}

/** One line for each report, so that a program can read them as they come. */
function inOneLine(format: FormatName, text: string): string {
  return format === 'json' ? `${JSON.stringify(JSON.parse(text))}\n` : text;
}
