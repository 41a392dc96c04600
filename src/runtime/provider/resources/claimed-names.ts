import type { LedgerKind } from '../../admin';

interface NameUse {
  isRefused: boolean;
  isContested: boolean;
}

/** The names on the broker for which the resources of one plan stand. */
export class NamesInPlan {
  readonly #claims = new Map<string, NameUse>();

  /** @returns false when another resource stands for that object already, and was not refused for it. */
  claim(kind: LedgerKind, name: string): boolean {
    const key = `${kind} ${name}`;
    const before = this.#claims.get(key);
    if (before === undefined) this.#claims.set(key, { isRefused: false, isContested: false });
    else if (before.isRefused) before.isRefused = false;
    else before.isContested = true;
    return before?.isContested !== true;
  }

  /**
   * Gives a claim up because its resource is refused.
   * @returns false when another resource was refused for the same object already: one error about it is enough.
   */
  refuse(kind: LedgerKind, name: string): boolean {
    const claim = this.#claims.get(`${kind} ${name}`);
    if (claim !== undefined) claim.isRefused = true;
    return claim?.isContested !== true;
  }
}
