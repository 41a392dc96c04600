import { numberText } from './words';

/** A list of a page, of which whole parts may be left out. */
export interface Section {
  readonly heading: string;
  /** What one part is, in the singular. */
  readonly noun: string;
  readonly parts: readonly string[];
  /** True for parts that need a blank line between them. */
  readonly isSpaced?: boolean;
}

export interface Limits {
  /** In UTF-16, at least what anybody counts. */
  readonly characters: number;
  /** In UTF-8. */
  readonly bytes: number;
}

/** As many whole parts as fit, and the number of those that do not. */
export function filled(head: string, limits: Limits, sections: readonly Section[]): string {
  // Room for the sentence about what is left out.
  let characters = limits.characters - head.length - 300;
  let bytes = limits.bytes - Buffer.byteLength(head) - 300;
  const take = (text: string): boolean => {
    const size = Buffer.byteLength(text);
    if (text.length > characters || size > bytes) return false;
    characters -= text.length;
    bytes -= size;
    return true;
  };
  const printed = [head];
  const left: string[] = [];
  for (const { heading, noun, parts, isSpaced = false } of sections) {
    if (parts.length === 0) continue;
    let count = 0;
    for (const part of parts) {
      const spaced = `${count === 0 ? `\n${heading}` : isSpaced ? '\n' : ''}${part}`;
      if (!take(spaced)) continue;
      printed.push(spaced);
      count += 1;
    }
    const rest = parts.length - count;
    if (rest > 0) left.push(`${numberText(rest)} more ${rest === 1 ? noun : pluralOf(noun)}`);
  }
  if (left.length > 0) printed.push(`\n**Not shown for lack of room: ${left.join(', ')}.**\n`);
  return printed.join('');
}

function pluralOf(noun: string): string {
  return noun.replace(/^(finding|object|smoke test)/, '$1s');
}
