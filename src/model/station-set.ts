import type { DeclarationOf } from './field';
import { fieldNames, textField } from './field';
import { MAX_SCHEMA_NAME_BYTES, externalName } from './names';
import { stationFields } from './station';

/** Carrying messages to a replaced or renamed station is for a `Station` of its own. */
const {
  name: _name,
  owner: _owner,
  onReplace: _onReplace,
  moveFrom: _moveFrom,
  ...stationOptions
} = stationFields;

/**
 * What a set of stations says for all of its stations, and for each that differs: everything that a station says but its
 * name, and the schema that it enforces.
 */
export const stationOptionFields = {
  ...stationOptions,
  schemaName: textField({
    names: 'Schema',
    maximumBytes: MAX_SCHEMA_NAME_BYTES,
    description: 'Name of the schema that the messages of the station must fit. It must exist first.',
    absent: 'no schema is attached by the set',
    change: { how: 'policy' },
  }),
} as const;

/** The options of the stations of a set, and of each that differs. */
export type StationOptions = DeclarationOf<typeof stationOptionFields>;

/** The name of an option. */
export type StationOption = keyof typeof stationOptionFields;

export const stationOptionNames: readonly StationOption[] = fieldNames(stationOptionFields);

/** The options that a station leaves out by an empty string, although the set says them for all. */
export const revocableOptions: readonly StationOption[] = ['dlsStation', 'schemaName'];

/**
 * The options of one station of a set: its own, and those of the set for the rest. A limit belongs to its kind of
 * retention, and a dead-letter station has no dead-letter station of its own.
 * @param called the names of the options in the objects; default: those of the model
 * @returns the options that are given, under the same names
 */
export function optionsOfMember<V>(
  name: string,
  common: Readonly<Record<string, V>>,
  own: Readonly<Record<string, V>> | undefined,
  called: (option: StationOption) => string = (option) => option,
): Record<string, V> {
  const [type, limit, dls] = [called('retentionType'), called('retentionValue'), called('dlsStation')];
  const inherits = (key: string): boolean => {
    if (key === limit)
      return !isGiven(own?.[type]) || own?.[type] === (common[type] ?? stationFields.retentionType.default);
    const target = common[key];
    return key !== dls || typeof target !== 'string' || externalName(target) !== externalName(name);
  };
  const options: Record<string, V> = {};
  for (const option of stationOptionNames) {
    const key = called(option);
    const value = own?.[key] ?? (inherits(key) ? common[key] : undefined) ?? undefined;
    if (value !== undefined) options[key] = value;
  }
  return options;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
