import { ValidationError } from '../../../model/errors';
import { shownOption, textProblem } from '../connection/option-checks';
import { internalName, partitionStream, partitionSubject } from '../../../model/names';
import { keyIndex } from '../../../model/partition-key';

/** One partition of a station as clients address it. */
export interface Partition {
  /** Counted from 1; 0 for a station without partitions, which a plain NATS client made. */
  readonly number: number;
  readonly stream: string;
  /** Where messages of this partition are published. */
  readonly subject: string;
}

/** Which partition a caller wants; both left out means the next one in turn. */
export interface PartitionChoice {
  /** Every text is a key, the empty one too. The same key always leads to the same partition. */
  readonly key: string | undefined;
  /** 1 or more; 0 and less, like absence, mean that none is wanted. */
  readonly number: number | undefined;
}

/** Said of a wish for a key and for a number. */
const BOTH_GIVEN = 'Can not use both partition number and partition key';

/** Said of a number that is none of a station's. */
function outOfRange(number: number, partitions: readonly Partition[]): string {
  const numbers = partitions.map((partition) => partition.number).join(', ');
  return `Partition number is out of range: ${number} is none of ${numbers}`;
}

/** The partitions of a station, from the list that the broker sends with each registration. */
export function stationPartitions(station: string, list: readonly number[]): readonly Partition[] {
  if (list.length === 0) {
    const stream = internalName(station);
    return [{ number: 0, stream, subject: partitionSubject(stream) }];
  }
  return list.map((number) => {
    const stream = partitionStream(station, number);
    return { number, stream, subject: partitionSubject(stream) };
  });
}

/**
 * Chooses among the partitions of a station; without a wish it takes them in turn. Each producer and each consumer
 * has its own, so that their turns do not depend on each other.
 */
export class PartitionSelector {
  readonly partitions: readonly Partition[];
  readonly #byNumber: ReadonlyMap<number, Partition>;
  readonly #attempted: string;
  #next = 0;

  /** @param station its name, for errors */
  constructor(station: string, partitions: readonly Partition[]) {
    this.#attempted = `choose a partition of station "${station}"`;
    this.partitions = partitions;
    this.#byNumber = new Map(partitions.map((partition) => [partition.number, partition]));
  }

  /** @throws ValidationError if key and number are both given, or the number is not that of a partition. */
  select(choice: PartitionChoice): Partition {
    return this.fixed(choice) ?? this.#inTurn();
  }

  /** The partition that a wish leads to; undefined when there is no wish. Takes no turn. */
  fixed({ key, number }: PartitionChoice): Partition | undefined {
    const wanted = number !== undefined && number !== 0 && !(number < 0) ? number : undefined;
    if (key !== undefined && wanted !== undefined) {
      throw new ValidationError(this.#attempted, [BOTH_GIVEN]);
    }
    if (wanted !== undefined) return this.#numbered(wanted);
    if (key === undefined) return undefined;
    return this.#at(keyIndex(key, this.partitions.length));
  }

  #numbered(number: number): Partition {
    const found = this.#byNumber.get(number);
    if (found !== undefined) return found;
    throw new ValidationError(this.#attempted, [outOfRange(number, this.partitions)]);
  }

  #inTurn(): Partition {
    const partition = this.#at(this.#next);
    this.#next = (this.#next + 1) % this.partitions.length;
    return partition;
  }

  #at(index: number): Partition {
    const partition = this.partitions[index];
    if (partition === undefined) throw new RangeError(`no partition at index ${index}`);
    return partition;
  }
}

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
  if (typeof number !== 'number') return `${name} is ${shownOption(number)}; it must be a whole number`;
  if (!Number.isInteger(number)) {
    return `Partition number is out of range: ${number} is not a whole number (${name})`;
  }
  if (partitions === undefined || number <= 0) return undefined;
  if (partitions.some((partition) => partition.number === number)) return undefined;
  return outOfRange(number, partitions);
}
