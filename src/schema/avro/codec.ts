import type { SchemaCodec } from '../compiled-schema';
import { MessageProblem } from '../compiled-schema';
import { bytesOfText, givenBytes, jsonTextOf, jsonValueOf } from '../message-bytes';
import { datumProblem } from './datum';
import type { AvroType } from './type';

const EXPECTING = 'Expecting Avro format';

/** Checks of messages against an Avro schema. Messages travel as JSON text, never in Avro's binary form. */
export function avroCodec(type: AvroType): SchemaCodec {
  return {
    wireBytes: (message) =>
      givenBytes(message) ??
      bytesOfText(typeof message === 'string' ? message : jsonTextOf(message, bytesAsCodePoints)),
    read(bytes) {
      const value = jsonValueOf(bytes, EXPECTING);
      let problem: string | undefined;
      try {
        problem = datumProblem(type, value);
      } catch {
        throw new MessageProblem('the message is nested too deep to be checked');
      }
      if (problem !== undefined) throw new MessageProblem(problem);
      return value;
    },
  };
}

/** Bytes inside of an object as Avro's JSON encoding writes them. A Buffer would write itself as an object. */
function bytesAsCodePoints(this: unknown, key: string, value: unknown): unknown {
  const given = (this as Readonly<Record<string, unknown>>)[key];
  return given instanceof Uint8Array ? Buffer.from(given).toString('latin1') : value;
}
