import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import MarkdownIt from 'markdown-it';
import { documents } from './support/snippets';

const root = resolve(__dirname, '../..');
const shipped = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly files: string[] })
  .files;

/** The links of a document that lead to files of this repository, and to headings in them. */
function linksOf(document: string): string[] {
  const found: string[] = [];
  for (const { children } of new MarkdownIt().parse(readFileSync(join(root, document), 'utf8'), {})) {
    for (const token of children ?? []) {
      const target = token.attrGet('href') ?? token.attrGet('src');
      if (typeof target === 'string' && !/^[a-z]+:/.test(target)) found.push(target);
    }
  }
  return found;
}

/** The ids of headings, as GitHub and npm make them. */
function anchorsOf(file: string): string[] {
  const tokens = new MarkdownIt().parse(readFileSync(file, 'utf8'), {});
  return tokens.flatMap(({ type }, index) => {
    if (type !== 'heading_open') return [];
    const text = (tokens[index + 1]?.children ?? []).map(({ content }) => content).join('');
    return [
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ];
  });
}

test('every link between the documents leads to a file, and to a heading of it', () => {
  const all = [...documents, 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  const dead = all.flatMap((document) =>
    linksOf(document).flatMap((link) => {
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? join(root, document) : join(root, dirname(document), path);
      if (!existsSync(file)) return [`${document}: ${link}`];
      return anchor === undefined || statSync(file).isDirectory() || anchorsOf(file).includes(anchor)
        ? []
        : [`${document}: ${link}`];
    }),
  );
  expect(dead).toEqual([]);
});

const isShipped = (path: string): boolean =>
  shipped.some((each) => path === each || path.startsWith(`${each}/`));

// They are read in node_modules, too, where the rest of the repository is not.
test('every document is a file of the package, and leads to files of the package', () => {
  expect(documents.filter((document) => !isShipped(document))).toEqual([]);
  const outside = documents
    // npm shows it with the links of the repository that package.json names; a release without one is refused.
    .filter((document) => document !== 'README.md')
    .flatMap((document) =>
      linksOf(document)
        .map((link) => link.split('#')[0] ?? '')
        .filter((path) => path !== '' && !isShipped(join(dirname(document), path)))
        .map((path) => `${document}: ${path}`),
    );
  expect(outside).toEqual([]);
});

test('docs/README.md lists every guide and every reference', () => {
  const listed = linksOf('docs/README.md').map((link) => join('docs', link));
  const missing = documents.filter(
    (document) =>
      document.startsWith('docs/') &&
      document !== 'docs/README.md' &&
      !listed.some((each) => document === each || document.startsWith(`${each}/`)),
  );
  expect(missing).toEqual([]);
});
