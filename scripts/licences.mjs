// The licences of the packages in a bundle, which ask to go with every copy of it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The name and the licence of each package, one after another. @param folders of the packages, from the root of the project */
export function licencesOf(root, folders) {
  const sections = [...folders].sort().map((folder) => {
    const { name, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, folder, file), 'utf8');
    return `${name}\n${'-'.repeat(name.length)}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
  });
  return sections.join('\n\n');
}
