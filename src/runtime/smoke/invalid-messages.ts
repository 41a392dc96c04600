import { SchemaValidationError } from '../../model/errors';
import type { InvalidMessage, JsonValue, SmokeTestSpec } from '../../model/smoke-test';
import type { Producer } from '../messaging';
import { sampleMessage } from './messages';
import type { SmokeExpectation } from './result';
import { ExpectationFailed } from './steps';

/** All messages of a test that the schema must reject. */
export function invalidMessagesOf({ invalidSample, invalidMessages = [] }: SmokeTestSpec): InvalidMessage[] {
  return [...(invalidSample === undefined ? [] : [{ message: invalidSample }]), ...invalidMessages];
}

/**
 * Checks that the schema of a station rejects messages, each for the reason that is expected.
 * @param judged is told of each
 * @returns the reasons.
 * @throws ExpectationFailed for the first that is accepted, or rejected for another reason.
 */
export function checkRejections(
  messages: readonly InvalidMessage[],
  producer: Producer,
  station: string,
  judged: (expectation: SmokeExpectation) => void,
): string[] {
  return messages.map(({ message, reason }, index) => {
    const which = messages.length === 1 ? 'the invalid sample' : `invalid message ${index + 1}`;
    const found = rejection(producer, message);
    const isMet = found?.includes(reason ?? '') ?? false;
    judged({
      what: `${which} is rejected`,
      expected: reason === undefined ? 'a rejection' : `a rejection with "${reason}"`,
      seen: found ?? 'it is accepted',
      isMet,
    });
    if (found === undefined) {
      const why = producer.schemaName === undefined ? 'no schema is enforced' : 'the schema allows it';
      throw new ExpectationFailed(`station "${station}" accepts ${which}: ${why}`);
    }
    if (!isMet) {
      throw new ExpectationFailed(`${which} is rejected for another reason than "${reason}": ${found}`);
    }
    return found;
  });
}

/** Why the schema rejects a message; it is checked only: producing it would leave a dead letter behind. */
function rejection(producer: Producer, message: JsonValue): string | undefined {
  try {
    producer.validate(sampleMessage(message, producer.schemaName));
    return undefined;
  } catch (error) {
    if (error instanceof SchemaValidationError) return error.found;
    throw error;
  }
}
