import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorCode } from '../../../src/model/error-guide';
import { MemphisError } from '../../../src/model/errors';
import { LocalBroker } from '../../../src/runtime/broker';
import { TestBroker } from '../../support/broker';
import { runCommand } from '../../support/command-line';
import { Deployment } from '../../support/deployment';
import type { Run } from '../../support/stack';

/** Something that goes wrong for users. The error that comes of it is an example in `docs/errors.md`. */
export interface Situation {
  readonly code: ErrorCode;
  /** What the user did, and what was in the way; whole sentences. */
  readonly what: string;
  /** Makes it happen with the real programs, and gives the error. */
  provoke(place: Place): Promise<Provoked>;
}

/** An error as it came: a program caught it, or Terraform or the command line printed it. */
export type Provoked = { readonly caught: MemphisError } | { readonly printed: string };

/** A broker for programs, and one for stacks, with all that a situation needs to go wrong. */
export class Place {
  readonly broker = TestBroker.forThisFile();
  readonly deployment = Deployment.forThisFile();
  readonly #folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-errors-'));
  readonly #others: LocalBroker[] = [];

  /** Registers the start before and the end after the tests of the file. */
  static forThisFile(): Place {
    const place = new Place();
    afterAll(async () => {
      for (const other of place.#others) await other.stop();
      rmSync(place.#folder, { recursive: true, force: true });
    });
    return place;
  }

  /** A file that does not exist. */
  missingFile(name: string): string {
    return join(this.#folder, name);
  }

  /** A broker that nothing was deployed on. */
  async otherBroker(): Promise<LocalBroker> {
    const other = await LocalBroker.start({ store: 'memory' });
    this.#others.push(other);
    return other;
  }

  /** The one list of what differs from run to run and from machine to machine. */
  withPlaceholders(text: string): string {
    const placeholders: readonly (readonly [volatile: string | RegExp, fixed: string])[] = [
      [this.#folder, '/etc/memphis'],
      ...this.#others.map(({ host, port }) => [`${host}:${port}`, 'other.example.com:6666'] as const),
      [/\bECONNREFUSED 127\.0\.0\.1:\d+\b/g, 'ECONNREFUSED 192.0.2.7:9000'],
      [/\bhttp:\/\/127\.0\.0\.1:\d+\b/g, 'http://memphis.example.com:9000'],
      [/\b127\.0\.0\.1:\d+\b/g, 'memphis.example.com:6666'],
      [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'BROKER-ID'],
    ];
    return placeholders.reduce((result, [volatile, fixed]) => result.replaceAll(volatile, fixed), text);
  }
}

/** What an action rejects with. */
export async function caught(action: Promise<unknown>): Promise<Provoked> {
  const error = await action.then(
    () => new Error('nothing went wrong'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof MemphisError) return { caught: error };
  throw error;
}

/** The first error that a listener is notified of. */
export function reported(listen: (listener: (error: Error) => void) => void): Promise<Provoked> {
  return caught(
    new Promise((_resolve, reject) => {
      listen(reject);
    }),
  );
}

/** The only error of a run of Terraform, as it stands on the screen. */
export function printedByTerraform({ errors }: Run): Provoked {
  const [error, ...others] = errors;
  if (error === undefined || others.length > 0) throw new Error(`not one error:\n${errors.join('\n')}`);
  return { printed: `Error: ${error.replace('\n', '\n\n')}` };
}

/** What `cdktf-memphis` with these arguments prints. */
export async function printedByCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Provoked> {
  const { code, err } = await runCommand(args, { env: { ...process.env, CI: 'true', ...environment } });
  if (code === 0) throw new Error('the command succeeded');
  return { printed: err.trimEnd() };
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
