import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { hasPython, pythonWithOfficialSdk } from './python';

export type SdkName = 'memphis-dev' | 'memphis-py';

/** The official clients that this machine can run. */
export const officialSdks: readonly SdkName[] = hasPython ? ['memphis-dev', 'memphis-py'] : ['memphis-dev'];

/** A message as an official client hands it out. `ref` names it in later calls. */
export interface SdkMessage {
  readonly ref: string;
  /** The payload in base64. */
  readonly bytes: string;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly sequence: number | null;
}

/** What a client calls back: `message`, `error`, of the Python one also `batch`, of the JavaScript one `unhandled`. */
export interface SdkEvent {
  readonly event: string;
  /** The object that was listened to. */
  readonly on: string;
  readonly value: unknown;
  readonly context?: unknown;
  /** Milliseconds, of when it was heard of. */
  readonly at: number;
}

interface Answer extends Partial<Omit<SdkEvent, 'at'>> {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

const CALL_TIMEOUT_MS = 15_000;
/** The first call on a machine installs the client. */
export const INSTALL_TIMEOUT_MS = 240_000;

/**
 * An official client, unmodified, in a process of its own, which does what it is told. Methods and options have the names
 * of the JavaScript client; for the Python one the driver turns them into its own.
 */
export class OfficialSdk {
  readonly events: SdkEvent[] = [];
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private calls = 0;
  private complaints = '';

  private constructor(
    readonly name: SdkName,
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
  ) {
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (this.complaints = (this.complaints + text).slice(-4_000)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      if (answer.id !== undefined) this.waiting.get(answer.id)?.(answer);
      else this.events.push({ ...(answer as Omit<SdkEvent, 'at'>), at: performance.now() });
    });
    child.once('close', () => {
      for (const settle of this.waiting.values()) settle({ error: `the client ended: ${this.complaints}` });
    });
  }

  static start(name: SdkName): OfficialSdk {
    const [program, script] =
      name === 'memphis-dev' ? [process.execPath, 'driver.mjs'] : [pythonWithOfficialSdk(), 'driver.py'];
    return new OfficialSdk(
      name,
      spawn(program, [path.join(__dirname, script)], { stdio: ['pipe', 'pipe', 'pipe'] }),
    );
  }

  /**
   * Calls a method of an object of the client.
   * @param keep names the result for later calls.
   * @param timeoutMs after that the call fails.
   */
  async call<Result = null>(
    on: string,
    method: string,
    args: readonly unknown[] = [],
    keep?: string,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<Result> {
    const id = (this.calls += 1);
    const answered = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    this.child.stdin.write(`${JSON.stringify({ id, on, method, args, keep })}\n`);
    const timer = setTimeout(
      () => this.waiting.get(id)?.({ error: `no answer to ${on}.${method}: ${this.complaints}` }),
      timeoutMs,
    );
    const { result, error } = await answered;
    clearTimeout(timer);
    this.waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return result as Result;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}
