import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { t } from '../../../src/runtime/provider/cty/type';
import type { Values } from '../../../src/runtime/provider/cty/value';
import { numberAt, stringAt } from '../../../src/runtime/provider/cty/value';
import type { Attribute } from '../../../src/runtime/provider/framework/attribute';
import { diagnosticOf } from '../../../src/runtime/provider/framework/diagnostics';
import type { PlanAdjustment, PlanRequest, Resource } from '../../../src/runtime/provider/framework/resource';

/** Where the boxes are. */
export interface Shelf {
  readonly folder: string;
}

const attributes: readonly Attribute[] = [
  { name: 'name', type: t.string, description: 'Name.', required: true, requiresReplace: true },
  { name: 'content', type: t.string, description: 'Content.', optional: true, default: 'nothing' },
  { name: 'labels', type: t.set(t.string), description: 'Labels.', optional: true },
  { name: 'weight', type: t.number, description: 'Any number.', optional: true },
  { name: 'secret', type: t.string, description: 'Secret.', optional: true, sensitive: true },
  { name: 'locked', type: t.bool, description: 'Refuses to go.', optional: true, default: false },
  { name: 'breaks', type: t.bool, description: 'Fails half-way.', optional: true, default: false },
  { name: 'uid', type: t.string, description: 'Made up at creation.', computed: true },
  {
    name: 'revision',
    type: t.number,
    description: 'Counts the changes.',
    computed: true,
    follows: ['content', 'labels', 'weight', 'secret', 'locked', 'breaks'],
  },
  {
    name: 'length',
    type: t.number,
    description: 'Characters in the content.',
    computed: true,
    follows: ['content'],
  },
];

/** A box: create, update and so on do to a JSON file what a real resource does to a server. */
export const box: Resource<Shelf> = {
  typeName: 'toy_box',
  schemaVersion: 0,
  description: 'A box on a shelf.',
  attributes,
  validate: ({ content }) =>
    content === 'illegal' ? [diagnosticOf('Illegal content\nPut something else in.', 'content')] : [],
  read(shelf, state) {
    const file = fileOf(shelf, state);
    return { state: existsSync(file) ? load(file) : null };
  },
  plan,
  async create(shelf, { planned, private: kept }) {
    if (planned.content === 'slow') {
      writeFileSync(fileOf(shelf, { name: `${stringAt(planned, 'name') ?? ''}.begun` }), '');
      await pause(500);
    }
    console.log('noise on stdout, which has to be harmless');
    const state = { ...planned, uid: randomUUID(), revision: 1, length: lengthOf(planned) };
    writeFileSync(fileOf(shelf, planned), JSON.stringify({ ...state, plannedAs: kept.plannedAs }));
    return planned.breaks === true
      ? { state, diagnostics: [diagnosticOf('The box broke\nTake another one.')] }
      : { state, private: { createdWith: kept.plannedAs } };
  },
  update(shelf, { planned, prior }) {
    const state = { ...planned, revision: (numberAt(prior, 'revision') ?? 0) + 1, length: lengthOf(planned) };
    writeFileSync(fileOf(shelf, planned), JSON.stringify(state));
    return { state };
  },
  delete(shelf, { prior }) {
    if (stringAt(prior, 'content') === 'sticky') throw new Error('The box sticks\nPull harder.');
    rmSync(fileOf(shelf, prior), { force: true });
    return undefined;
  },
  import(shelf, id) {
    const file = fileOf(shelf, { name: id });
    return { state: existsSync(file) ? load(file) : null };
  },
};

/** Records what it was asked, refuses to let locked boxes go, and knows the length while planning. */
function plan({ action, prior, planned }: PlanRequest<Shelf>): PlanAdjustment {
  if ((action === 'delete' || action === 'replace') && prior?.locked === true) {
    return { diagnostics: [diagnosticOf('The box is locked\nUnlock it, deploy, then remove it.', 'locked')] };
  }
  if (planned?.content === 'unplannable') {
    return { diagnostics: [diagnosticOf('No such content\nChoose another one.', 'content')] };
  }
  if (planned?.content === 'odd') {
    const odd = { severity: 'warning' as const, summary: 'Odd content', attribute: 'content' };
    return { private: { plannedAs: action }, diagnostics: [odd] };
  }
  return { private: { plannedAs: action } };
}

function lengthOf(values: Values): number {
  return (stringAt(values, 'content') ?? '').length;
}

function fileOf(shelf: Shelf, values: Values): string {
  return join(shelf.folder, `${stringAt(values, 'name') ?? ''}.json`);
}

/** Only what the schema knows: the file also holds notes for the tests. */
function load(file: string): Values {
  const stored = JSON.parse(readFileSync(file, 'utf8')) as Values;
  const known = attributes.filter(({ name }) => name in stored);
  return Object.fromEntries(known.map(({ name }) => [name, stored[name] ?? null]));
}
