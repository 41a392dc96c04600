import type { Attributes, Expression, ForExpression } from './expression';
import { SourceReader } from './source-reader';
import { exactNumber, composedText as composed } from './value';

export { SyntaxProblem } from './source-reader';

/** Operators by precedence, the loosest first. */
const binaryOperators = [['||'], ['&&'], ['==', '!='], ['<=', '>=', '<', '>'], ['+', '-'], ['*', '/', '%']];

/** Nested deeper than anything a person or a generator writes, and far from the end of the stack. */
const MAX_DEPTH = 200;

/**
 * Reads a string of JSON configuration, which is a template: `${…}` in it is an expression.
 * @throws SyntaxProblem
 */
export function parseTemplate(template: string): Expression {
  if (!template.includes('${') && !template.includes('%{')) return literal(composed(template));
  const parser = new Parser(template);
  const found = parser.template(undefined);
  parser.expectEnd();
  return found;
}

/**
 * Reads an expression, such as the value of a `TF_VAR_` variable of a list type.
 * @throws SyntaxProblem
 */
export function parseExpression(source: string): Expression {
  const parser = new Parser(source);
  const found = parser.nested(() => parser.expression());
  parser.skip();
  parser.expectEnd();
  return found;
}

/**
 * Reads a file of attributes, such as `terraform.tfvars`.
 * @throws SyntaxProblem
 */
export function parseAttributes(source: string): Attributes {
  return new Parser(source.replace(/^\uFEFF/, '')).attributes();
}

function literal(value: string | number | boolean | null): Expression {
  return { is: 'literal', value };
}

/** Reads expressions and templates. */
export class Parser extends SourceReader {
  #depth = 0;

  attributes(): Attributes {
    const found = new Map<string, Expression>();
    for (;;) {
      this.skipLines();
      if (this.at >= this.source.length) return found;
      const name = this.identifier() ?? this.fail('expected the name of an attribute');
      this.skip();
      if (!this.take('=')) this.fail(`expected "=" after ${name}`);
      if (found.has(name)) this.fail(`${name} is set twice`);
      found.set(name, this.expression());
      this.skip();
      if (this.at < this.source.length && !/[\r\n]/.test(this.next())) this.fail('expected a line end');
    }
  }

  expression(): Expression {
    if (++this.#depth > MAX_DEPTH) this.fail('nested too deeply');
    const condition = this.#binary(0);
    this.skip();
    let found = condition;
    if (this.take('?')) {
      const yes = this.expression();
      this.skip();
      if (!this.take(':')) this.fail('expected ":"');
      found = { is: 'conditional', condition, yes, no: this.expression() };
    }
    this.#depth--;
    return found;
  }

  /** @param quote the end of a quoted string; undefined: the end of the text, without escapes by backslashes */
  template(quote: '"' | undefined): Expression {
    const parts: Expression[] = [];
    let plain = '';
    const flush = (): void => {
      if (plain !== '') parts.push(literal(composed(plain)));
      plain = '';
    };
    for (;;) {
      const rest = /[^"\\$%\r\n]*/y;
      rest.lastIndex = this.at;
      const run = rest.exec(this.source)?.[0] ?? '';
      plain += run;
      this.at += run.length;
      const next = this.next();
      if (next === '') {
        if (quote !== undefined) this.fail('the string never ends');
        break;
      }
      if (quote !== undefined && next === quote) break;
      if (quote !== undefined && /[\r\n]/.test(next)) this.fail('a line end in a string');
      if (quote !== undefined && next === '\\') plain += this.#escape();
      else if (this.take('$${')) plain += '${';
      else if (this.take('%%{')) plain += '%{';
      else if (this.take('${')) {
        flush();
        parts.push(this.#interpolation());
      } else if (this.startsWith('%{')) this.fail('directives of templates are not read');
      else {
        plain += next;
        this.at++;
      }
    }
    flush();
    const [only] = parts;
    if (only === undefined) return literal('');
    return parts.length === 1 ? only : { is: 'template', parts };
  }

  #interpolation(): Expression {
    if (this.startsWith('~')) this.fail('strip markers are not read');
    const found = this.nested(() => {
      const inner = this.expression();
      this.skip();
      return inner;
    });
    if (this.startsWith('~')) this.fail('strip markers are not read');
    if (!this.take('}')) this.fail('expected "}"');
    return found;
  }

  #escape(): string {
    const simple: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
    const letter = this.source.charAt(this.at + 1);
    const known = simple[letter];
    if (known !== undefined) {
      this.at += 2;
      return known;
    }
    const pattern = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;
    pattern.lastIndex = this.at;
    const [all = '', short, long] = pattern.exec(this.source) ?? [];
    const code = Number.parseInt(short ?? long ?? '', 16);
    // Halves of pairs are not characters of their own.
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) this.fail('unknown escape sequence');
    this.at += all.length;
    return String.fromCodePoint(code);
  }

