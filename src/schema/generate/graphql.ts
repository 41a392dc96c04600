import type {
  GraphQLArgument,
  GraphQLField,
  GraphQLInputType,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
} from 'graphql';
import { graphqlPackage } from '../codec-packages';
import type { Choices } from './choices';

/** Fields with fields of their own are selected down to here. */
const MAX_DEPTH = 3;

/** The text of an operation on one of the root types of a schema. */
export function graphqlDocument(schema: GraphQLSchema, choices: Choices): string {
  const roots = [
    { operation: 'query', type: schema.getQueryType() },
    { operation: 'mutation', type: schema.getMutationType() },
    { operation: 'subscription', type: schema.getSubscriptionType() },
  ].flatMap(({ operation, type }) => (type === null || type === undefined ? [] : [{ operation, type }]));
  const { operation, type } = choices.oneOf(roots);
  // A subscription may have one field at its top only.
  const selection = selectionOf(type, choices, 0, operation === 'subscription' ? 1 : undefined);
  return `${operation} ${selection}`;
}

function selectionOf(type: GraphQLObjectType, choices: Choices, depth: number, most?: number): string {
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const text = fieldText(field, choices, depth);
    return text === undefined ? [] : [text];
  });
  const first = choices.oneOf(fields.length === 0 ? ['__typename'] : fields);
  const others = fields.filter((field) => field !== first && choices.isPresent());
  return `{ ${[first, ...others].slice(0, most ?? 10).join(' ')} }`;
}

/** A field with its arguments and its own fields; undefined where it goes too deep. */
function fieldText(
  field: GraphQLField<unknown, unknown>,
  choices: Choices,
  depth: number,
): string | undefined {
  const { getNamedType, isLeafType, isObjectType } = graphqlPackage();
  const named: GraphQLOutputType = getNamedType(field.type);
  const start = field.name + argumentsText(field.args, choices);
  if (isLeafType(named)) return start;
  if (depth >= MAX_DEPTH) return undefined;
  return `${start} ${isObjectType(named) ? selectionOf(named, choices, depth + 1) : '{ __typename }'}`;
}

function argumentsText(args: readonly GraphQLArgument[], choices: Choices): string {
  const { isRequiredArgument } = graphqlPackage();
  const given = args.filter((argument) => isRequiredArgument(argument) || choices.isPresent());
  if (given.length === 0) return '';
  return `(${given.map(({ name, type }) => `${name}: ${literal(type, choices, 0)}`).join(', ')})`;
}

function literal(type: GraphQLInputType, choices: Choices, depth: number): string {
  const { isEnumType, isInputObjectType, isListType, isNonNullType, isRequiredInputField } = graphqlPackage();
  if (isNonNullType(type)) return literal(type.ofType, choices, depth);
  if (isListType(type)) {
    const items = Array.from({ length: choices.length(0, 3, 2) }, () =>
      literal(type.ofType, choices, depth + 1),
    );
    return `[${items.join(', ')}]`;
  }
  if (isEnumType(type)) return choices.oneOf(type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    const all = Object.values(type.getFields());
    // Exactly one field of a @oneOf object is given.
    const given = type.isOneOf
      ? [choices.oneOf(all)]
      : all.filter((field) => isRequiredInputField(field) || (depth < MAX_DEPTH && choices.isPresent()));
    return `{${given.map(({ name, type: field }) => `${name}: ${literal(field, choices, depth + 1)}`).join(', ')}}`;
  }
  switch (type.name) {
    case 'Int':
      return String(choices.integer(-2_147_483_648, 2_147_483_647));
    case 'Float':
      return String(choices.integer(-1_000_000, 1_000_000) / 64);
    case 'Boolean':
      return String(choices.oneOf([false, true]));
    default:
      return JSON.stringify(choices.text(choices.length(0, undefined, 12)));
  }
}
