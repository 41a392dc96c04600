import { readdir } from 'node:fs/promises';

import { EnvironmentError } from '../../../model/errors';

/**
 * A store belongs to a number of nodes: messages that three servers share cannot be read by one.
 * @throws EnvironmentError when the store was made with another number.
 */
export async function checkStoreLayout(folder: string, nodes: number): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  const ofCluster = names.filter((name) => /^memphis-\d+$/.test(name)).length;
  const found = names.includes('jetstream') ? 1 : ofCluster;
  if (found === 0 || found === nodes) return;
  throw new EnvironmentError({
    attempted: `use the store ${folder} with ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`,
    found: `it was made with ${found}`,
    next: 'Give the same number of nodes, or another folder.',
  });
}
