import { readJsonSchema } from './json/content';
import type { SchemaType } from './schema-type';

/**
 * What the broker (Memphis 1.4.4) would say about a schema content. The text before the first colon is the broker's
 * own; details after it may be worded differently. One text is ours: a protobuf file without any message, which
 * crashes a broker, is refused.
 * @returns undefined if the broker would accept the content.
 */
export function schemaContentProblem(type: SchemaType, content: string): string | undefined {
  if (content === '') return 'your schema content is invalid';
  const [problem] = detailedProblems(type, content);
  if (problem === undefined) return undefined;
  switch (type) {
    case 'json':
      return 'your json schema is invalid';
    case 'avro':
      return `your Avro file is invalid: avro: ${problem}`;
    case 'protobuf':
      return `your Proto file is invalid: ${problem}`;
    case 'graphql':
      return problem;
  }
}

/**
 * Everything that is wrong with a schema content, for the person who wrote it: with line and column, or the JSON
 * path, where they are known. Empty exactly when `schemaContentProblem` has nothing to say.
 */
export function schemaProblems(type: SchemaType, content: string): string[] {
  if (content === '') return ['the schema is empty'];
  return [...detailedProblems(type, content)];
}

function detailedProblems(type: SchemaType, content: string): readonly string[] {
  switch (type) {
    case 'json':
      return readJsonSchema(content).problems ?? [];
    case 'avro':
    case 'protobuf':
    case 'graphql':
      return [];
  }
}
