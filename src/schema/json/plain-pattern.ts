/**
 * Patterns that mean the same to Go and to JavaScript, and that JavaScript's engine tests without ever going back in the
 * text: `^`, characters and classes with repetitions that end where the next part begins, `$`. They are what most schemas
 * have, and JavaScript's engine tests them in a tenth of the time.
 */

/** The characters that a part of a pattern matches: one bit for each of ASCII, and one for all others. */
type Characters = bigint;

interface Part {
  readonly characters: Characters;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
}

const ALL = (1n << 129n) - 1n;
const DIGITS = between('0', '9');
const WORD = DIGITS | between('A', 'Z') | between('a', 'z') | only('_');

/** The expression of JavaScript for such a pattern; undefined for all others. */
export function plainPattern(pattern: string): RegExp | undefined {
  const parts = partsOf(pattern.replace(/^\^/, '').replace(/\$$/, ''));
  if (parts === undefined) return undefined;
  const isVariable = parts.some(({ isRepeated }) => isRepeated);
  if (isVariable && !pattern.startsWith('^')) return undefined;
  for (const [index, { characters, isRepeated }] of parts.entries()) {
    if (isRepeated && (characters & firstOf(parts.slice(index + 1))) !== 0n) return undefined;
  }
  try {
    return new RegExp(pattern, 'u');
  } catch {
    // An escape that Go has alone.
    return undefined;
  }
}

/** The characters that may come first in what parts match. */
function firstOf(parts: readonly Part[]): Characters {
  let first = 0n;
  for (const { characters, isOptional } of parts) {
    first |= characters;
    if (!isOptional) break;
  }
  return first;
}

const tokens =
  /(?:\[(?<not>\^?)(?<members>(?:[^[\]\\^]|\\[dw]|\\[!-/:-@[-`{-~])+)\]|(?<escape>\\[dw]|\\[!-/:-@[-`{-~])|(?<plain>[A-Za-z0-9 _@/:,;=!"#%&'<>~-]))(?<repeat>[*+?]|\{(?<least>\d{1,3})(?<comma>,(?<most>\d{0,3}))?\})?/y;

function partsOf(pattern: string): Part[] | undefined {
  const parts: Part[] = [];
  let at = 0;
  while (at < pattern.length) {
    tokens.lastIndex = at;
    const found = tokens.exec(pattern);
    if (found === null) return undefined;
    const { not = '', members, escape, plain, repeat = '', least, comma, most } = found.groups ?? {};
    const characters = members === undefined ? charactersOf(escape ?? plain ?? '') : membersOf(members);
    if (characters === undefined) return undefined;
    parts.push({
      characters: not === '^' ? ALL & ~characters : characters,
      isOptional: repeat === '*' || repeat === '?' || Number(least ?? 1) === 0,
      isRepeated: repeat !== '' && !(least !== undefined && (comma === undefined || least === most)),
    });
    at = tokens.lastIndex;
  }
  return parts;
}

/** The characters of a class without its brackets. */
function membersOf(members: string): Characters | undefined {
  let all = 0n;
  const list = members.match(/\\?[^]/g) ?? [];
  for (let index = 0; index < list.length; index += 1) {
    const [member = '', dash, last] = list.slice(index, index + 3);
    if (dash === '-' && last !== undefined) {
      const bounds = /^[A-Za-z0-9]$/;
      if (!bounds.test(member) || !bounds.test(last) || member > last) return undefined;
      all |= between(member, last);
      index += 2;
      continue;
    }
    // Elsewhere than at the ends a dash means another thing to each.
    if (member === '-' && index > 0 && index < list.length - 1) return undefined;
    const characters = charactersOf(member);
    if (characters === undefined) return undefined;
    all |= characters;
  }
  return all;
}

/** The characters of one character as it is written, or of `\d` or `\w`; undefined outside of ASCII. */
function charactersOf(written: string): Characters | undefined {
  if (written === '\\d') return DIGITS;
  if (written === '\\w') return WORD;
  const character = written.replace(/^\\/, '');
  return character.charCodeAt(0) < 128 ? only(character) : undefined;
}

function only(character: string): Characters {
  return 1n << BigInt(character.charCodeAt(0));
}

function between(first: string, last: string): Characters {
  let all = 0n;
  for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code += 1) all |= 1n << BigInt(code);
  return all;
}
