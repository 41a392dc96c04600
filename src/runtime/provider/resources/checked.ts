import type { Diagnostic } from '../framework/diagnostics';

/** What the plan of a change found. */
export interface Checked {
  /** True when what forbids a replacement was looked for, so that its second half need not be checked again. */
  readonly isReplacementChecked: boolean;
  /** What the removal drops, to be said then because Terraform does not show it with the plan. */
  readonly unshownLoss: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Nothing was looked for. */
export const unchecked: Checked = { isReplacementChecked: false, unshownLoss: null, diagnostics: [] };
