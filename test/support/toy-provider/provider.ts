// A provider for tests: each object is a JSON file in the folder that the provider block names.
import { readdirSync } from 'node:fs';
import { t } from '../../../src/runtime/provider/cty/type';
import { stringAt } from '../../../src/runtime/provider/cty/value';
import type { DataSource, Provider } from '../../../src/runtime/provider/framework/resource';
import { box } from './box';
import type { Shelf } from './box';

const shelf: DataSource<Shelf> = {
  typeName: 'toy_shelf',
  description: 'What is on the shelf.',
  attributes: [
    { name: 'prefix', type: t.string, description: 'Only boxes that begin so.', optional: true },
    { name: 'names', type: t.list(t.string), description: 'Names of the boxes.', computed: true },
  ],
  read({ folder }, config) {
    const prefix = stringAt(config, 'prefix') ?? '';
    const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
    return { state: { names: names.filter((name) => name.startsWith(prefix)).sort() } };
  },
};

export const toyProvider: Provider<Shelf> = {
  attributes: [
    { name: 'folder', type: t.string, description: 'Folder of the objects.', required: true },
    { name: 'password', type: t.string, description: 'Any but "wrong".', optional: true, sensitive: true },
  ],
  resources: [box],
  dataSources: [shelf],
  configure(config) {
    if (config.password === 'wrong') throw new Error('The password was refused\nGive another one.');
    return { folder: stringAt(config, 'folder') ?? '' };
  },
};
