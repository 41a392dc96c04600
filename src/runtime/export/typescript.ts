/** TypeScript in the form that prettier gives it with its default options. */

/** The greatest length of a line. */
export const PRINT_WIDTH = 80;

/** A value as source text. Text on several lines is indented from its own first column. */
export type Source = string;

/** A string in the quotes that need fewer escapes. */
export function stringLiteral(text: string): Source {
  const doubles = text.split('"').length;
  const singles = text.split("'").length;
  const json = JSON.stringify(text).slice(1, -1);
  const inner = escapedLineEnds(json);
  if (doubles <= singles) return `"${inner}"`;
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Line ends of Unicode, and marks that change the direction of text, would let code look like what it is not. */
function escapedLineEnds(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A whole number, grouped from five digits on. */
export function numberLiteral(value: number): Source {
  const digits = String(value);
  return /^\d{5,}$/.test(digits) ? digits.replace(/\B(?=(?:\d{3})+$)/g, '_') : digits;
}

/** A number as people write it: a product of factors that have a name, such as `7 * 24 * 60 * 60`. */
export function productLiteral(value: number, factors: readonly number[]): Source {
  const used: number[] = [];
  let rest = value;
  for (const factor of factors) {
    if (rest < factor || rest % factor !== 0) break;
    rest /= factor;
    used.unshift(factor);
  }
  const all = rest === 1 && used.length > 0 ? used : [rest, ...used];
  return all.map(numberLiteral).join(' * ');
}

/** One property of an object. */
export interface Property {
  readonly name: string;
  readonly value: Source;
}

/** An object on one line: `{ name: "orders" }`. */
export function inlineObject(properties: readonly Property[]): Source {
  if (properties.length === 0) return '{}';
  return `{ ${properties.map(({ name, value }) => `${name}: ${value}`).join(', ')} }`;
}

/** An object with one line for each property, at least. */
export function blockObject(properties: readonly Property[]): Source {
  return `{\n${properties.map(({ name, value }) => indented(`${name}: ${value},`)).join('\n')}\n}`;
}

/**
 * A list of values.
 * @param before the number of columns that are taken on its first line, with its indentation
 * @param after the number of columns that follow it on its last line
 */
export function arraySource(values: readonly Source[], before: number, after = 1): Source {
  const line = `[${values.join(', ')}]`;
  if (before + line.length + after <= PRINT_WIDTH) return line;
  return `[\n${values.map((value) => indented(`${value},`)).join('\n')}\n]`;
}

/** The statement that imports names. */
export function importOf(names: readonly string[], from: string, isType = false): Source {
  const sorted = [...names].sort();
  const keyword = isType ? 'import type' : 'import';
  const line = `${keyword} { ${sorted.join(', ')} } from ${stringLiteral(from)};`;
  if (line.length <= PRINT_WIDTH) return line;
  return `${keyword} {\n${sorted.map((name) => `  ${name},`).join('\n')}\n} from ${stringLiteral(from)};`;
}

/** A call with one argument that is a string or a name, as a statement. */
export function callStatement(callee: Source, argument: Source, indentation: number): Source {
  const line = `${callee}(${argument});`;
  const last = line.slice(line.lastIndexOf('\n') + 1);
  return indentation + last.length <= PRINT_WIDTH ? line : `${callee}(\n  ${argument},\n);`;
}

/** A comment, wrapped to the width of a line. */
export function comment(text: string, indentation: number): Source {
  const width = PRINT_WIDTH - indentation - 3;
  const lines: string[] = [];
  let line = '';
  for (const word of inOneLine(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `// ${each}`).join('\n');
}

function inOneLine(text: string): string {
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim();
}

/** Text with each of its lines indented; empty ones stay empty. */
export function indented(text: Source, columns = 2): Source {
  return text.replace(/^(?=.)/gm, ' '.repeat(columns));
}
