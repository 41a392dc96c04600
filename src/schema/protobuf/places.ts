import type { Place } from './tokens';

/** Where the parts of a file are declared. */
export class Places {
  readonly byPart = new Map<object, Place>();

  /** Notes where a part is, and returns the part. */
  at<T extends object>(part: T, { line, column }: Place): T {
    this.byPart.set(part, { line, column });
    return part;
  }

  of(part: object): Place {
    return this.byPart.get(part) ?? { line: 1, column: 1 };
  }
}
