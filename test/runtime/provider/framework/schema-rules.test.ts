import type { Attribute } from '../../../../src/runtime/provider/framework/attribute';
import type { Resource } from '../../../../src/runtime/provider/framework/resource';
import { providerDefects } from '../../../../src/runtime/provider/framework/schema-rules';
import { t } from '../../../../src/runtime/provider/cty/type';
import type { Values } from '../../../../src/runtime/provider/cty/value';
import { UNKNOWN } from '../../../../src/runtime/provider/cty/value';
import { providerOf } from './host';

const resourceOf = (attributes: readonly Attribute[]): Resource<Values> => ({
  typeName: 'x',
  schemaVersion: 0,
  description: '',
  attributes,
  read: (_client, state) => ({ state }),
  create: (_client, { planned }) => ({ state: planned }),
  update: (_client, { planned }) => ({ state: planned }),
  delete: () => undefined,
});
const attribute = (parts: Partial<Attribute>): Attribute => ({
  name: 'a',
  type: t.string,
  description: '',
  ...parts,
});

test.each<[string, Partial<Attribute>]>([
  ['needs a name of lower case letters', { name: 'aB', optional: true }],
  ['has a name that Terraform keeps for itself', { name: 'lifecycle', optional: true }],
  ['is required, so it can be neither', { required: true, computed: true }],
  ['is neither required, optional nor computed', {}],
  ['has a default, so it has to be optional', { computed: true, default: 'x' }],
  ['has a default that is not a known value', { optional: true, default: UNKNOWN }],
  ['has a default of another type', { optional: true, default: 1 }],
  ['follows other attributes, but is not computed', { optional: true, follows: [] }],
  ['follows b, which does not exist', { computed: true, follows: ['b'] }],
  ['is write-only, so the provider can give it no value', { computed: true, writeOnly: { otherwise: '' } }],
  [
    'is write-only, so nothing shows that it changes',
    { optional: true, requiresReplace: true, writeOnly: { otherwise: '' } },
  ],
])('an attribute that %s is reported', (problem, parts) => {
  expect(providerDefects(providerOf(resourceOf([attribute(parts)])))).toEqual([
    expect.stringContaining(problem),
  ]);
});

test('two of one name, and changes that nothing carries out, are reported', () => {
  const withoutUpdate: Resource<Values> = {
    ...resourceOf([attribute({ optional: true }), attribute({ computed: true })]),
  };
  delete withoutUpdate.update;
  const provider = { ...providerOf(withoutUpdate), resources: [withoutUpdate, withoutUpdate] };
  const problems = providerDefects(provider);
  expect(problems).toContain('x is declared twice');
  expect(problems).toContain('x: attribute a is declared twice');
  expect(problems).toContain('x: attribute a can change in place, but the resource has no update');
});

test('a correct schema has no problems', () => {
  const attributes = [
    attribute({ name: 'a', required: true }),
    attribute({ name: 'b', optional: true, default: 'x' }),
    attribute({ name: 'c', computed: true, follows: ['a'] }),
  ];
  expect(providerDefects(providerOf(resourceOf(attributes)))).toEqual([]);
});
