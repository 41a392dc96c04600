import { shownValue } from '../connection/checks/shown-value';
import { textProblem } from '../connection/checks/text-problem';
import type { Partition } from './partition';
import { BOTH_GIVEN, outOfRange } from './partition';

/**
 * What is wrong with the wish for a partition.
 * @param owner the first word of the two options.
 * @param partitions those of the station, where they are known.
 */
export function partitionProblems(
  owner: 'producer' | 'consumer',
  key: unknown,
  number: unknown,
  partitions?: readonly Partition[],
): (string | undefined)[] {
  return [
    textProblem(`${owner}PartitionKey`, key),
    numberProblem(`${owner}PartitionNumber`, number, partitions),
    key !== undefined && typeof number === 'number' && number > 0 ? BOTH_GIVEN : undefined,
  ];
}

function numberProblem(
  name: string,
  number: unknown,
  partitions: readonly Partition[] | undefined,
): string | undefined {
  if (number === undefined) return undefined;
  if (typeof number !== 'number') return `${name} is ${shownValue(number)}; it must be a whole number`;
  if (!Number.isInteger(number)) {
    return `Partition number is out of range: ${number} is no whole number (${name})`;
  }
  if (partitions === undefined || number <= 0) return undefined;
  if (partitions.some((partition) => partition.number === number)) return undefined;
  return outOfRange(number, partitions);
}
