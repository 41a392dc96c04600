import type { Values } from '../cty/value';
import type { Diagnostic } from './diagnostics';
import { diagnosticOf } from './diagnostics';

/** The author's own checks of a configuration; what they throw is one more finding. */
export async function judged(
  config: Values,
  author: { validate?(config: Values): readonly Diagnostic[] | Promise<readonly Diagnostic[]> },
): Promise<readonly Diagnostic[]> {
  try {
    return (await author.validate?.(config)) ?? [];
  } catch (error) {
    return [diagnosticOf(error)];
  }
}
