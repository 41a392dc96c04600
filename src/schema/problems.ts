import { readAvroSchema } from './avro/content';
import type { ContentProblem } from './content-problem';
import { readGraphqlSchema } from './graphql/content';
import { readJsonSchema } from './json/content';
import { readProtoFile } from './protobuf/content';
import { START, withPlace } from './text-place';
import type { SchemaType } from '../model/schema-type';

/**
 * What the broker (Memphis 1.4.4) would say about a schema content. The text before the first colon is the broker's
 * own; details after it may be worded differently.
 *
 * It is stricter than the broker in two ways: a protobuf file without any message is refused, because it crashes a
 * broker; and so are contents that the broker stores but no client can read (a field, symbol or type declared twice).
 * @returns undefined if the broker would accept the content.
 */
export function schemaContentProblem(type: SchemaType, content: string): string | undefined {
  if (content === '') return 'your schema content is invalid';
  const [problem] = contentProblems(type, content);
  return problem === undefined ? undefined : prefixes[type] + problem.broker;
}

/** What the broker puts in front of what its parsers say. */
const prefixes: Readonly<Record<SchemaType, string>> = {
  json: '',
  avro: 'your Avro file is invalid: avro: ',
  protobuf: 'your Proto file is invalid: ',
  graphql: '',
};

/**
 * Everything that is wrong with a schema content, for the person who wrote it: with line and column, and in
 * JSON the path. Empty exactly when `schemaContentProblem` has nothing to say.
 */
export function schemaProblems(type: SchemaType, content: string): string[] {
  if (content === '') return [withPlace('the schema is empty', START)];
  return contentProblems(type, content).map(({ person }) => person);
}

function contentProblems(type: SchemaType, content: string): readonly ContentProblem[] {
  switch (type) {
    case 'json':
      return readJsonSchema(content).problems ?? [];
    case 'avro':
      return readAvroSchema(content).problems ?? [];
    case 'protobuf':
      return readProtoFile(content).problems ?? [];
    case 'graphql':
      return readGraphqlSchema(content).problems ?? [];
  }
}
