import { errorText, ValidationError } from '../../../model/errors';

/** Is told about errors that have no caller to go to: those of background work. */
export type ErrorListener = (error: Error) => unknown;

/** Hands background errors to whoever listens. An error is never lost in silence and never ends the process. */
export class ErrorListeners {
  readonly #listeners = new Set<ErrorListener>();

  /** @returns a function that takes the listener away again. */
  add(listener: ErrorListener): () => void {
    if (typeof listener !== 'function') {
      throw new ValidationError('listen to errors', ['the listener is not a function']);
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  report(error: Error): void {
    if (this.#listeners.size === 0) {
      process.emitWarning(error.message, { type: error.name });
      return;
    }
    for (const listener of this.#listeners) {
      try {
        Promise.resolve(listener(error)).catch(warnOfListener);
      } catch (thrown) {
        warnOfListener(thrown);
      }
    }
  }
}

function warnOfListener(thrown: unknown): void {
  process.emitWarning(`an error listener threw: ${errorText(thrown)}`, { type: 'MemphisWarning' });
}
