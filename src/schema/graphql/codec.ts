import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import { graphqlPackage } from '../codec-packages';
import type { SchemaCodec } from '../compiled-schema';
import { MessageProblem } from '../compiled-schema';
import { bytesOfText, givenBytes, kindOf, textOfBytes } from '../message-bytes';
import { shortened } from '../shortened';
import { isStackOverflow } from '../stack-overflow';
import { graphqlErrorText } from './content';
import { nestingProblem } from './nesting';

/** A message with more mistakes than this is refused without looking for the rest. */
const MAX_ERRORS = 10;

const MAX_NAME = 60;

const GIVEN_UP =
  'the check of the message did not end: its selections and fragments repeat or refer to each other too often';

const EXPECTING = 'Invalid message format, expecting GraphQL';

/** Checks of executable documents against a GraphQL schema. */
export function graphqlCodec(schema: GraphQLSchema): SchemaCodec {
  return {
    wireBytes(message) {
      const bytes = givenBytes(message);
      if (bytes !== undefined) return bytes;
      if (typeof message === 'string') return bytesOfText(message);
      if (isDocument(message)) return bytesOfText(sourceOfDocument(message));
      throw new MessageProblem(`Unsupported message type: ${kindOf(message)}`);
    },
    read(bytes) {
      const { Kind, parse } = graphqlPackage();
      const text = documentTextOfBytes(bytes);
      const tooDeep = nestingProblem(text);
      if (tooDeep !== undefined) throw new MessageProblem(`${EXPECTING}: ${tooDeep}`);
      let document: DocumentNode;
      try {
        document = parse(text);
      } catch (error) {
        throw new MessageProblem(`${EXPECTING}: ${withoutValues(graphqlErrorText(error))}`);
      }
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION || schema.getRootType(definition.operation))
          continue;
        // The rules of validation have nothing to say about an operation whose root type is missing.
        throw new MessageProblem(`the schema has no type for the operation "${definition.operation}"`);
      }
      const errors = validationErrors(schema, document);
      if (errors.length > 0)
        throw new MessageProblem(errors.map((error) => withoutValues(graphqlErrorText(error))).join(', '));
      return text;
    },
  };
}

/**
 * Checks a document by the rules of the specification. The package compares no more fields than it can in some hundred
 * milliseconds.
 * @throws MessageProblem when the check was given up
 */
function validationErrors(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const { specifiedRules, validate } = graphqlPackage();
  let errors: readonly GraphQLError[];
  try {
    errors = validate(schema, document, specifiedRules, { maxErrors: MAX_ERRORS });
  } catch (error) {
    if (isStackOverflow(error)) throw new MessageProblem(GIVEN_UP);
    throw error;
  }
  if (errors.some(({ message }) => message === 'Validation aborted.')) throw new MessageProblem(GIVEN_UP);
  return errors;
}

/** The text of an error without what is written in the message, except for names; long ones show their ends. */
function withoutValues(text: string): string {
  const [, what = text, place = ''] = /^([^]*?)( \(line \d+, column \d+\))$/.exec(text) ?? [];
  const known = what
    .replace(/^(.* cannot represent [^:]*): [^]*$/, '$1')
    .replace(/^(Enum "[^"]*" cannot represent [^:]*): [^]*$/, '$1')
    .replace(/^Value "[^]*" does not exist in ("[^"]*" enum)[^]*$/, 'Value does not exist in $1')
    .replace(/^(Expected value of type "[^"]*"), found [^]*$/, '$1')
    .replace(/(Name|String|Int|Float|BlockString) "[^]*"/, '$1')
    .replace(/"([^"]{61,})"/g, (_, name: string) => `"${shortened(name, MAX_NAME)}"`);
  return known + place;
}

function documentTextOfBytes(bytes: Uint8Array): string {
  try {
    return textOfBytes(bytes);
  } catch {
    throw new MessageProblem(`${EXPECTING}: the bytes are not UTF-8 text`);
  }
}

function isDocument(message: unknown): message is DocumentNode {
  if (typeof message !== 'object' || message === null) return false;
  const { kind, definitions } = message as { readonly kind?: unknown; readonly definitions?: unknown };
  return kind === 'Document' && Array.isArray(definitions);
}

/** The source of a document; one that was built without a source is printed. */
function sourceOfDocument(document: DocumentNode): string {
  const source: unknown = document.loc?.source.body;
  if (typeof source === 'string') return source;
  let printed: string;
  try {
    printed = graphqlPackage().print(document);
  } catch (error) {
    throw new MessageProblem(`${EXPECTING}: ${withoutValues(graphqlErrorText(error))}`);
  }
  if (printed.trim() === '') throw new MessageProblem(`${EXPECTING}: the document is empty`);
  return printed;
}
