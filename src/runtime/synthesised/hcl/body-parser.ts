import type { Expression } from './expression';
import { Parser, SyntaxProblem } from './parser';

/** What stands in a file or between the braces of a block. */
export interface Body {
  /** Undefined for an expression that uses a part of the language which is not read here. */
  readonly attributes: ReadonlyMap<string, Expression | undefined>;
  readonly blocks: readonly NativeBlock[];
}

/** `resource "memphis_station" "orders" { … }` */
interface NativeBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: Body;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** Deeper than any block of Terraform. */
const MAX_DEPTH = 50;

/**
 * Reads a file in Terraform's language, such as `main.tf`. An expression that cannot be read leaves the rest as it is.
 * @throws SyntaxProblem
 */
export function parseBody(source: string): Body {
  return new BodyParser(source.replace(/^\uFEFF/, '')).file();
}

class BodyParser extends Parser {
  #line = 1;
  #lineStart = 0;
  #blockDepth = 0;

  file(): Body {
    const body = this.#body('');
    this.skipLines();
    this.expectEnd();
    return body;
  }

  /** @param end the bracket that ends it; empty: the end of the file */
  #body(end: '}' | ''): Body {
    if (++this.#blockDepth > MAX_DEPTH) this.fail('nested too deeply');
    const attributes = new Map<string, Expression | undefined>();
    const blocks: NativeBlock[] = [];
    for (;;) {
      this.skipLines();
      if (this.at >= this.source.length || (end !== '' && this.startsWith(end))) break;
      const line = this.#currentLine();
      const name = this.identifier() ?? this.fail('expected the name of an attribute or a block');
      this.skip();
      if (this.startsWith('=') && !this.startsWith('==')) {
        this.at++;
        if (attributes.has(name)) this.fail(`${name} is set twice`);
        attributes.set(name, this.#value());
      } else blocks.push(this.#block(name, line));
      this.skip();
      const isEnd = this.at >= this.source.length || (end !== '' && this.startsWith(end));
      if (!isEnd && !/[\r\n]/.test(this.next())) this.fail('expected a line end');
    }
    this.#blockDepth--;
    return { attributes, blocks };
  }

  #block(type: string, line: number): NativeBlock {
    const labels: string[] = [];
    for (;;) {
      this.skip();
      if (this.take('{')) break;
      labels.push(this.#label());
    }
    const body = this.#body('}');
    if (!this.take('}')) this.fail('expected "}"');
    return { type, labels, body, line };
  }

  #label(): string {
    const name = this.identifier();
    if (name !== undefined) return name;
    if (!this.take('"')) this.fail('expected "=", a label or "{"');
    const found = this.template('"');
    this.at++;
    return found.is === 'literal' ? String(found.value) : this.fail('a template in a label');
  }

  #value(): Expression | undefined {
    const start = this.at;
    try {
      const found = this.expression();
      this.skip();
      if (this.at >= this.source.length || /[\r\n}]/.test(this.next())) return found;
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
    }
    this.restart(start);
    this.skipUnread();
    return undefined;
  }

  /** Blocks come in the order of the file, so that each line is counted once. */
  #currentLine(): number {
    for (;;) {
      const end = this.source.indexOf('\n', this.#lineStart);
      if (end === -1 || end >= this.at) return this.#line;
      this.#line += 1;
      this.#lineStart = end + 1;
    }
  }
}