  #binary(level: number): Expression {
    const operators = binaryOperators[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      this.skip();
      const operator = operators.find((each) => this.startsWith(each));
      if (operator === undefined) return left;
      this.at += operator.length;
      left = { is: 'binary', operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Expression {
    this.skip();
    for (const operator of ['!', '-']) {
      if (!this.startsWith(operator) || this.startsWith('!=')) continue;
      if (++this.#depth > MAX_DEPTH) this.fail('nested too deeply');
      this.at++;
      const operand = this.#unary();
      this.#depth--;
      return { is: 'unary', operator, operand };
    }
    return this.#steps(this.#primary());
  }

  /** The attributes and indexes behind an expression. */
  #steps(of: Expression): Expression {
    let found = of;
    for (;;) {
      // A line end before "." or "[" ends the expression where line ends count.
      this.skip();
      if (this.take('[')) {
        this.skip();
        if (this.take('*')) {
          this.skip();
          if (!this.take(']')) this.fail('expected "]"');
          return { is: 'splat', of: found, each: this.#steps({ is: 'splatItem' }) };
        }
        const key = this.#closed(']');
        found = { is: 'index', of: found, key };
      } else if (this.startsWith('.') && !this.startsWith('...')) {
        this.at++;
        this.skip();
        if (this.take('*')) this.fail('attribute-only splats are not read');
        const name = this.identifier();
        if (name === undefined) this.fail('expected the name of an attribute');
        found = { is: 'attribute', of: found, name };
      } else return found;
    }
  }

  #closed(bracket: string): Expression {
    return this.nested(() => {
      const inner = this.expression();
      this.skip();
      if (!this.take(bracket)) this.fail(`expected "${bracket}"`);
      return inner;
    });
  }

  #primary(): Expression {
    this.skip();
    if (this.take('(')) return this.#closed(')');
    if (this.take('[')) return this.nested(() => this.#tuple());
    if (this.take('{')) return this.nested(() => this.#object());
    if (this.take('"')) {
      const found = this.template('"');
      this.at++;
      return found;
    }
    if (this.startsWith('<<')) return this.#heredoc();
    const number = this.#number();
    if (number !== undefined) return literal(number);
    const name = this.identifier();
    if (name === undefined) {
      const next = this.next();
      return this.fail(next === '' ? 'the expression ends too early' : `unexpected ${JSON.stringify(next)}`);
    }
    if (name === 'true' || name === 'false') return literal(name === 'true');
    if (name === 'null') return literal(null);
    this.skip();
    if (this.startsWith('::')) return this.fail('functions of providers are not read');
    return this.take('(') ? this.nested(() => this.#call(name)) : { is: 'variable', name };
  }

  /** `<<EOT` and the lines up to `EOT`; with `<<-EOT` without the indentation that all of them share. */
  #heredoc(): Expression {
    const { lines, isIndented } = this.heredoc();
    const content = lines.filter((line) => line.trim() !== '');
    const indents = content.map((line) => line.length - line.trimStart().length);
    const shared = isIndented ? Math.min(...indents) : 0;
    const shown = lines.map((line) => (line.trim() === '' ? line : line.slice(shared)));
    return parseTemplate(shown.join(''));
  }

  /** Starts again where an expression began that cannot be read. */
  protected restart(at: number): void {
    this.at = at;
    this.#depth = 0;
    this.linesEnd = true;
  }

  #number(): number | undefined {
    const pattern = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0];
    if (found === undefined) return undefined;
    this.at += found.length;
    if (found.replace(/[eE].*/, '').replace(/\D/g, '').length > 15) this.fail('a number of too many digits');
    return exactNumber(Number(found));
  }

  #call(name: string): Expression {
    const args: Expression[] = [];
    for (;;) {
      this.skip();
      if (this.take(')')) return { is: 'call', name, args, spreads: false };
      args.push(this.expression());
      this.skip();
      if (this.take('...')) {
        this.skip();
        if (!this.take(')')) this.fail('expected ")"');
        return { is: 'call', name, args, spreads: true };
      }
      if (!this.take(',') && !this.startsWith(')')) this.fail('expected "," or ")"');
    }
  }

