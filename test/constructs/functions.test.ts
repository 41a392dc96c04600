import { TerraformOutput, TerraformVariable } from 'cdktf';
import { MemphisFunctions, Station, ValidationError } from '../../src';
import { synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

test('what is known at synth is computed there, and works with every version of Terraform', () => {
  expect(MemphisFunctions.partitionForKey('key', 3)).toBe(2);
  expect(MemphisFunctions.partitionForKey('', 3)).toBe(3);
  expect(MemphisFunctions.internalName('Orders.EU')).toBe('orders#eu');
});

test('what is known when deployed is left to the function of the provider', () => {
  const { output } = synthesised((stack) => {
    const orders = new Station(stack, 'orders', { name: 'orders', partitionsNumber: 3 });
    const count = new TerraformVariable(stack, 'count', { type: 'number' });
    const values = {
      stream: `${MemphisFunctions.internalName(orders.name)}$1`,
      number: MemphisFunctions.partitionForKey('a "b" \\ %{d}\n', count.numberValue),
      mixed: MemphisFunctions.partitionForKey(`user-${count.stringValue}`, 3),
      written: MemphisFunctions.internalName('${var.name}.eu'),
    };
    for (const [name, value] of Object.entries(values)) new TerraformOutput(stack, name, { value });
  }) as unknown as { output: Record<string, { value: string }> };
  expect(Object.fromEntries(Object.entries(output).map(([name, { value }]) => [name, value]))).toEqual({
    stream: '${provider::memphis::internal_name(memphis_station.orders.name)}$1',
    number: '${provider::memphis::partition_for_key("a \\"b\\" \\\\ %%{d}\\n", var.count)}',
    mixed: '${provider::memphis::partition_for_key("user-${var.count}", 3)}',
    written: '${provider::memphis::internal_name("${var.name}.eu")}',
  });
});

test.each<[string, () => unknown, string]>([
  ['a number of partitions', () => MemphisFunctions.partitionForKey('a', 0), 'partitions is 0; it must be a whole number from 1 to 10000'], // prettier-ignore
  ['a key', () => MemphisFunctions.partitionForKey(5 as never, 1), 'key is 5; it must be a string'],
  ['a name', () => MemphisFunctions.internalName('a b'), 'name is "a b"; it must be a station name'],
])('%s that is not valid is an error at once', (_what, call, problem) => {
  expect(call).toThrow(ValidationError);
  expect(call).toThrow(problem);
});
