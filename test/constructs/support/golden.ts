import { join } from 'node:path';
import { expectGoldenFile } from '../../support/golden';

/** Compares a text with the golden file of that name. */
export function expectGolden(name: string, text: string): void {
  expectGoldenFile(join(__dirname, '..', 'golden', name), text);
}
