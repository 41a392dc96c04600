import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Resource, Values } from '../../../src/runtime/provider/framework/index';
import { stringAt, t } from '../../../src/runtime/provider/framework/index';

/** Where the boxes are. */
export interface Shelf {
  readonly folder: string;
}

const fileOf = (shelf: Shelf, values: Values) => join(shelf.folder, `${stringAt(values, 'name') ?? ''}.json`);
const load = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Values;

export const box: Resource<Shelf> = {
  typeName: 'toy_box',
  schemaVersion: 0,
  description: 'A box on a shelf.',
  attributes: [
    { name: 'name', type: t.string, description: 'Name.', required: true, requiresReplace: true },
    { name: 'content', type: t.string, description: 'Content.', optional: true, default: 'nothing' },
    { name: 'uid', type: t.string, description: 'Made up at creation.', computed: true },
  ],
  read(shelf, state) {
    const file = fileOf(shelf, state);
    return { state: existsSync(file) ? load(file) : null };
  },
  create(shelf, { planned }) {
    const state = { ...planned, uid: randomUUID() };
    writeFileSync(fileOf(shelf, planned), JSON.stringify(state));
    return { state };
  },
  update(shelf, { planned }) {
    writeFileSync(fileOf(shelf, planned), JSON.stringify(planned));
    return { state: planned };
  },
  delete(shelf, { prior }) {
    rmSync(fileOf(shelf, prior), { force: true });
    return undefined;
  },
};
