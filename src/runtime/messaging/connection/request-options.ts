import type { WaitOptions } from '../../connection/waiting';
import { assertOptions, optionNames } from './option-names';
import { assertIsObject, assertNoProblems, signalProblem, wholeNumberProblem } from './option-checks';

/** What every call that asks the broker for something takes. */
export interface RequestOptions extends WaitOptions {
  /** How often a request is sent again after it was not answered in time, 0 to 1000. Default 5, so 6 tries at most. */
  readonly timeoutRetries?: number | undefined;
}

const MOST_RETRIES = 1000;

/** What is wrong with these options, among others that a call may have. @internal */
export function requestProblems({ timeoutRetries, signal }: RequestOptions): (string | undefined)[] {
  return [
    timeoutRetries === undefined
      ? undefined
      : wholeNumberProblem('timeoutRetries', timeoutRetries, 0, MOST_RETRIES),
    signalProblem(signal),
  ];
}

/** @throws ValidationError with every problem. @internal */
export function assertRequestOptions(attempted: string, options: RequestOptions): void {
  assertIsObject(attempted, options);
  assertOptions(attempted, options, optionNames.request, () =>
    assertNoProblems(attempted, requestProblems(options)),
  );
}
