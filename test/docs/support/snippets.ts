import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import MarkdownIt from 'markdown-it';

const root = resolve(__dirname, '../../..');

/** One fenced block of a document. */
export interface Snippet {
  /** `docs/drift.md` */
  readonly document: string;
  readonly line: number;
  /** Empty where the fence names none. */
  readonly language: string;
  readonly text: string;
  /** The nearest heading above it. */
  readonly heading: string;
}

/** The documents that the package ships: README.md and everything below docs/. */
export const documents: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
];

/** Every fenced block of every document, those inside of lists included, in the order of the documents. */
export const snippets: readonly Snippet[] = documents.flatMap((document) => {
  let heading = '';
  const tokens = new MarkdownIt().parse(readFileSync(join(root, document), 'utf8'), {});
  return tokens.flatMap(({ type, info, content, map }, index): Snippet[] => {
    if (type === 'heading_open') heading = tokens[index + 1]?.content ?? '';
    if (type !== 'fence' && type !== 'code_block') return [];
    return [{ document, line: (map?.[0] ?? 0) + 1, language: info.trim(), text: content, heading }];
  });
});

/** The blocks in some languages, of all documents or of one. */
export function snippetsIn(languages: readonly string[], document?: string): readonly Snippet[] {
  return snippets.filter(
    (each) => languages.includes(each.language) && (document === undefined || each.document === document),
  );
}

/** `docs/drift.md:19` */
export function placeOf({ document, line }: Snippet): string {
  return `${document}:${line}`;
}