  #tuple(): Expression {
    const loop = this.#for(']');
    if (loop !== undefined) return loop;
    const items: Expression[] = [];
    for (;;) {
      this.skip();
      if (this.take(']')) return { is: 'tuple', items };
      items.push(this.expression());
      this.skip();
      if (!this.take(',') && !this.startsWith(']')) this.fail('expected "," or "]"');
    }
  }

  #object(): Expression {
    const loop = this.#for('}');
    if (loop !== undefined) return loop;
    const items: (readonly [Expression, Expression])[] = [];
    for (;;) {
      this.skip();
      if (this.take('}')) return { is: 'object', items };
      const key = this.#objectKey();
      this.skip();
      if (!this.take('=') && !this.take(':')) this.fail('expected "="');
      // Items end with their line, so that line ends count in the value, unless it is in brackets itself.
      this.linesEnd = true;
      this.skipLines();
      const value = this.expression();
      this.skip();
      this.linesEnd = false;
      items.push([key, value]);
      if (!this.take(',') && !this.startsWith('}') && !/[\r\n]/.test(this.next()))
        this.fail('expected ",", "}" or a line end');
    }
  }

  /** A bare word is a name; in parentheses it is an expression. */
  #objectKey(): Expression {
    const start = this.at;
    const name = this.identifier();
    this.skip();
    if (name !== undefined && (this.startsWith('=') || this.startsWith(':'))) return literal(name);
    this.at = start;
    return this.expression();
  }

  /** What follows an opening bracket, when it is a loop. */
  #for(bracket: ']' | '}'): ForExpression | undefined {
    const start = this.at;
    this.skip();
    if (this.identifier() !== 'for') {
      this.at = start;
      return undefined;
    }
    this.skip();
    const first = this.identifier() ?? this.fail('expected a name');
    this.skip();
    const second = this.take(',')
      ? (this.skip(), this.identifier() ?? this.fail('expected a name'))
      : undefined;
    this.skip();
    if (this.identifier() !== 'in') this.fail('expected "in"');
    const of = this.expression();
    this.skip();
    if (!this.take(':')) this.fail('expected ":"');
    const head = this.expression();
    this.skip();
    let [key, value]: [Expression | undefined, Expression] = [undefined, head];
    if (bracket === '}') {
      if (!this.take('=>')) this.fail('expected "=>"');
      [key, value] = [head, this.expression()];
    }
    this.skip();
    const groups = bracket === '}' && this.take('...');
    this.skip();
    const condition = this.peekIdentifier() === 'if' ? (this.identifier(), this.expression()) : undefined;
    this.skip();
    if (!this.take(bracket)) this.fail(`expected "${bracket}"`);
    const names = second === undefined ? [undefined, first] : [first, second];
    return {
      is: 'for',
      keyName: names[0],
      valueName: names[1] ?? first,
      of,
      key,
      value,
      condition,
      groups,
    };
  }
}
