/**
 * Whether an evaluation reads a value that the configuration marks as sensitive. A whole value counts as sensitive when
 * a part of it is, which hides rather too much than too little.
 */
export class SensitiveReads {
  #isSensitive = false;

  /** Notes that the evaluation which is going on reads a sensitive value. */
  note(): void {
    this.#isSensitive = true;
  }

  /** Evaluates something on its own: what it reads does not count for the evaluation around it. */
  during<T>(evaluate: () => T): { readonly value: T; readonly isSensitive: boolean } {
    const outer = this.#isSensitive;
    this.#isSensitive = false;
    try {
      const value = evaluate();
      return { value, isSensitive: this.#isSensitive };
    } finally {
      this.#isSensitive = outer;
    }
  }
}
