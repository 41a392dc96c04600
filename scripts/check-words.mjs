// Part of `npm run lint`: the documents use none of the words that scripts/word-list.mjs names. Code is left out.
import { readFileSync, readdirSync } from 'node:fs';
import { unwantedWord } from './word-list.mjs';

const documents = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync('docs', { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

let found = 0;
for (const document of documents) {
  const prose = readFileSync(document, 'utf8')
    // The lines stay, so that their numbers do.
    .replaceAll(/^( *)```.*?^\1```/gms, (block) => block.replaceAll(/[^\n]/g, ''))
    .replaceAll(/`[^`\n]*`/g, '``');
  for (const [index, line] of prose.split('\n').entries()) {
    const word = unwantedWord(line);
    if (word === undefined) continue;
    found += 1;
    console.log(`${document}:${index + 1}: "${word.found}": write ${word.instead} instead.`);
  }
}
if (found > 0) process.exitCode = 1;
