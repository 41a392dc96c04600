import type { FieldFacts } from './field';
import { internalName } from './names';
import { stationFields } from './station';
import { fieldProblem, shownValue } from './validation';

/** One parameter of a function. */
export interface ParameterFacts {
  readonly name: string;
  readonly type: 'text' | 'integer';
  readonly description: string;
  /** What is wrong with an argument, in a sentence with the valid values; undefined when nothing is. */
  readonly problem: (value: unknown) => string | undefined;
}

/** A function that Terraform offers as `provider::memphis::NAME`, and constructs as one of `MemphisFunctions`. */
export interface FunctionFacts {
  /** In Terraform's words: `internal_name`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly ParameterFacts[];
  readonly returns: 'text' | 'integer';
  /** Called with arguments of the types of the parameters and without problems. */
  readonly compute: (...values: readonly (string | number)[]) => string | number;
}

/** A parameter whose arguments are checked like the values of a field. */
function parameterLike(name: string, field: FieldFacts, description: string): ParameterFacts {
  return {
    name,
    type: field.type === 'integer' ? 'integer' : 'text',
    description,
    problem: (value) => fieldProblem(name, value, { ...field, required: true }),
  };
}

/** The partition that a key leads to. */
export const partitionForKeyFunction = {
  name: 'partition_for_key',
  summary: 'The number of the partition that holds the messages with a partition key',
  description:
    'Computes the number, counted from 1, of the partition to which producers send the messages with a partition key. It is the number that this client and the official clients for Python and Go compute (MurmurHash3 of the UTF-8 bytes with the seed 31). memphis-dev for Node.js takes the partition before it, and none for the first.',
  parameters: [
    {
      name: 'key',
      type: 'text',
      description: 'The partition key, as producers give it. Every string is a key, the empty one too.',
      problem: (value) =>
        typeof value === 'string' ? undefined : `key is ${shownValue(value)}; it must be a string`,
    },
    parameterLike(
      'partitions',
      stationFields.partitionsNumber,
      'The number of partitions of the station, such as `memphis_station.orders.partitions_number`.',
    ),
  ],
  returns: 'integer',
  compute: (key: string | number, partitions: string | number) => {
    // The hash is a package of its own, which a provider needs when a configuration calls the function.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- stays lazy in a bundle too
    const { partitionForKey } = require('./partition-key') as typeof import('./partition-key');
    return partitionForKey(String(key), Number(partitions));
  },
} as const satisfies FunctionFacts;

/** What a station is called inside the broker. */
export const internalNameFunction = {
  name: 'internal_name',
  summary: 'The name of a station or consumer group inside the broker',
  description:
    'Writes a name the way streams, subjects and durable consumers contain it: in lower case, with `#` for each dot. The stream of a partition is this name, a dollar sign and the number of the partition: `orders#eu$1` for the first partition of `orders.eu`.',
  parameters: [parameterLike('name', stationFields.name, 'The name of a station or of a consumer group.')],
  returns: 'text',
  compute: (name: string | number) => internalName(String(name)),
} as const satisfies FunctionFacts;

/** Every function of the provider. */
export const functionTable: readonly FunctionFacts[] = [partitionForKeyFunction, internalNameFunction];
