// Functions: what hosts see of them, and what they get back.
import { encodeValue, decodeValue } from '../../../../src/runtime/provider/cty/msgpack';
import { t } from '../../../../src/runtime/provider/cty/type';
import type { ProviderFunction } from '../../../../src/runtime/provider/framework/function';
import { ArgumentError } from '../../../../src/runtime/provider/framework/function';
import { providerDefects } from '../../../../src/runtime/provider/framework/schema-rules';
import { Host } from './host';

const repeat: ProviderFunction = {
  name: 'repeat',
  summary: 'Repeats.',
  description: 'Repeats **text**.',
  parameters: [
    { name: 'text', type: t.string, description: 'What.' },
    { name: 'times', type: t.number, description: 'How often.' },
  ],
  returns: t.list(t.string),
  call: ([text, times]) => {
    if (text === '') throw new ArgumentError(0, 'text is empty.');
    if (text === 'boom') throw new Error('it broke');
    return Array.from({ length: Number(times) }, () => text ?? null);
  },
};
const provider = { attributes: [], resources: [], functions: [repeat], configure: () => ({}) };
const host = new Host(provider);
const call = (name: string, text: string, times: number) =>
  host.call('CallFunction', {
    name,
    arguments: [{ msgpack: encodeValue(t.string, text) }, { msgpack: encodeValue(t.number, times) }],
  });

test('a function is in the schema, and in the answer to hosts that ask for functions alone', async () => {
  const { functions } = await host.call('GetProviderSchema', {});
  expect(functions).toMatchObject({
    repeat: { summary: 'Repeats.', description: 'Repeats **text**.', descriptionKind: 1 },
  });
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
  expect(functions.repeat?.parameters.map(({ name, type }) => [name, text(type)])).toEqual([
    ['text', '"string"'],
    ['times', '"number"'],
  ]);
  expect(text(functions.repeat?.return?.type)).toBe('["list","string"]');
  expect((await host.call('GetFunctions', {})).functions).toEqual(functions);
});

test('it computes without a configured provider', async () => {
  const { result, error } = await call('repeat', 'é', 2);
  expect(error).toBeUndefined();
  expect(decodeValue(repeat.returns, result?.msgpack ?? new Uint8Array())).toEqual(['é', 'é']);
});

test.each([
  [
    'an argument it cannot use, the first one too',
    'repeat',
    '',
    { text: 'text is empty.', functionArgument: 0 },
  ],
  ['any other failure', 'repeat', 'boom', { text: 'it broke', functionArgument: undefined }],
  ['a function that does not exist', 'other', 'x', { text: 'This provider has no function other.' }],
])('%s is an error of the call', async (_what, name, text, expected) => {
  const { result, error } = await call(name, text, 1);
  expect(result).toBeUndefined();
  expect(error).toMatchObject(expected);
});

test('names that Terraform would refuse are defects', () => {
  const wrong = { ...repeat, parameters: [...repeat.parameters, { ...repeat.parameters[0], name: 'text' }] };
  const functions = [repeat, { ...repeat, name: 'Repeat' }, wrong] as ProviderFunction[];
  expect(providerDefects({ ...provider, functions })).toEqual([
    'function repeat is declared twice',
    'function Repeat needs a name of lower case letters, digits and underscores',
    'function repeat: parameter text is declared twice',
  ]);
});
