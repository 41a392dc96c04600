import type { Permissions } from '../../reconcile';
import type { Values } from '../cty/value';
import { booleanAt } from '../cty/value';
import type { Private } from '../framework/resource';

/**
 * What is allowed for a change. Losing messages is allowed by the new configuration, since a replacement needs no
 * separate deploy; protection against it holds until its removal has been deployed.
 */
export function permissionsFor(
  prior: Values | null,
  planned: Values | null,
): Permissions & { readonly kept: { readonly allowMessageLoss: boolean } } {
  const flags = planned ?? prior ?? {};
  const kept = { allowMessageLoss: booleanAt(flags, 'allow_message_loss') === true };
  return {
    ...kept,
    kept,
    deletionProtection: prior !== null && booleanAt(prior, 'deletion_protection') === true,
  };
}

/**
 * What is allowed when an object is removed. For a replacement the plan left the permission of the new configuration
 * in the private state; a plain destroy goes by the state.
 */
export function permissionsForRemoval(prior: Values, privateState: Private): Permissions {
  const permissions = permissionsFor(prior, null);
  const planned = privateState.allowMessageLoss;
  return typeof planned === 'boolean' ? { ...permissions, allowMessageLoss: planned } : permissions;
}
