import { plural, quotedNames } from '../../../../model/error-text';
import type { Diagnostic } from '../../framework/diagnostics';

/** How many errors, and how many warnings, name their station one by one. */
const MOST_SHOWN = 20;

/** What was found about one station of a set. */
export interface Found {
  readonly name: string;
  readonly diagnostic: Diagnostic;
}

/** The diagnostics of a set: the first ones whole, and the names of the stations that have others. Errors come first. */
export function capped(found: readonly Found[]): Diagnostic[] {
  return (['error', 'warning'] as const).flatMap((severity) => {
    const all = found.filter(({ diagnostic }) => diagnostic.severity === severity);
    const shown = all.slice(0, MOST_SHOWN).map(({ diagnostic }) => diagnostic);
    const rest = [...new Set(all.slice(MOST_SHOWN).map(({ name }) => name))];
    if (rest.length === 0) return shown;
    const kind = severity === 'error' ? 'errors' : 'warnings';
    return [
      ...shown,
      {
        severity,
        summary: `${plural(rest.length, 'more station')} of the set with ${kind}`,
        detail: `${quotedNames(rest, 100)}. What was found about the first ones is shown above.`,
      },
    ];
  });
}
