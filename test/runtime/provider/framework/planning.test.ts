import type { Attribute } from '../../../../src/runtime/provider/framework/attribute';
import { propose } from '../../../../src/runtime/provider/framework/planning';
import { t } from '../../../../src/runtime/provider/cty/type';
import type { Values } from '../../../../src/runtime/provider/cty/value';
import { UNKNOWN } from '../../../../src/runtime/provider/cty/value';

const revised = ['name', 'size', 'note', 'tags', 'zone'];
const attributes: Attribute[] = [
  { name: 'name', type: t.string, description: '', required: true, requiresReplace: true },
  { name: 'size', type: t.number, description: '', optional: true, default: 10 },
  { name: 'note', type: t.string, description: '', optional: true },
  { name: 'tags', type: t.set(t.string), description: '', optional: true },
  { name: 'zone', type: t.string, description: '', optional: true, computed: true, requiresReplace: true },
  { name: 'uid', type: t.string, description: '', computed: true },
  { name: 'revision', type: t.number, description: '', computed: true, follows: revised },
  // Declared before what it follows, and following a follower.
  { name: 'digest', type: t.string, description: '', computed: true, follows: ['summary'] },
  { name: 'summary', type: t.string, description: '', computed: true, follows: ['note'] },
];
const prior = { name: 'a', size: 10, note: 'n', tags: ['x', 'y'], zone: 'z', uid: 'u', revision: 1, digest: 'd', summary: 's' }; // prettier-ignore
const config = { name: 'a', note: 'n', tags: ['y', 'x'] };

test('a create has defaults, unknowns where the provider decides, and null elsewhere', () => {
  expect(propose(attributes, { name: 'a' }, null)).toEqual({
    planned: {
      name: 'a',
      size: 10,
      note: null,
      tags: null,
      zone: UNKNOWN,
      uid: UNKNOWN,
      revision: UNKNOWN,
      digest: UNKNOWN,
      summary: UNKNOWN,
    },
    requiresReplace: [],
  });
});

test.each<[string, Values, Values, string[]]>([
  ['nothing changes: everything computed stays', config, { tags: ['y', 'x'] }, []],
  [
    'any change makes the revision unknown, and nothing that does not follow it',
    { ...config, size: 5 },
    { size: 5, revision: UNKNOWN },
    [],
  ],
  [
    'a change is passed on to followers of followers',
    { ...config, note: 'm' },
    { note: 'm', revision: UNKNOWN, summary: UNKNOWN, digest: UNKNOWN },
    [],
  ],
  [
    'a removed value without a default is null',
    { ...config, note: null },
    { note: null, revision: UNKNOWN, summary: UNKNOWN, digest: UNKNOWN },
    [],
  ],
  [
    'an unknown counts as a change',
    { ...config, note: UNKNOWN },
    { note: UNKNOWN, revision: UNKNOWN, summary: UNKNOWN, digest: UNKNOWN },
    [],
  ],
  [
    'an unknown inside of a set counts as a change',
    { ...config, tags: ['x', UNKNOWN] },
    { tags: ['x', UNKNOWN], revision: UNKNOWN },
    [],
  ],
  ['a new name replaces', { ...config, name: 'b' }, { name: 'b', revision: UNKNOWN }, ['name']],
  [
    'a name that is not known replaces',
    { ...config, name: UNKNOWN },
    { name: UNKNOWN, revision: UNKNOWN },
    ['name'],
  ],
  [
    'a computed value that the user takes over with another one replaces',
    { ...config, zone: 'y' },
    { zone: 'y', revision: UNKNOWN },
    ['zone'],
  ],
  ['a computed value that the user no longer gives stays', { ...config, zone: null }, {}, []],
])('%s', (_why, given, changed, requiresReplace) => {
  // prettier-ignore
  const proposal = propose(attributes, given, prior);
  expect(proposal.planned).toEqual({ ...prior, tags: ['y', 'x'], ...changed });
  expect(proposal.requiresReplace).toEqual(requiresReplace);
});

test('a removed value comes back to its default, not to what it was', () => {
  const { planned } = propose(attributes, config, { ...prior, size: 7 });
  expect(planned).toMatchObject({ size: 10, revision: UNKNOWN });
});
