import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Compares a text with the golden file of that name; `UPDATE_GOLDEN=1` writes the files anew, to be read in review. */
export function expectGolden(name: string, text: string): void {
  const path = join(__dirname, '..', 'golden', name);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}
