import { App, TerraformStack, Testing } from 'cdktf';
import { MemphisProvider, Schema, SchemaEnforcement, Station } from '../../src';

function stackOf(count: number): TerraformStack {
  const stack = new TerraformStack(Testing.app(), 'many');
  new MemphisProvider(stack, 'memphis');
  new Schema(stack, 'order', { name: 'order', type: 'json', content: '{}' });
  for (let index = 0; index < count; index += 1)
    new Station(stack, `s${index}`, {
      name: `s${index}`,
      schemaName: 'order',
      ...(index === 0 ? {} : { dlsStation: 's0' }),
    });
  return stack;
}

/** How often the tree of a stack is walked as a whole. */
function walksOf(count: number): number {
  const stack = stackOf(count);
  const walk = jest.spyOn(stack.node, 'findAll');
  App.of(stack).synth();
  return walk.mock.calls.length;
}

test('the tree is walked as often for many stations as for few', () => {
  const few = walksOf(10);
  expect(few).toBeGreaterThan(0);
  expect(walksOf(60)).toBe(few);
});

test('an object that is declared, renamed or removed after others were looked up counts', () => {
  const stack = stackOf(2);
  const problems = (): string => {
    const all = stack.node.findAll().flatMap(({ node }) => node.validate());
    return all.join('\n');
  };
  expect(problems()).toBe('');
  const again = new Station(stack, 'again', { name: 'other' });
  expect(problems()).toBe('');
  again.change('name', 'S1');
  expect(problems()).toContain('"many/s1" declares already');
  stack.node.tryRemoveChild('s1');
  expect(problems()).toBe('');
  new SchemaEnforcement(stack, 'twice', { station: 's1', schema: 'order' });
  new SchemaEnforcement(stack, 'thrice', { station: 's1', schema: 'order' });
  expect(problems()).toContain('gets a schema here and at "many/twice"');
});
