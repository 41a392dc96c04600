// A provider for tests: each object is a JSON file in the folder that the provider block names.
import type { Provider } from '../../../src/runtime/provider/framework/index';
import { stringAt, t } from '../../../src/runtime/provider/framework/index';
import { box } from './box';
import type { Shelf } from './box';

export const toyProvider: Provider<Shelf> = {
  attributes: [
    { name: 'folder', type: t.string, description: 'Folder of the objects.', required: true },
    { name: 'password', type: t.string, description: 'Any but "wrong".', optional: true, sensitive: true },
  ],
  resources: [box],
  configure(config) {
    if (config.password === 'wrong') throw new Error('The password was refused\nGive another one.');
    return { folder: stringAt(config, 'folder') ?? '' };
  },
};
