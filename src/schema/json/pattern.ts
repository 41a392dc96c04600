import { re2jsPackage } from '../codec-packages';
import { plainPattern } from './plain-pattern';

/** A test of strings whose time grows with the length of the string, and no faster. */
export interface Pattern {
  test(text: string): boolean;
}

/**
 * The regular expression of a JSON schema. The broker is a Go program: syntax and meaning are those of Go (RE2), which
 * knows no back-references and no look-around, and never goes back in the text.
 * @throws SyntaxError if Go would refuse the pattern.
 */
export function jsonSchemaPattern(pattern: string): Pattern {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const compiled = compiledPattern(pattern);
  if (patterns.size >= MAX_KEPT) patterns.clear();
  patterns.set(pattern, compiled);
  return compiled;
}

/** Patterns are read when a schema is checked, and again when it is compiled. */
const patterns = new Map<string, Pattern>();
const MAX_KEPT = 500;

function compiledPattern(pattern: string): Pattern {
  const plain = plainPattern(pattern);
  if (plain !== undefined) return plain;
  try {
    // Go knows this form since 1.22; the broker is older.
    if (hasNewGroupName(pattern)) throw new SyntaxError('write (?P<name>…) for a named group');
    const compiled = re2jsPackage().RE2JS.compile(pattern);
    return { test: (text) => compiled.test(text) };
  } catch (error) {
    const hint = hints.find(([token]) => token.test(pattern))?.[1] ?? goText(error);
    throw new SyntaxError(`${hint}: ${pattern}`);
  }
}

/** Whether a pattern has `(?<`, outside of classes, escapes and quotations. */
function hasNewGroupName(pattern: string): boolean {
  const token = /\\Q[^]*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]|\(\?<(?![=!])|[^]/gy;
  return [...pattern.matchAll(token)].some(([text]) => text === '(?<');
}

/** What to write instead of the usual mistakes. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/, 'look-ahead and look-behind are not supported by the broker'],
  [/\\[1-9]|\\k/, 'references to groups are not supported by the broker'],
  [/\\u/, 'write \\x{…} instead of \\u…; the broker does not know the latter'],
  [/\\c/, 'control escapes (\\c) are not supported by the broker'],
];

function goText(error: unknown): string {
  return error instanceof Error ? error.message.replace(/: `[^]*`$/, '') : String(error);
}
