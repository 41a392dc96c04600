/**
 * How long nothing may be going on in the process before a name counts as one that does not come, in milliseconds. On a busy
 * machine Terraform itself may pause for more than a second.
 */
const QUIET_MS = 2500;

/** How many operations Terraform has under way at once unless it is told otherwise. */
const TERRAFORM_PARALLELISM = 10;

/**
 * The objects of a run that are planned, or made, and those that others wait for. Terraform goes through a configuration
 * in no particular order where nothing refers to anything, and does not tell how much is left: a name that another
 * resource still has to bring up may come as long as something is going on.
 */
export class Upcoming {
  readonly #names = new Set<string>();
  readonly #waiting: { readonly name: string; readonly answer: (hasCome: boolean) => void }[] = [];
  /** Names that so many wait for that Terraform cannot come to them. */
  readonly #blocked = new Set<string>();
  /** What is to be done as soon as a name has come. */
  readonly #postponed = new Map<string, (() => Promise<void>)[]>();
  #running = 0;
  #isReleased = false;
  #timer: NodeJS.Timeout | undefined;

  /** Does one step of a run; names may come while any is going on. */
  async during<T>(step: () => Promise<T>): Promise<T> {
    this.#running += 1;
    this.#watch();
    try {
      return await step();
    } finally {
      this.#running -= 1;
      this.#watch();
    }
  }

  add(name: string): void {
    this.#names.add(name);
    this.#answer((waiting) => waiting.name === name, true);
  }

  /** Waits within a step until a name has come. @returns false when all is quiet and it has not. */
  async hasCome(name: string): Promise<boolean> {
    if (this.#names.has(name) || this.#isReleased) return true;
    if (this.#blocked.has(name)) return false;
    this.#running -= 1;
    const answer = new Promise<boolean>((resolve) => this.#waiting.push({ name, answer: resolve }));
    this.#watch();
    return answer.finally(() => (this.#running += 1));
  }

  /**
   * Lets everybody go on who waits, or will: as if each name had come. For the plans of an apply, whose steps find out by
   * themselves; a plan that waited would take one of the few places that Terraform has, and keep the name from coming.
   */
  release(): void {
    this.#isReleased = true;
    this.#answer(() => true, true);
  }

  /** True for a name that cannot come before those who wait for it are done. */
  isBlocked(name: string): boolean {
    return this.#blocked.has(name);
  }

  /** Postpones something until a name has come; `takePostponed` gives it to whoever brings the name. */
  postpone(name: string, action: () => Promise<void>): void {
    this.#postponed.set(name, [...(this.#postponed.get(name) ?? []), action]);
  }

  /** What was postponed until a name came, if it has come. */
  takePostponed(name: string): readonly (() => Promise<void>)[] {
    if (!this.#names.has(name)) return [];
    const actions = this.#postponed.get(name) ?? [];
    this.#postponed.delete(name);
    return actions;
  }

  /** True while somebody waits for a name. */
  isAwaited(name: string): boolean {
    return this.#waiting.some((waiting) => waiting.name === name);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#running > 0 || this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => {
      if (this.#waiting.length >= TERRAFORM_PARALLELISM)
        for (const { name } of this.#waiting) this.#blocked.add(name);
      this.#answer(() => true, false);
    }, QUIET_MS);
  }

  #answer(which: (waiting: { readonly name: string }) => boolean, hasCome: boolean): void {
    for (const waiting of this.#waiting.filter(which)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.answer(hasCome);
    }
  }
}
