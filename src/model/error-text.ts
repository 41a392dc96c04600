/**
 * How errors read. Every list, stop, capital letter and blank line of an error is set here, so that those who throw it
 * give bare parts: phrases without a stop, names, problems.
 */

/** What an error is made of. Stops at the end of a part are optional. */
export interface ErrorParts {
  /** What was attempted, and on what: a verb and its object, `create station "orders"`. */
  readonly attempted: string;
  /** What came back: the broker's own words, or what was found. Empty when the problems say it all. */
  readonly found: string;
  /** Everything that is wrong, one entry for each. They follow `found` as a list. */
  readonly problems?: readonly string[];
  /** What to do about it: sentences in the imperative. */
  readonly next?: string;
  /** The lower-level error, if there was one. */
  readonly cause?: unknown;
}

/** An error in Terraform's layout: one line in bold, and paragraphs below it. */
export interface TerraformText {
  readonly summary: string;
  readonly detail: string;
}

/** The message of an error: `could not VERB OBJECT: WHAT CAME BACK. WHAT TO DO.`, and a line for each problem. */
export function messageText(parts: ErrorParts): string {
  const { next = '' } = parts;
  const head = `could not ${phrase(parts.attempted)}`;
  const list = problemList(parts);
  const found = foundText(parts);
  if (list !== '') return joined([`${head}: ${phrase(found)}:`, list, sentence(next)], '\n');
  return joined([found === '' ? sentence(head) : `${head}: ${sentence(found)}`, sentence(next)], ' ');
}

/** The same in Terraform's layout, with the code at the end. */
export function terraformText(parts: ErrorParts & { readonly code: string }): TerraformText {
  const { attempted, next = '', code, problems = [] } = parts;
  const list = problemList(parts);
  const found = foundText(parts);
  // A problem begins with the name of a field, which has no capital letter.
  const opening = problems.length > 0 && list === '' ? found : capitalised(found);
  const body = list === '' ? sentence(opening) : `${phrase(opening)}:\n${list}`;
  return {
    summary: `Could not ${inOneLine(phrase(attempted))}`,
    detail: joined([body, sentence(next), `(${code})`], '\n\n'),
  };
}

/** What came back, without the list of problems: that is their number when nothing else is said. */
export function foundText({ found, problems = [] }: ErrorParts): string {
  if (found !== '') return found;
  return problems.length > 1 ? plural(problems.length, 'problem') : (problems[0] ?? '');
}

/** The message of an error, or any other text, as one line: the entries of its lists follow each other. */
export function inOneLine(text: string): string {
  return text
    .replace(/:\s*\n\s*- /g, ': ')
    .replace(/((?<!\.)\.)?\s*\n\s*- /g, '; ')
    .replace(/\s*[\r\n]\s*/g, ' ')
    .trim();
}

/** A text with exactly one stop at its end; an empty one stays empty. */
export function sentence(text: string): string {
  const words = withoutBlanks(text).replace(/[\s,;:]+$/, '');
  if (words === '') return '';
  if (!/[.!?…]["'”’`)\]}]*$/.test(words)) return `${words}.`;
  return words.replace(/([^.])\.\.$/, '$1.');
}

/** Names in quotes, separated by commas; of a long list the first ones, and how many follow. */
export function quotedNames(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).map((name) => `"${name}"`);
  const rest = names.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** A number of things: `1 message`, `2 messages`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Several phrases as clauses of one sentence: without their own stops, separated by semicolons. */
export function clauses(texts: readonly string[]): string {
  return texts.map((text) => phrase(inOneLine(text))).join('; ');
}

/** The text of anything that was thrown; also of an error of another realm, which is not an instance of our `Error`. */
export function errorText(error: unknown): string {
  const message = (error as { readonly message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : String(error);
}

/** Problems are a list when there are several, or when something else is said before them. */
function problemList({ found, problems = [] }: ErrorParts): string {
  if (problems.length === 0 || (problems.length === 1 && (found === '' || found === problems[0]))) return '';
  return problems.map((problem) => `  - ${sentence(problem).replaceAll('\n', '\n    ')}`).join('\n');
}

/** A text that something follows: without a stop at its end. */
function phrase(text: string): string {
  return withoutBlanks(text).replace(/[\s.,;:]+$/, '');
}

/** Without blanks around the text, and at the end of its lines. */
function withoutBlanks(text: string): string {
  return text.replace(/[^\S\n]+$/gm, '').trim();
}

/** A sentence begins with a capital letter, unless its first word is a name or an address. */
function capitalised(text: string): string {
  const words = text.trimStart();
  return /^[a-z]+(?=[\s,;]|:\s|$)/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}

function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== '').join(separator);
}
