import { PROVIDER_TYPE } from '../model/provider-address';
import { ValidationError } from '../model/errors';
import type { FunctionFacts } from '../model/functions';
import { internalNameFunction, partitionForKeyFunction } from '../model/functions';
import { Token, isUnresolved, providerFunctionCall } from './framework';

/**
 * Functions of the Memphis provider. With arguments that are known at synth they give a plain value. With a token, such as
 * an attribute of another resource, they give a token that the provider computes; that needs Terraform 1.8 or OpenTofu 1.7.
 *
 * @example
 * const orders = new Station(this, 'orders', { name: 'orders', partitionsNumber: 3 });
 * new TerraformOutput(this, 'partition', { value: MemphisFunctions.partitionForKey('customer-7', 3) });
 * new TerraformOutput(this, 'stream', { value: `${MemphisFunctions.internalName(orders.name)}$1` });
 */
export class MemphisFunctions {
  private constructor() {
    // Static methods only.
  }

  /**
   * The number, counted from 1, of the partition to which producers send the messages with a partition key.
   * @param key the key as producers give it; every string is a key, the empty one too
   * @param partitions number of partitions of the station
   * @throws ValidationError for arguments that are not valid
   */
  static partitionForKey(key: string, partitions: number): number {
    const result = resultOf('partitionForKey', partitionForKeyFunction, [key, partitions]);
    return Token.asNumber(result);
  }

  /**
   * The name of a station or consumer group inside the broker: in lower case, with `#` for each dot. The stream of a
   * partition is this name, a dollar sign and the number of the partition.
   * @param name name of a station or consumer group
   * @throws ValidationError for a name that is not valid
   */
  static internalName(name: string): string {
    return Token.asString(resultOf('internalName', internalNameFunction, [name]));
  }
}

function resultOf(
  method: string,
  { name, parameters, compute }: FunctionFacts,
  values: readonly (string | number)[],
): unknown {
  const problems = parameters.flatMap(({ problem }, index) => {
    const value = values[index];
    return (isUnresolved(value) ? undefined : problem(value)) ?? [];
  });
  if (problems.length > 0) throw new ValidationError(`call MemphisFunctions.${method}`, problems);
  return values.some(isUnresolved) ? providerFunctionCall(PROVIDER_TYPE, name, values) : compute(...values);
}
