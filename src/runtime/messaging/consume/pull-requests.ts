/** The server ends a request by itself; this much later it is taken for ended, should its word have been lost. */
export const GRACE_MS = 500;

interface PullRequest {
  /** Where its messages go to; no two have the same. */
  readonly subject: string;
  /** When the server ends it, as `performance.now` counts. */
  readonly expires: number;
  left: number;
}

/**
 * What the server has been asked for and not sent yet. A request outlives the pull that made it when that is given up: the
 * server sends its messages all the same, and the next pull counts on them instead of asking for more. To withdraw a
 * request is no way out: what the server sends at that moment counts as delivered, and comes again out of order.
 */
export class PullRequests {
  #open: PullRequest[] = [];

  /** How many messages the server is still to send. */
  get promised(): number {
    const now = performance.now();
    this.#open = this.#open.filter(({ expires }) => expires + GRACE_MS > now);
    let sum = 0;
    for (const { left } of this.#open) sum += left;
    return sum;
  }

  add(subject: string, count: number, expires: number): void {
    this.#open.push({ subject, left: count, expires });
  }

  /** A message has come. Its subject costs something to read, so that is done only if there are several requests. */
  received(message: { readonly subject: string }): void {
    const request = this.#open.length === 1 ? this.#open[0] : this.#find(message.subject);
    if (request === undefined) return;
    request.left -= 1;
    if (request.left === 0) this.end(request.subject);
  }

  /** The server sends no more for this request. @returns whether it was open. */
  end(subject: string): boolean {
    const before = this.#open.length;
    this.#open = this.#open.filter((open) => open.subject !== subject);
    return this.#open.length < before;
  }

  isOpen(subject: string): boolean {
    return this.#find(subject) !== undefined;
  }

  /** The server has forgotten all of them. */
  clear(): void {
    this.#open = [];
  }

  #find(subject: string): PullRequest | undefined {
    return this.#open.find((open) => open.subject === subject);
  }
}
