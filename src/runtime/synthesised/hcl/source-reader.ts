import { Unresolved } from './value';

/** Text that is not in Terraform's language, or uses a part of it that is not read here. */
export class SyntaxProblem extends Unresolved {
  constructor(
    readonly line: number,
    readonly column: number,
    what: string,
  ) {
    super(`line ${line}, column ${column}: ${what}`);
  }
}

const IDENTIFIER = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;

/** A text with the place that reading has come to. */
export class SourceReader {
  protected readonly source: string;
  protected at = 0;
  /** Inside brackets a line end is white space. */
  protected linesEnd = true;

  constructor(source: string) {
    this.source = source;
  }

  /** Reads what stands in brackets, where line ends are white space. */
  nested<T>(read: () => T): T {
    const before = this.linesEnd;
    this.linesEnd = false;
    const found = read();
    this.linesEnd = before;
    return found;
  }

  /** Skips white space and comments; line ends only where they mean nothing. */
  skip(): void {
    for (;;) {
      const blank = this.linesEnd ? /[ \t]+/y : /[ \t\r\n]+/y;
      blank.lastIndex = this.at;
      const length = blank.exec(this.source)?.[0].length ?? 0;
      this.at += length;
      if (this.startsWith('#') || this.startsWith('//')) this.skipTo('\n', 0);
      else if (this.startsWith('/*')) this.skipTo('*/', 2);
      else if (length === 0) return;
    }
  }

  /**
   * Skips an expression without understanding it: to the end of its line, or to a bracket that it did not open. Strings,
   * comments and heredocs may hold both.
   */
  skipUnread(): void {
    let depth = 0;
    while (this.at < this.source.length) {
      const next = this.next();
      if (depth === 0 && /[\r\n}]/.test(next)) return;
      if (next === '"') this.#skipString();
      else if (this.startsWith('<<')) this.heredoc();
      else if (next === '#' || this.startsWith('//')) this.skipTo('\n', 0);
      else if (this.startsWith('/*')) this.skipTo('*/', 2);
      else {
        if (/[([{]/.test(next)) depth += 1;
        if (/[)\]}]/.test(next)) depth -= 1;
        this.at++;
      }
    }
  }

  #skipString(): void {
    this.at++;
    for (;;) {
      if (this.at >= this.source.length) this.fail('the string never ends');
      if (this.startsWith('\\') || this.startsWith('$${') || this.startsWith('%%{')) this.at += 2;
      else if (this.take('"')) return;
      else if (this.take('${') || this.take('%{')) {
        // Line ends mean nothing in there.
        while (this.at < this.source.length && !this.take('}')) {
          this.skipUnread();
          if (/[\r\n]/.test(this.next())) this.at++;
        }
      } else this.at++;
    }
  }

  /** The lines of a heredoc with their ends, from its `<<` to the line that ends it, whose own end stays. */
  protected heredoc(): { readonly lines: readonly string[]; readonly isIndented: boolean } {
    const head = /<<(-?)([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy;
    head.lastIndex = this.at;
    const [all, dash, marker] = head.exec(this.source) ?? this.fail('unexpected "<<"');
    this.at += all.length;
    const lines: string[] = [];
    for (;;) {
      if (this.at >= this.source.length) this.fail(`the heredoc never ends with ${marker ?? ''}`);
      const found = this.source.indexOf('\n', this.at);
      const end = found === -1 ? this.source.length : found + 1;
      const line = this.source.slice(this.at, end);
      if (line.trim() === marker) {
        this.at += line.trimEnd().length;
        return { lines, isIndented: dash === '-' };
      }
      lines.push(line);
      this.at = end;
    }
  }

  expectEnd(): void {
    if (this.at < this.source.length) this.fail(`unexpected ${JSON.stringify(this.next())}`);
  }

  protected skipLines(): void {
    this.nested(() => this.skip());
  }

  protected skipTo(end: string, length: number): void {
    const found = this.source.indexOf(end, this.at);
    this.at = found === -1 ? this.source.length : found + length;
  }

  protected peekIdentifier(): string | undefined {
    const start = this.at;
    const found = this.identifier();
    this.at = start;
    return found;
  }

  protected identifier(): string | undefined {
    IDENTIFIER.lastIndex = this.at;
    const found = IDENTIFIER.exec(this.source)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  protected next(): string {
    return this.source.charAt(this.at);
  }

  protected startsWith(part: string): boolean {
    return this.source.startsWith(part, this.at);
  }

  protected take(part: string): boolean {
    if (!this.startsWith(part)) return false;
    this.at += part.length;
    return true;
  }

  protected fail(what: string): never {
    const before = this.source.slice(0, this.at).split(/\r\n|\r|\n/);
    throw new SyntaxProblem(before.length, (before.at(-1) ?? '').length + 1, what);
  }
}
