/** The schema types that Memphis knows, in its own words. */
export const schemaTypes = ['json', 'avro', 'protobuf', 'graphql'] as const;

/** One of the four schema types of Memphis. */
export type SchemaType = (typeof schemaTypes)[number];

const typeByExtension: ReadonlyMap<string, SchemaType> = new Map([
  ['json', 'json'],
  ['avsc', 'avro'],
  ['proto', 'protobuf'],
  ['graphql', 'graphql'],
  ['gql', 'graphql'],
]);

/**
 * The schema type that the extension of a file stands for: `.json` json, `.avsc` avro, `.proto` protobuf,
 * `.graphql` and `.gql` graphql. Letter case does not matter.
 * @returns undefined for every other extension.
 */
export function schemaTypeOfFile(path: string): SchemaType | undefined {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : typeByExtension.get(extension);
}
