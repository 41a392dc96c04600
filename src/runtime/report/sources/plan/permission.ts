import type { PlannedObject } from './changes';

/**
 * Whether a change may drop messages. A plain destroy takes its permission from the state, everything else from the new
 * configuration. Without the permission there would be no plan, so that one which only Terraform can tell was given.
 */
export function isLossPermitted({ change, reported, defaults }: PlannedObject): boolean {
  const { before, after } = change.change;
  const policy = (reported.action === 'delete' ? before : after) ?? {};
  return Boolean(policy.allow_message_loss ?? defaults.allowMessageLoss);
}
