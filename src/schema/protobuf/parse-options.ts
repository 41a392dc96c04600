import type { Enum, Type } from 'protobufjs';
import { protobufDescriptorPackage } from '../codec-packages';
import type { Options } from './descriptor-types';
import type { TokenReader } from './token-reader';
import type { Token } from './tokens';

/** The parts of a file that have options of their own. */
export type OptionsOf =
  | 'FileOptions'
  | 'MessageOptions'
  | 'FieldOptions'
  | 'OneofOptions'
  | 'EnumOptions'
  | 'EnumValueOptions'
  | 'ServiceOptions'
  | 'MethodOptions'
  | 'ExtensionRangeOptions';

/** An option as it is written: its name and the tokens of its value. */
export interface WrittenOption {
  readonly name: string;
  readonly place: Token;
  readonly value: Token;
  readonly negative: boolean;
  /** Of a string, all tokens put together. */
  readonly bytes: Buffer | undefined;
}

/** Reads `name = value`. */
function readOption(reader: TokenReader): WrittenOption {
  const place = reader.next;
  if (reader.sees('(')) {
    // Options of one's own extend a file that would have to be imported, and imports never work.
    reader.take();
    reader.fail(place, `unknown option (${reader.dottedName(true)})`);
  }
  const name = reader.dottedName(false);
  reader.expect('=');
  const negative = reader.takeIf('-');
  const value = reader.next;
  if (value.kind === 'string' && !negative) return { name, place, value, negative, bytes: reader.bytes() };
  if (value.kind !== 'name' && value.kind !== 'integer' && value.kind !== 'float')
    reader.unexpected('a value');
  reader.take();
  return { name, place, value, negative, bytes: undefined };
}

/** Reads `option name = value;` behind the word `option`. */
export function readOptionStatement(
  reader: TokenReader,
  of: OptionsOf,
  options: Options | undefined,
): Options {
  const option = readOption(reader);
  reader.expect(';');
  return withOption(reader, of, options ?? {}, option);
}

/** Reads `[name = value, …]` if it is there. */
export function readOptionList(reader: TokenReader): WrittenOption[] {
  const options: WrittenOption[] = [];
  if (!reader.takeIf('[')) return options;
  do options.push(readOption(reader));
  while (reader.takeIf(','));
  reader.expect(']');
  return options;
}

/** The options of a list, each checked. */
export function optionsOfList(
  reader: TokenReader,
  of: OptionsOf,
  list: readonly WrittenOption[],
): Options | undefined {
  return list.reduce<Options | undefined>(
    (all, option) => withOption(reader, of, all ?? {}, option),
    undefined,
  );
}

const notOfBroker: ReadonlySet<string> = new Set([
  'debugRedact',
  'deprecatedLegacyJsonFieldConflicts',
  'editionDefaults',
  'features',
  'featureSupport',
  'mapEntry',
  'retention',
  'targets',
  'uninterpretedOption',
  'unverifiedLazy',
]);

function withOption(reader: TokenReader, of: OptionsOf, options: Options, option: WrittenOption): Options {
  const { [of]: known } = protobufDescriptorPackage() as unknown as Readonly<Record<OptionsOf, Type>>;
  const key = option.name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const field = Object.hasOwn(known.fields, key) ? known.fields[key]?.resolve() : undefined;
  // The broker's descriptors are older than those of this package: they have this one still, …
  if (
    of === 'FileOptions' &&
    option.name === 'php_generic_services' &&
    /^(true|false)$/.test(option.value.text)
  ) {
    return options;
  }
  // … and not yet these.
  if (field === undefined || notOfBroker.has(key)) {
    reader.fail(option.place, `unknown option ${option.name}`);
  }
  if (Object.hasOwn(options, key)) reader.fail(option.place, `option ${option.name} is set twice`);
  const value = optionValue(option, field.type, field.resolvedType as Enum | null);
  if (value === undefined) reader.fail(option.value, `wrong value of option ${option.name}`);
  return { ...options, [key]: value };
}

function optionValue(option: WrittenOption, type: string, values: Enum | null): Options[string] | undefined {
  const { kind, text } = option.value;
  if (option.negative) return undefined;
  if (type === 'string') return option.bytes?.toString('utf8');
  if (kind !== 'name') return undefined;
  if (type === 'bool') return text === 'true' || (text === 'false' ? false : undefined);
  return values !== null && Object.hasOwn(values.values, text) ? values.values[text] : undefined;
}
