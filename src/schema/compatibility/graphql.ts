import { graphqlPackage } from '../codec-packages';
import { readGraphqlSchema } from '../graphql/content';

/**
 * What in operations that were written for one GraphQL schema another one refuses: graphql's own list of breaking
 * changes. The messages of a GraphQL schema are operations, so the schema of the consumers stands for the server.
 */
export function graphqlMismatches(reader: string, writer: string): readonly string[] {
  const [to, from] = [readGraphqlSchema(reader), readGraphqlSchema(writer)];
  if (to.problems !== undefined || from.problems !== undefined) return ['one of the schemas cannot be read'];
  const changes = graphqlPackage().findBreakingChanges(from.schema, to.schema);
  // A scalar that nothing refers to any more is in no operation either.
  const told = changes.filter(({ description }) => !description.startsWith('Standard scalar '));
  return told.map(({ description }) => placedFirst(ofSchemas(description.replace(/\.$/, ''))));
}

/** The package speaks of a change in time; for messages of the new schema it is the other way round. */
function ofSchemas(description: string): string {
  return description
    .replace(/ was removed\b/, ' is missing')
    .replace(/ was added\b/, ' is expected, and messages do not have it')
    .replace(/ (?:has )?changed type from (.*) to (.*)$/, ' must be $2, and messages take it for $1')
    .replace(/ changed from (.*) to (.*)$/, ' is $2, and messages take it for $1');
}

/** Begins with the place of the problem, like those of the other types. */
function placedFirst(description: string): string {
  const place = /\b([A-Za-z_]\w*(?:\.\w+)+)/.exec(description)?.[1];
  return place === undefined || description.startsWith(place) ? description : `${place}: ${description}`;
}
