import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A message as an official client hands it out. `ref` names it in later calls. */
export interface SdkMessage {
  readonly ref: string;
  readonly data: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sequence: number;
}

interface SdkEvent {
  readonly event: string;
  readonly on?: string;
  readonly value?: unknown;
}

interface Answer extends Partial<SdkEvent> {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

const CALL_TIMEOUT_MS = 15_000;

/** An official client in a process of its own, which does what it is told. */
export class SdkDriver {
  /** What the client called back. */
  readonly events: SdkEvent[] = [];
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private calls = 0;
  private complaints = '';

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, Readable>) {
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (this.complaints = (this.complaints + text).slice(-4_000)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      if (answer.id === undefined) this.events.push(answer as SdkEvent);
      else this.waiting.get(answer.id)?.(answer);
    });
    child.once('close', () => {
      for (const settle of this.waiting.values()) settle({ error: `the client ended: ${this.complaints}` });
    });
  }

  static start(program: string, args: readonly string[]): SdkDriver {
    return new SdkDriver(spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] }));
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
