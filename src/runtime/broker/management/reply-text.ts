import { errorText } from '../../../model/errors';
import { isJetStreamRefusal } from '../../connection/jetstream-requests';
import { isDecodeError } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import { Refusal, ServerFailure } from '../objects/errors';

/** The words in which a client hears of an error. Errors that nobody expected also go to the log. */
export function errorReplyText({ log }: Pick<BrokerContext, 'log'>, error: unknown): string {
  // A Memphis broker passes on the words of JetStream, with their code.
  if (isJetStreamRefusal(error)) return error.found;
  const isExpected = error instanceof Refusal || error instanceof ServerFailure || isDecodeError(error);
  if (isExpected) return error.message;
  log(`a request failed: ${error instanceof Error ? (error.stack ?? error.message) : errorText(error)}`);
  return `the local broker failed: ${errorText(error)}`;
}
