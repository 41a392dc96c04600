import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import { graphqlPackage, graphqlSdlRules } from '../codec-packages';
import type { ContentProblem } from '../content-problem';
import type { BrokerRuleProblem } from './broker-rules';
import { brokerRuleProblems } from './broker-rules';
import { remembered } from '../remembered';
import { isStackOverflow, unlessTooDeep } from '../stack-overflow';
import { START, withPlace } from '../text-place';
import { nestingProblem } from './nesting';

/** A GraphQL schema that can be used, or why it cannot. */
export type GraphqlContent =
  | { readonly schema: GraphQLSchema; readonly problems?: undefined }
  | { readonly schema?: undefined; readonly problems: readonly ContentProblem[] };

/** Reads and checks a GraphQL schema in its definition language. */
export const readGraphqlSchema = remembered((content) =>
  unlessTooDeep(
    () => readSchema(content),
    (what): GraphqlContent => ({
      problems: [{ broker: `graphql: ${what}`, person: withPlace(what, START) }],
    }),
  ),
);

function readSchema(content: string): GraphqlContent {
  const { parse, buildASTSchema, validateSchema } = graphqlPackage();
  const tooDeep = nestingProblem(content);
  if (tooDeep !== undefined) return { problems: [{ broker: `graphql: ${tooDeep}`, person: tooDeep }] };
  let document: DocumentNode;
  try {
    document = parse(content);
  } catch (error) {
    const text = graphqlErrorText(error).replace(/^Syntax Error: /, '');
    return { problems: [{ broker: `graphql: syntax error: ${graphqlTextOfBroker(text)}`, person: text }] };
  }
  const refusedByBroker = brokerRuleProblems(document);
  if (refusedByBroker.length > 0) return { problems: refusedByBroker.map(brokerProblem) };
  const misplaced = graphqlSdlRules().validateSDL(document);
  if (misplaced.length > 0) return { problems: misplaced.map(graphqlProblem) };
  let schema: GraphQLSchema;
  try {
    // The rules have just been checked; here they would only give one text without places for all of them.
    schema = buildASTSchema(document, { assumeValidSDL: true });
  } catch (error) {
    if (isStackOverflow(error)) throw error;
    // A wrong argument of a built-in directive is found only now.
    return { problems: [refused(error)] };
  }
  const wrong = validateSchema(schema);
  if (wrong.length > 0) return { problems: wrong.map(graphqlProblem) };
  return { schema };
}

/** The broker's parser has other words for the most usual mistake, another token than the grammar asks for. */
function graphqlTextOfBroker(text: string): string {
  const match = /^Expected (Name|"[^"]+"), found (.+)\. (\(line \d+, column \d+\))$/.exec(text);
  if (match === null) return text;
  const [expected, found = '', place] = match.slice(1);
  // Tokens come as `"{"`, `Name "x"` or `<EOF>`.
  const token = found === '<EOF>' ? '""' : found.replace(/^\w+ (?=")/, '');
  return `unexpected ${token}, expecting ${expected === 'Name' ? 'Ident' : expected} ${place}`;
}

function graphqlProblem(error: GraphQLError): ContentProblem {
  if (error.message.startsWith('Query root type must be provided')) {
    return {
      broker: 'root operation "query" must be defined',
      person: withPlace(
        'root operation "query" must be defined: add a type Query, or name one in a schema definition',
        error.locations?.[0] ?? START,
      ),
    };
  }
  return refused(error);
}

function refused(error: unknown): ContentProblem {
  const text = graphqlErrorText(error);
  return {
    broker: `graphql: ${text}`,
    person: /\(line \d+, column \d+\)$/.test(text) ? text : withPlace(text, START),
  };
}

function brokerProblem({ what, line, column }: BrokerRuleProblem): ContentProblem {
  const text = withPlace(what, { line, column });
  return { broker: what.startsWith('root operation') ? what : `graphql: ${text}`, person: text };
}

/** The text of an error with its place in the source, as the broker writes it. */
export function graphqlErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [place] = (error as Partial<GraphQLError>).locations ?? [];
  return place === undefined
    ? error.message
    : `${error.message} (line ${place.line}, column ${place.column})`;
}
