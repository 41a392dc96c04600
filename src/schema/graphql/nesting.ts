import { graphqlPackage } from '../codec-packages';

/** Far more than a person writes, and far from the end of the stack. */
const MAX_DEPTH = 200;

/** The reason why a text is nested too deep to be read; undefined if it is not. */
export function nestingProblem(text: string): string | undefined {
  const { Lexer, Source, TokenKind } = graphqlPackage();
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      if (['{', '[', '('].includes(token.kind)) depth += 1;
      else if (['}', ']', ')'].includes(token.kind)) depth -= 1;
      if (depth > MAX_DEPTH) {
        return `nested deeper than ${MAX_DEPTH} levels (line ${token.line}, column ${token.column})`;
      }
    }
  } catch {
    // A token that cannot be read: the parser reports it with the right words, or finds an earlier mistake.
  }
  return undefined;
}
