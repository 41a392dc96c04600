/**
 * Checks JSON text the way Go's encoding/json does, because clients see its error texts.
 * The text is handled as bytes (one character each, `latin1`), as Go does: its messages name the offending byte.
 */

/** A mistake in the JSON text; the message is Go's. */
export class JsonSyntaxError extends Error {}

// The limit of Go's scanner; it also bounds what a hostile request can cost.
const MAX_DEPTH = 10_000;

const literals: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

type Expecting = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'after value';

/**
 * Checks one JSON value.
 * @param bytes the text, one character for each byte.
 * @param trailing what may follow the value: `refuse` is json.Unmarshal, `ignore` is json.Decoder.
 * @throws JsonSyntaxError
 */
export function checkJsonSyntax(bytes: string, trailing: 'refuse' | 'ignore' = 'refuse'): void {
  const open: ('{' | '[')[] = [];
  let expecting: Expecting = 'value';
  let at = 0;
  for (;;) {
    if (expecting === 'after value' && open.length === 0 && trailing === 'ignore') return;
    at = skipBlanks(bytes, at);
    const char = bytes[at];
    if (char === undefined) {
      if (expecting === 'after value' && open.length === 0) return;
      throw new JsonSyntaxError('unexpected end of JSON input');
    }
    switch (expecting) {
      case 'key':
      case 'key or }':
        if (char === '"') {
          at = endOfString(bytes, at);
          expecting = 'colon';
        } else if (char === '}' && expecting === 'key or }') {
          at += 1;
          open.pop();
          expecting = 'after value';
        } else throw unexpected(char, 'looking for beginning of object key string');
        break;
      case 'colon':
        if (char !== ':') throw unexpected(char, 'after object key');
        at += 1;
        expecting = 'value';
        break;
      case 'after value': {
        const container = open[open.length - 1];
        if (container === undefined) throw unexpected(char, 'after top-level value');
        if (char === ',') expecting = container === '{' ? 'key' : 'value';
        else if (char === (container === '{' ? '}' : ']')) open.pop();
        else
          throw unexpected(char, container === '{' ? 'after object key:value pair' : 'after array element');
        at += 1;
        break;
      }
      case 'value':
      case 'value or ]':
        if (char === ']' && expecting === 'value or ]') {
          at += 1;
          open.pop();
          expecting = 'after value';
        } else if (char === '{' || char === '[') {
          at += 1;
          open.push(char);
          if (open.length > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth');
          expecting = char === '{' ? 'key or }' : 'value or ]';
        } else {
          at = endOfScalar(bytes, at, char);
          expecting = 'after value';
        }
    }
  }
}

/** The position of the first character from `at` that is not white space. */
export function skipBlanks(bytes: string, at: number): number {
  let next = at;
  while (' \t\r\n'.includes(bytes[next] ?? 'x')) next += 1;
  return next;
}

/** The position after the string, number or literal that starts at `at`. */
export function endOfScalar(bytes: string, at: number, first: string): number {
  if (first === '"') return endOfString(bytes, at);
  if (first === '-' || isDigit(first)) return endOfNumber(bytes, at);
  const literal = literals[first];
  if (literal === undefined) throw unexpected(first, 'looking for beginning of value');
  for (let i = 1; i < literal.length; i++) {
    if (bytes[at + i] !== literal[i])
      throw unexpected(bytes[at + i], `in literal ${literal} (expecting '${literal[i] ?? ''}')`);
  }
  return at + literal.length;
}

/** The position after the string whose opening quote is at `at`. */
export function endOfString(bytes: string, at: number): number {
  for (let i = at + 1; ; i++) {
    const char = bytes[i];
    if (char === '"') return i + 1;
    if (char === undefined || char < ' ') throw unexpected(char, 'in string literal');
    if (char !== '\\') continue;
    i += 1;
    const escape = bytes[i];
    if (escape === 'u') {
      for (let digit = 0; digit < 4; digit++) {
        i += 1;
        if (!/^[0-9a-fA-F]$/.test(bytes[i] ?? ''))
          throw unexpected(bytes[i], 'in \\u hexadecimal character escape');
      }
    } else if (escape === undefined || !'bfnrt\\/"'.includes(escape)) {
      throw unexpected(escape, 'in string escape code');
    }
  }
}

function endOfNumber(bytes: string, at: number): number {
  let i = at;
  const digits = (context: string): void => {
    if (!isDigit(bytes[i])) throw unexpected(bytes[i], context);
    while (isDigit(bytes[i])) i += 1;
  };
  if (bytes[i] === '-') i += 1;
  // Go ends a number after a leading zero; what follows is then the mistake.
  if (bytes[i] === '0') i += 1;
  else digits('in numeric literal');
  if (bytes[i] === '.') {
    i += 1;
    digits('after decimal point in numeric literal');
  }
  if (bytes[i] === 'e' || bytes[i] === 'E') {
    i += 1;
    if (bytes[i] === '+' || bytes[i] === '-') i += 1;
    digits('in exponent of numeric literal');
  }
  return i;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function unexpected(char: string | undefined, context: string): JsonSyntaxError {
  if (char === undefined) return new JsonSyntaxError('unexpected end of JSON input');
  return new JsonSyntaxError(`invalid character ${quotedByte(char)} ${context}`);
}

const shortEscapes: Readonly<Record<string, string>> = {
  "'": "\\'",
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** A byte as Go quotes it in these messages. */
function quotedByte(char: string): string {
  const short = shortEscapes[char];
  if (short !== undefined) return `'${short}'`;
  const code = char.charCodeAt(0);
  if (code < 0x20 || code === 0x7f) return `'\\x${code.toString(16).padStart(2, '0')}'`;
  const unprintable = (code >= 0x80 && code <= 0xa0) || code === 0xad;
  return unprintable ? `'\\u${code.toString(16).padStart(4, '0')}'` : `'${char}'`;
}
