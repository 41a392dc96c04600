import type { Place, Token } from './tokens';
import { ProtoSyntaxError, protoTokens, describeToken, stringBytes } from './tokens';

/** Reads tokens one after the other; every method that expects something throws `ProtoSyntaxError` if it is not there. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = protoTokens(text);
  }

  get next(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new Error('a token list always has an end');
    return token;
  }

  take(): Token {
    const token = this.next;
    this.#at++;
    return token;
  }

  sees(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && token.kind !== 'string';
  }

  takeIf(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#at++;
    return true;
  }

  expect(text: string): Token {
    if (!this.sees(text)) this.unexpected(`'${text}'`);
    return this.take();
  }

  name(): Token {
    if (this.next.kind !== 'name') this.unexpected('a name');
    return this.take();
  }

  /** `a.b.c`; with `leadingDot` also `.a.b.c`. */
  dottedName(leadingDot: boolean): string {
    let name = leadingDot && this.takeIf('.') ? '.' : '';
    name += this.name().text;
    while (this.takeIf('.')) name += `.${this.name().text}`;
    return name;
  }

  /** A whole number without a sign. */
  integer(): bigint {
    if (this.next.kind !== 'integer') this.unexpected('a number');
    const { text } = this.take();
    return BigInt(/^0\d/.test(text) ? `0o${text.slice(1)}` : text);
  }

  /** A whole number in a range, with a sign if the range has negative numbers. */
  integerIn(least: number, greatest: number, what: string): number {
    const place = this.next;
    const negative = least < 0 && this.takeIf('-');
    const value = this.integer() * (negative ? -1n : 1n);
    if (value < BigInt(least) || value > BigInt(greatest)) {
      throw new ProtoSyntaxError(place, `${what} must be from ${least} to ${greatest}, found ${value}`);
    }
    return Number(value);
  }

  /** One or more string tokens, which are one string. */
  bytes(): Buffer {
    const parts: Buffer[] = [];
    for (let token = this.next; token.kind === 'string'; token = this.next)
      parts.push(stringBytes(this.take()));
    if (parts.length === 0) this.unexpected('a string');
    return Buffer.concat(parts);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  unexpected(expected: string): never {
    throw new ProtoSyntaxError(
      this.next,
      `syntax error: unexpected ${describeToken(this.next)}, expecting ${expected}`,
    );
  }

  fail(place: Place, what: string): never {
    throw new ProtoSyntaxError(place, what);
  }
}
