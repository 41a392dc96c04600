import { errorText } from '../../../model/errors';
import { isDecodeError } from '../go/struct-decoder';
import { JetStreamError } from '../jetstream/api';
import type { BrokerContext } from '../objects/context';
import { Refusal, ServerFailure } from '../objects/errors';

/** The words in which a client hears of an error. Errors that nobody expected also go to the log. */
export function textOf({ log }: Pick<BrokerContext, 'log'>, error: unknown): string {
  const isExpected =
    error instanceof Refusal ||
    error instanceof ServerFailure ||
    error instanceof JetStreamError ||
    isDecodeError(error);
  if (isExpected) return error.message;
  log(`a request failed: ${error instanceof Error ? (error.stack ?? error.message) : errorText(error)}`);
  return `the local broker failed: ${errorText(error)}`;
}
