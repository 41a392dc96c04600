/** A place in a text, both counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** The place of the character with an index. */
export function placeAt(text: string, index: number): TextPlace {
  const before = text.slice(0, index).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** A problem with the place where a person finds it, as parsers of GraphQL write it. */
export function withPlace(what: string, { line, column }: TextPlace): string {
  return `${what} (line ${line}, column ${column})`;
}

/** Where a problem of the whole text is shown. */
export const START: TextPlace = { line: 1, column: 1 };
