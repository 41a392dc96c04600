import type { Log } from './log';

/** How long without any connection until the provider assumes that Terraform is dead. */
const IDLE_MS = 1_000;
/** How long running calls may take after the last connection broke, so that no change is cut off half-way. */
const RUNNING_CALLS_GRACE_MS = 10_000;
/** How long Terraform may take to connect; it gives up on its side after a minute. */
const FIRST_CONNECTION_MS = 60_000;
/** The operating system does not report that a parent is gone, so it is checked. */
const PARENT_CHECK_MS = 1_000;

/**
 * Decides when the process ends: when Terraform says so, when its connections are gone, or when it is gone itself.
 * A killed Terraform says nothing, and its providers must not stay behind.
 */
export class Lifetime {
  readonly #parent = process.ppid;
  #deadline: NodeJS.Timeout | undefined;
  #ending = false;
  #runningCalls = 0;

  readonly #end: () => Promise<void>;
  readonly #log: Log;

  /** @param end closes everything; the process exits afterwards */
  constructor(end: () => Promise<void>, log: Log) {
    this.#end = end;
    this.#log = log;
  }

  start(): void {
    // Ctrl-C reaches the whole process group; Terraform then asks for an orderly end, which takes its time.
    process.on('SIGINT', () => this.#log.debug('SIGINT is left to Terraform'));
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.finish(signal));
    this.#endAfter(FIRST_CONNECTION_MS, 'nobody connected');
    const parentCheck = setInterval(() => {
      if (process.ppid === this.#parent) return;
      clearInterval(parentCheck);
      this.onActivity(0, this.#runningCalls);
    }, PARENT_CHECK_MS);
    parentCheck.unref();
  }

  /** To be called whenever a connection or a call begins or ends. */
  onActivity(connections: number, runningCalls: number): void {
    this.#runningCalls = runningCalls;
    if (connections > 0) this.#stay();
    else if (runningCalls === 0) this.#endAfter(IDLE_MS, 'no connection is left');
    else this.#endAfter(RUNNING_CALLS_GRACE_MS, 'no connection is left and calls do not end');
  }

  /** Ends the process in an orderly way; further calls do nothing. */
  finish(reason: string): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#stay();
    this.#log.debug('ending', { reason });
    void this.#end().finally(() => process.exit(0));
  }

  #stay(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #endAfter(milliseconds: number, reason: string): void {
    this.#stay();
    if (!this.#ending) this.#deadline = setTimeout(() => this.finish(reason), milliseconds);
  }
}
