/** A place in the text of a file, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Token extends Place {
  readonly kind: 'name' | 'integer' | 'float' | 'string' | 'symbol' | 'end';
  /** As it is written; of strings too, with their quotes. */
  readonly text: string;
}

/** The text is not a .proto file. */
export class ProtoSyntaxError extends Error {
  constructor(
    readonly place: Place,
    readonly what: string,
  ) {
    super(`line ${place.line}, column ${place.column}: ${what}`);
  }
}

const kinds: readonly (readonly [Token['kind'] | 'blank', RegExp])[] = [
  ['blank', /[ \t\r\n\v\f]+|\/\/[^\n]*|\/\*[^]*?\*\//y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['float', /(?:\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)[fF]?|\d+[fF]/y],
  ['integer', /0[xX][0-9a-fA-F]+|\d+/y],
  ['string', /"(?:[^"\\\n\0]|\\[^\n\0])*"|'(?:[^'\\\n\0]|\\[^\n\0])*'/y],
  ['symbol', /[;=[\]{}()<>,.:+-]/y],
];

/**
 * The tokens of a .proto file, closed by one of the kind `end`.
 * @throws ProtoSyntaxError
 */
export function protoTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;
  let lastEnd = -1;
  while (at < text.length) {
    const place = { line, column: at - lineStart + 1 };
    const [kind, found] = tokenAt(text, at, place);
    const previous = tokens.at(-1);
    if (kind === 'name' && (previous?.kind === 'integer' || previous?.kind === 'float') && lastEnd === at) {
      throw new ProtoSyntaxError(place, `need space between number and name, found ${JSON.stringify(found)}`);
    }
    at += found.length;
    if (kind === 'blank') {
      for (const newLine of found.matchAll(/\n/g)) {
        line++;
        lineStart = at - found.length + newLine.index + 1;
      }
    } else {
      if (kind === 'integer' && /^0\d*[89]/.test(found)) {
        throw new ProtoSyntaxError(place, `a number that starts with 0 is octal: ${found}`);
      }
      tokens.push({ kind, text: found, ...place });
      lastEnd = at;
    }
  }
  tokens.push({ kind: 'end', text: '', line, column: at - lineStart + 1 });
  return tokens;
}

function tokenAt(text: string, at: number, place: Place): readonly [Token['kind'] | 'blank', string] {
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return [kind, found];
  }
  const first = text.charAt(at);
  if (first === '"' || first === "'")
    throw new ProtoSyntaxError(place, 'a string that starts here never ends');
  if (text.startsWith('/*', at)) throw new ProtoSyntaxError(place, 'a comment that starts here never ends');
  throw new ProtoSyntaxError(
    place,
    `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))}`,
  );
}

/** How a token is named in messages. */
export function describeToken(token: Token): string {
  return token.kind === 'end' ? 'the end of the file' : `'${token.text}'`;
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The bytes that a string token stands for. */
export function stringBytes(token: Token): Buffer {
  const parts: Buffer[] = [];
  const piece =
    /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv])|([\\'"?]))|\\|[^\\]+/gy;
  for (const found of token.text.slice(1, -1).matchAll(piece)) {
    const [all, hex, octal, short, long, letter, itself] = found;
    const codePoint = parseInt(short ?? long ?? '', 16);
    if (all === '\\' || codePoint > 0x10ffff)
      throw new ProtoSyntaxError(token, 'unknown escape sequence in a string');
    else if (hex !== undefined) parts.push(Buffer.from([parseInt(hex, 16)]));
    else if (octal !== undefined) parts.push(Buffer.from([parseInt(octal, 8) & 255]));
    else if (letter !== undefined) parts.push(Buffer.from([escapes[letter] ?? 0]));
    else if (itself !== undefined) parts.push(Buffer.from(itself));
    else parts.push(Buffer.from(Number.isNaN(codePoint) ? all : String.fromCodePoint(codePoint)));
  }
  return Buffer.concat(parts);
}
