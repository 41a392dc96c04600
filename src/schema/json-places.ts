import { parseJsonText } from './json-text';
import type { TextPlace } from './text-place';
import { START, placeAt } from './text-place';

/**
 * Finds the places of values in JSON text by their pointers, such as `#/properties/a`. A pointer to something that is
 * missing leads to what it is missing in.
 */
export class JsonPlaces {
  readonly #text: string;
  readonly #starts = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
    try {
      parseJsonText(text, (path, start) => this.#starts.set(keyOf(path), start));
    } catch {
      // Nested deeper than is read: the places down to there are known.
    }
  }

  of(pointer: string): TextPlace {
    const steps = pointer.split('/').slice(1);
    for (let length = steps.length; length >= 0; length -= 1) {
      const outer = steps.slice(0, length);
      const start =
        this.#starts.get(keyOf(outer.map(unescaped))) ??
        this.#starts.get(keyOf(outer.map((step) => unescaped(decoded(step)))));
      if (start !== undefined) return placeAt(this.#text, start);
    }
    return START;
  }
}

function keyOf(path: readonly (string | number)[]): string {
  return JSON.stringify(path.map(String));
}

function unescaped(step: string): string {
  return step.replace(/~1/g, '/').replace(/~0/g, '~');
}

/** Pointers in fragments are percent-encoded; others hold the name as it is. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
