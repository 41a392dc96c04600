import type { WireDiagnostic, WirePath } from '../wire/messages';
import { Severity } from '../wire/messages';
import type { Diagnostic } from './diagnostics';

export function toWireDiagnostics(diagnostics: readonly Diagnostic[]): WireDiagnostic[] {
  return diagnostics.map(({ severity, summary, detail, attribute }) => ({
    severity: Severity[severity],
    summary,
    detail: detail ?? '',
    ...(attribute === undefined ? {} : { attribute: toWirePath(attribute) }),
  }));
}

/** The first step is an attribute; after it, texts are keys of maps or attributes of objects, both taken as keys. */
export function toWirePath(attribute: string | readonly (string | number)[]): WirePath {
  const path = typeof attribute === 'string' ? [attribute] : attribute;
  return {
    steps: path.map((step, index) => {
      if (typeof step === 'number') return { elementKeyInt: step };
      return index === 0 ? { attributeName: step } : { elementKeyString: step };
    }),
  };
}
