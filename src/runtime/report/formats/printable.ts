/**
 * Text from a broker or a stack as every format may print it. Names, tags and values are written by others: a control
 * character in them could move a terminal's cursor, and one that XML forbids would end a whole file.
 */

// Control characters, line separators, marks that turn the direction of text or that nobody sees, halves of characters,
// and what XML and JSON readers refuse. The joiner of emoji stays.
const UNPRINTABLE =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]|\p{Surrogate}/gu;

/** A text in one line, with visible escapes (`\u001b`) in place of characters that do not print. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => shortEscapes[character] ?? escapeOf(character));
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A sentence in one line; its line feeds separate words and are not shown. */
export function printableSentence(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim());
}

/** A declared or live value: as JSON, so that `"1"` is not `1`. Undefined is the empty text. */
export function valueText(value: unknown): string {
  if (value === undefined) return '';
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
  // The short escapes are JSON's own already.
  return printable(text);
}

/**
 * Both sides of a difference, each at most `most` characters long. What long ones have in common at their start is left
 * out, so that the first difference shows.
 */
export function differingTexts(a: unknown, b: unknown, most: number): readonly [string, string] {
  const texts = [valueText(a), valueText(b)] as const;
  if (texts.every((text) => text.length <= most)) return texts;
  const [first, second] = texts;
  let common = 0;
  while (common < first.length && first[common] === second[common]) common += 1;
  // Enough of the common part to know the place, more where the rest is short.
  const rest = Math.max(first.length, second.length) - common;
  const context = Math.max(Math.floor(most / 4), most - rest - 1);
  const start = Math.max(0, common <= most / 2 ? 0 : common - context);
  return [cut(first, start, most), cut(second, start, most)];
}

function cut(text: string, start: number, most: number): string {
  if (start === 0 && text.length <= most) return text;
  const head = start === 0 ? '' : '…';
  const room = most - head.length;
  const rest = text.slice(start);
  return wellFormed(rest.length <= room ? `${head}${rest}` : `${head}${rest.slice(0, room - 1)}…`);
}

/** At most `most` characters. */
export function shortened(text: string, most: number): string {
  return cut(text, 0, most);
}

/** Without halves of a character at the places of a cut. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '');
}
