/**
 * Regular expressions of JSON schemas. The broker is a Go program and checks `pattern` with the syntax of Go (RE2);
 * JavaScript knows other things. Here a pattern is refused if Go refuses it, and put into JavaScript's words if not.
 */

/** What a pattern holds that Go does not know; the broker refuses such a schema. */
const unknownToGo: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'look-ahead and look-behind are not supported by the broker'],
  [/^\\[1-9](?![0-7])/, 'references to groups are not supported by the broker'],
  [/^\\k/, 'references to groups are not supported by the broker'],
  [/^\\u/, 'write \\x{…} instead of \\u…; the broker does not know the latter'],
  [/^\\c/, 'control escapes (\\c) are not supported by the broker'],
];

/** Tokens of Go that JavaScript writes in another way. */
const otherInJavaScript: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [/^\\A/, () => '(?<![^])'],
  [/^\\z/, () => '(?![^])'],
  [/^\(\?P</, () => '(?<'],
  [/^\\a/, () => '\\x07'],
  [/^\\x\{([0-9a-fA-F]+)\}/, (found) => `\\u{${found[1] ?? ''}}`],
  [/^\\([pP])([A-Z])/, (found) => `\\${found[1] ?? ''}{${found[2] ?? ''}}`],
  [/^\\([pP])\{([A-Za-z_]+)\}/, (found) => unicodeClass(found[1] ?? '', found[2] ?? '')],
  // JavaScript's Unicode mode allows a back-slash before syntax characters only, Go before any punctuation.
  [/^\\([^\w\s^$\\.*+?()[\]{}|/-])/, (found) => found[1] ?? ''],
  [/^\\_/, () => '_'],
];

/**
 * The expression that tests strings against a pattern of a JSON schema.
 * @throws SyntaxError if Go would refuse the pattern.
 */
export function jsonSchemaPattern(pattern: string): RegExp {
  let source = '';
  let flags = 'u';
  let inClass = false;
  let rest = pattern;
  const leading = /^\(\?([ims]+)\)/.exec(rest);
  if (leading?.[1] !== undefined) {
    flags += [...new Set(leading[1])].join('');
    rest = rest.slice(leading[0].length);
  }
  while (rest !== '') {
    const problem = unknownToGo.find(([token]) => token.test(rest));
    if (problem !== undefined && !(inClass && rest.startsWith('('))) {
      throw new SyntaxError(`${problem[1]}: ${pattern}`);
    }
    const [taken, written] = nextToken(rest, inClass);
    if (!inClass && taken.startsWith('[')) inClass = true;
    else if (inClass && taken === ']') inClass = false;
    source += written;
    rest = rest.slice(taken.length);
  }
  return new RegExp(source, flags);
}

/** The next token of a Go pattern and what JavaScript writes for it. */
function nextToken(rest: string, inClass: boolean): readonly [taken: string, written: string] {
  for (const [token, write] of otherInJavaScript) {
    const found = token.exec(rest);
    if (found !== null) return [found[0], write(found)];
  }
  if (rest.startsWith('\\')) return escaped(rest, inClass);
  const first = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  if (inClass) return insideClass(rest, first);
  const opened = /^\[(\^?)(\]?)/.exec(rest);
  // A bracket first in a class stands for itself.
  if (opened !== null) return [opened[0], `[${opened[1] ?? ''}${opened[2] === ']' ? '\\]' : ''}`];
  const repeat = /^\{(\d+)(?:,(\d*))?\}/.exec(rest);
  if (repeat !== null) {
    if (Math.max(Number(repeat[1]), Number(repeat[2] ?? 0)) > 1000) {
      throw new SyntaxError(`the broker repeats at most 1000 times: ${repeat[0]}`);
    }
    return [repeat[0], repeat[0]];
  }
  // A brace or bracket that opens nothing stands for itself in Go.
  if (first === '{' || first === '}' || first === ']') return [first, `\\${first}`];
  return [first, first];
}

const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

function insideClass(rest: string, first: string): readonly [taken: string, written: string] {
  const [posix, name] = /^\[:(\w+):\]/.exec(rest) ?? [];
  if (posix !== undefined && name !== undefined && Object.hasOwn(posixClasses, name)) {
    return [posix, posixClasses[name] ?? ''];
  }
  return first === '[' ? ['[', '\\['] : [first, first];
}

/** An escape; after a shorthand such as `\w` in a class, Go takes a `-` for itself. */
function escaped(rest: string, inClass: boolean): readonly [string, string] {
  const escape = /^\\(?:x[0-9a-fA-F]{2}|[^])/u.exec(rest)?.[0] ?? rest;
  // Outside of a class JavaScript's Unicode mode has no escaped dash.
  if (!inClass && escape === '\\-') return [escape, '-'];
  return inClass && /^\\[dDsSwW]$/.test(escape) && rest.startsWith('-', 2) && rest.charAt(3) !== ']'
    ? [`${escape}-`, `${escape}\\-`]
    : [escape, escape];
}

/** Go names general categories and scripts alike; JavaScript wants to know that a name is one of a script. */
function unicodeClass(letter: string, name: string): string {
  const plain = `\\${letter}{${name}}`;
  try {
    new RegExp(plain, 'u');
    return plain;
  } catch {
    return `\\${letter}{Script=${name}}`;
  }
}
