import type { Direction } from '../../model/schema-compatibility';
import { canonicalContent } from '../canonical';
import type { SchemaDefinition } from '../compile';
import { avroMismatches } from './avro';
import { graphqlMismatches } from './graphql';
import { jsonMismatches } from './json';
import { protobufMismatches } from './protobuf';

/** The parts of a schema that say what its messages are. */
export type ComparedSchema = Pick<SchemaDefinition, 'type' | 'content' | 'messageStructName'>;

/**
 * Why a changed schema is not compatible with a former version of it; empty when it is. Each text begins with the place
 * in the schema.
 * @param direction `backward`: the new schema reads messages of the former one; `forward`: the other way round
 */
export function compatibilityProblems(
  direction: Direction,
  former: ComparedSchema,
  changed: ComparedSchema,
): readonly string[] {
  return direction === 'backward' ? mismatches(changed, former) : mismatches(former, changed);
}

/**
 * What in the messages of one schema another one cannot read.
 * @param reader the schema of the consumers
 * @param writer the schema that the messages were made with
 */
function mismatches(reader: ComparedSchema, writer: ComparedSchema): readonly string[] {
  if (reader.type !== writer.type)
    return [`type: ${reader.type} is expected, and the messages are ${writer.type}`];
  if (isSame(reader, writer)) return [];
  switch (reader.type) {
    case 'avro':
      return avroMismatches(reader.content, writer.content);
    case 'json':
      return jsonMismatches(reader.content, writer.content);
    case 'protobuf':
      return protobufMismatches(reader, writer);
    case 'graphql':
      return graphqlMismatches(reader.content, writer.content);
  }
}

function isSame(one: ComparedSchema, other: ComparedSchema): boolean {
  const { type } = one;
  const hasSameMessage = (one.messageStructName ?? '') === (other.messageStructName ?? '');
  return hasSameMessage && canonicalContent(type, one.content) === canonicalContent(type, other.content);
}
