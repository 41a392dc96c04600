import { documents, placeOf, snippets } from './support/snippets';

/** The test that runs the blocks of a language. */
const tested: Readonly<Record<string, string>> = {
  ts: 'code.test.ts',
  typescript: 'commands.test.ts: a file of the project that docs/first-stack.md makes',
  gitignore: 'commands.test.ts: a file of the project that docs/first-stack.md makes',
  sh: 'commands.test.ts',
  yaml: 'data.test.ts',
  json: 'data.test.ts',
  hcl: 'hcl.test.ts',
};

/** The blocks that no test runs, by document and language, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'README.md mermaid': 'a drawing',
  'docs/architecture.md text': 'a sketch of folders and of imports, which npm run check:imports checks',
  'docs/errors.md text': 'what programs print; test/docs/errors.test.ts provokes each error and compares',
  'docs/guides/carry-messages.md text': 'what a plan prints, shortened; tests of carried messages compare it',
  'docs/reports.md text': 'what a report prints; test/docs/reports.test.ts compares',
  'docs/remote-runners.md dockerfile': 'needs a registry of images',
};

test('every block of every document says its language, and a test runs it, or it is named here with a reason', () => {
  const isException = new Set(Object.keys(exceptions));
  const open = snippets.filter(
    ({ document, language }) => !(language in tested) && !isException.has(`${document} ${language}`),
  );
  expect(open.map((each) => `${placeOf(each)} ${each.language}`)).toEqual([]);
  const found = new Set(snippets.map(({ document, language }) => `${document} ${language}`));
  expect(Object.keys(exceptions).filter((name) => !found.has(name))).toEqual([]);
  expect(documents.length).toBeGreaterThan(25);
  expect(snippets.length).toBeGreaterThan(80);
});
