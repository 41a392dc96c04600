import { nameProblem } from '../../../model/names';
import {
  assertIsObject,
  assertNoProblems,
  attemptedWith,
  flagProblem,
  nameOptionProblem,
} from '../connection/option-checks';
import type { RequestOptions } from '../connection/request-options';
import { requestProblems } from '../connection/request-options';

/** Which producer to make. */
export interface ProducerOptions extends RequestOptions {
  /** Station to send to; one that does not exist is made by the broker with its defaults. */
  readonly stationName: string;
  /** Name of the producer; upper and lower case are the same. */
  readonly producerName: string;
  /**
   * Adds `_` and 8 random hex digits to the name. Default false.
   * @deprecated Give each producer a name of its own instead.
   */
  readonly generateRandomSuffix?: boolean | undefined;
}

/** The same with one station or several. */
type AnyProducerOptions = Omit<ProducerOptions, 'stationName'> & {
  readonly stationName: string | readonly string[];
};

/**
 * Checks which producer is to be made, for one station or a list of them.
 * @param name the name, with the random suffix if one was asked for.
 * @throws ValidationError with every problem.
 * @internal
 */
export function assertProducerOptions(options: AnyProducerOptions, name?: string): void {
  assertIsObject('create a producer', options);
  assertNoProblems(producerAttempt(options), producerProblems(options, name));
}

/** What a call attempts that makes a producer. @internal */
export function producerAttempt(options: unknown): string {
  return attemptedWith(options, [
    ['create the producer', 'producerName'],
    ['on station', 'stationName'],
  ]);
}

/** What is wrong with them, among others that a call may have. @internal */
export function producerProblems(options: AnyProducerOptions, name?: string): (string | undefined)[] {
  const { stationName, producerName } = options;
  return [
    ...stationProblems(stationName),
    typeof producerName === 'string' && name !== undefined
      ? nameProblem('Producer', name)
      : nameOptionProblem('Producer', 'producerName', producerName),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the option keeps working
    flagProblem('generateRandomSuffix', options.generateRandomSuffix),
    ...requestProblems(options),
  ];
}

function stationProblems(stationName: unknown): (string | undefined)[] {
  if (!Array.isArray(stationName)) return [nameOptionProblem('Station', 'stationName', stationName)];
  if (stationName.length === 0) return ['stationName is an empty list'];
  // Not by map, which leaves out the holes of a list.
  return Array.from(stationName, (name: unknown, index) =>
    nameOptionProblem('Station', `stationName[${index}]`, name),
  );
}
