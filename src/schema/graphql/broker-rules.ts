import type { ASTNode, DocumentNode, Token, TypeDefinitionNode, TypeExtensionNode } from 'graphql';
import { graphqlPackage } from '../codec-packages';

/** Something that GraphQL allows and the broker does not, with its place. */
export interface BrokerRuleProblem {
  readonly what: string;
  readonly line: number;
  readonly column: number;
}

type Report = (what: string, at: ASTNode | Token | undefined) => void;

/** Types that the broker's own introspection fills; it panics when a schema declares them in another way. */
const introspectionTypes: ReadonlySet<string> = new Set(['_Service', '__Schema', '__Type']);

/** A surrogate as an escape in a string of one line; one step per escape, so that the second half of a double backslash starts none. */
const HALF_CHARACTER = /^"(?:[^"\\]|\\[^u]|\\u(?!d[89a-f]))*\\ud[89a-f]/i;

/**
 * Finds what the parser of the broker (graph-gophers/graphql-go 1.5.0) refuses, or dies of, in a document that the
 * grammar of GraphQL allows.
 */
export function brokerRuleProblems(document: DocumentNode): BrokerRuleProblem[] {
  const problems: BrokerRuleProblem[] = [];
  const report: Report = (what, at) => {
    const place = at === undefined || 'line' in at ? at : at.loc?.startToken;
    problems.push({ what, line: place?.line ?? 1, column: place?.column ?? 1 });
  };
  checkTokens(document, report);
  checkDefinitions(document, report);
  checkValuesAndDirectives(document, report);
  return problems;
}

function checkTokens(document: DocumentNode, report: Report): void {
  const { TokenKind } = graphqlPackage();
  const body = document.loc?.source.body ?? '';
  let token: Token | null | undefined = document.loc?.startToken;
  for (; token; token = token.next) {
    const written = body.slice(token.start, token.end);
    const between = body.slice(token.prev?.end ?? 0, token.start);
    if (between.lastIndexOf('\ufeff') > (token.prev?.end ? -1 : 0)) {
      report('a byte order mark can only stand at the beginning', token);
    }
    // One step per escape, so that the second half of `\\` starts none.
    if (token.kind === TokenKind.STRING && /^"(?:[^\\]|\\[^/u]|\\u[^{])*\\(?:\/|u\{)/.test(written)) {
      report('the broker does not know the escapes \\/ and \\u{…}; write the character itself', token);
    }
    if (token.kind === TokenKind.BLOCK_STRING && written.slice(3, -3).includes('\\"""')) {
      report('the broker does not know the escape \\""" in a block string', token);
    }
  }
}

function checkDefinitions(document: DocumentNode, report: Report): void {
  const { Kind } = graphqlPackage();
  const hasSchema = document.definitions.some(({ kind }) => kind === Kind.SCHEMA_DEFINITION);
  for (const definition of document.definitions) {
    switch (definition.kind) {
      case Kind.OPERATION_DEFINITION:
      case Kind.FRAGMENT_DEFINITION:
        report('a schema holds no operations and no fragments', definition);
        break;
      case Kind.SCHEMA_DEFINITION:
      case Kind.SCHEMA_EXTENSION: {
        const [directive] = definition.directives ?? [];
        if (directive !== undefined) report('the broker takes no directive on a schema', directive);
        if (definition.kind === Kind.SCHEMA_EXTENSION && !hasSchema) {
          report(
            'root operation "query" must be defined: extend schema needs a schema definition',
            definition,
          );
        }
        break;
      }
      case Kind.SCALAR_TYPE_EXTENSION:
        report('the broker cannot extend a scalar', definition);
        break;
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION:
        checkLeading('|', definition.types, report);
        if ((definition.types ?? []).length === 0)
          report('the broker expects "=" and the types of the union', definition);
        break;
      case Kind.DIRECTIVE_DEFINITION:
        checkLeading('|', definition.locations, report);
        break;
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        checkLeading('&', definition.interfaces, report);
        checkBraces(definition, definition.fields, report);
        break;
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_EXTENSION:
        checkBraces(definition, definition.fields, report);
        break;
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION:
        checkBraces(definition, definition.values, report);
        break;
    }
    if (isTypeDeclaration(definition) && introspectionTypes.has(definition.name.value)) {
      checkIntrospectionType(definition, definition.name.value, report);
    }
  }
}

function isTypeDeclaration(definition: ASTNode): definition is TypeDefinitionNode | TypeExtensionNode {
  const { isTypeDefinitionNode, isTypeExtensionNode } = graphqlPackage();
  return isTypeDefinitionNode(definition) || isTypeExtensionNode(definition);
}

function checkIntrospectionType(
  definition: TypeDefinitionNode | TypeExtensionNode,
  name: string,
  report: Report,
): void {
  const { Kind, print } = graphqlPackage();
  // The one form that fits the broker's introspection.
  if (name === '_Service' && definition.kind === Kind.OBJECT_TYPE_DEFINITION) {
    const [field, ...others] = definition.fields ?? [];
    const isSdl =
      field?.name.value === 'sdl' && print(field.type) === 'String!' && field.arguments?.length === 0;
    if (isSdl && others.length === 0) return;
  }
  const remedy =
    name === '_Service' ? 'rename the type, or give it the one field sdl: String!' : 'rename the type';
  report(`a type named ${name} crashes the broker, so it is not sent; ${remedy}`, definition);
}

function checkLeading(separator: string, nodes: readonly ASTNode[] | undefined, report: Report): void {
  const before = nodes?.[0]?.loc?.startToken.prev;
  if (before && (before.kind as string) === separator)
    report(`the broker takes no "${separator}" in front of the first name`, before);
}

function checkBraces(definition: ASTNode, parts: readonly ASTNode[] | undefined, report: Report): void {
  if ((parts ?? []).length === 0) report('the broker expects "{" and what is declared', definition);
}

function checkValuesAndDirectives(document: DocumentNode, report: Report): void {
  const { Kind, visit } = graphqlPackage();
  const declared = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.DIRECTIVE_DEFINITION
        ? [[definition.name.value, definition.locations.map(({ value }) => value)] as const]
        : [],
    ),
  );
  visit(document, {
    StringValue(node, key) {
      const { source, start = 0, end = 0 } = node.loc ?? {};
      const written = source?.body.slice(start, end) ?? '';
      if (key === 'description' && HALF_CHARACTER.test(written)) {
        report(
          'the escape of half a character crashes the broker, so it is not sent; write the character itself',
          node,
        );
      }
      if (node.block === true && key !== 'description') {
        report('the broker takes block strings as descriptions only; write "…"', node);
      }
    },
    Directive(node) {
      const name = node.name.value;
      // The rules of GraphQL report every other unknown directive.
      if (name === 'oneOf' && !declared.has(name)) {
        report('the broker does not know the directive @oneOf', node);
      }
    },
    InputObjectTypeDefinition: checkInputFields,
    InputObjectTypeExtension: checkInputFields,
  });

  /** The broker looks for directives of input fields as if they were arguments. */
  function checkInputFields(node: {
    readonly fields?: readonly { readonly directives?: readonly ASTNode[] }[];
  }): void {
    for (const directive of (node.fields ?? []).flatMap(({ directives = [] }) => directives)) {
      if (directive.kind !== Kind.DIRECTIVE) continue;
      const locations = declared.get(directive.name.value);
      if (locations === undefined || locations.includes('ARGUMENT_DEFINITION')) continue;
      report(
        `the broker takes the directive @${directive.name.value} on an input field only if it is declared for ARGUMENT_DEFINITION, too`,
        directive,
      );
    }
  }
}
