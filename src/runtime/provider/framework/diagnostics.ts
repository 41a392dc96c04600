import type { Values } from '../cty/value';

/**
 * Steps from a resource to the value a diagnostic is about: attribute name, then keys and indexes; an attribute of an
 * object says that it is one.
 */
export type AttributePath = readonly (string | number | { readonly attribute: string })[];

/** One problem as Terraform shows it. Never put a secret into the texts. */
export interface Diagnostic {
  /** An error fails the run, a warning does not. */
  readonly severity: 'error' | 'warning';
  /** One line, printed in bold. */
  readonly summary: string;
  /** What to do next; whole sentences. */
  readonly detail?: string;
  /** The attribute whose source line Terraform points at. */
  readonly attribute?: string | AttributePath;
}

/** Anything thrown as an error diagnostic: the first line of its message is the summary, the rest the detail. */
export function diagnosticOf(error: unknown, attribute?: string | AttributePath): Diagnostic {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const [summary = '', ...rest] = message.split('\n');
  return {
    severity: 'error',
    summary: summary === '' ? 'The provider failed without a message' : summary,
    detail: rest.join('\n').trim(),
    ...(attribute === undefined ? {} : { attribute }),
  };
}

/** Whether the run has to fail. */
export function hasError(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/** What an author's own check of a configuration finds; an error that it throws is one more finding. */
export async function findingsOf(
  author: { validate?(config: Values): readonly Diagnostic[] | Promise<readonly Diagnostic[]> },
  config: Values,
): Promise<readonly Diagnostic[]> {
  try {
    return (await author.validate?.(config)) ?? [];
  } catch (error) {
    return [diagnosticOf(error)];
  }
}
