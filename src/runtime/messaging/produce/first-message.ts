import type { ProduceOptions } from './produce-options';
import { produceProblems } from './produce-options';
import type { ProducerOptions } from './producer-options';
import { producerProblems } from './producer-options';
import { assertNoProblems } from '../connection/checks/assert-options';
import { attemptedOn } from '../connection/checks/shown-value';
import { messageProblem, payloadProblem } from '../station/payload';

/**
 * Checks a message for which a producer, and perhaps its station, has to be made first, so that nothing is made for one
 * that is refused afterwards.
 * @param stationExists asked only for a message that needs a schema; a station that is made for it would have none.
 * @returns a promise when the broker has to be asked.
 * @throws ValidationError with every problem.
 * @internal
 */
export function assertFirstMessage(
  producer: ProducerOptions,
  options: ProduceOptions,
  stationExists: () => Promise<boolean>,
): Promise<void> | undefined {
  const attempted = attemptedOn('produce to station', producer.stationName);
  const { message } = options as { readonly message: unknown };
  const problems = [...producerProblems(producer), ...produceProblems(options)];
  assertNoProblems(attempted, [...problems, messageProblem(message)]);
  const withoutSchema = payloadProblem(message);
  if (withoutSchema === undefined) return undefined;
  return stationExists().then((exists) => {
    if (!exists) assertNoProblems(attempted, [withoutSchema]);
  });
}
