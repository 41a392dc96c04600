import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pythonWithOfficialSdk } from './python';

export interface ProduceCall {
  readonly station: string;
  readonly producer: string;
  /** The payload in base64, or `value`. */
  readonly bytes?: string;
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly msgId?: string;
  /** Only of the Python client: the JavaScript one takes the neighbour of the right partition. */
  readonly key?: string;
  readonly partition?: number;
}

export interface FetchCall {
  readonly station: string;
  readonly consumer: string;
  readonly group: string;
  readonly count: number;
  readonly then?: 'ack' | 'deadLetter';
  readonly reason?: string;
}

export interface FetchedMessage {
  /** The payload in base64. */
  readonly bytes: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the client makes of it by the schema. */
  readonly value?: unknown;
}

/** An official client in a process of its own. */
export class OfficialClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: ((line: string) => void)[] = [];
  #noise = '';

  private constructor(command: string, script: string) {
    this.#child = spawn(command, [path.join(__dirname, script)]);
    this.#child.stderr.on('data', (bytes: Buffer) => (this.#noise += bytes.toString()));
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) this.#answers.shift()?.(line);
    });
    this.#child.once('exit', () => {
      for (const answer of this.#answers.splice(0))
        answer(JSON.stringify({ error: `it ended: ${this.#noise}` }));
    });
  }

  static async javascript(port: number): Promise<OfficialClient> {
    const client = new OfficialClient(process.execPath, 'driver.mjs');
    await client.#call('connect', { port });
    return client;
  }

  static async python(port: number): Promise<OfficialClient> {
    const client = new OfficialClient(pythonWithOfficialSdk(), 'driver.py');
    await client.#call('connect', { port });
    return client;
  }

  async produce(options: ProduceCall): Promise<void> {
    await this.#call('produce', options);
  }

  /** Waits up to the time of the client for a full batch. */
  async fetch(options: FetchCall): Promise<readonly FetchedMessage[]> {
    return (await this.#call('fetch', options)) as readonly FetchedMessage[];
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 2_000);
    await gone;
    clearTimeout(late);
  }

  async #call(call: string, options: object): Promise<unknown> {
    const answered = new Promise<string>((resolve) => this.#answers.push(resolve));
    this.#child.stdin.write(`${JSON.stringify({ call, options })}\n`);
    const { result, error } = JSON.parse(await answered) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  }
}
