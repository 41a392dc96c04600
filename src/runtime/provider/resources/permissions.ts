import type { StationDefaults } from '../../../model/station-defaults';
import type { Permissions } from '../../reconcile';
import type { Values } from '../cty/value';
import { booleanAt } from '../cty/value';
import type { Private } from '../framework/resource';

/** What the provider says for all stations. */
type Defaults = Pick<StationDefaults, 'allowMessageLoss' | 'deletionProtection'>;

/**
 * What is allowed for a change. Losing messages is allowed by the new configuration, since a replacement needs no
 * separate deploy; protection against it holds until its removal has been deployed. Where the object does not say it, the
 * provider's configuration counts, which is that of the run.
 */
export function permissionsFor(
  prior: Values | null,
  planned: Values | null,
  defaults: Defaults | undefined,
): Permissions & { readonly kept: { readonly allowMessageLoss: boolean } } {
  const flags = planned ?? prior ?? {};
  const allowMessageLoss = booleanAt(flags, 'allow_message_loss') ?? defaults?.allowMessageLoss ?? false;
  const kept = { allowMessageLoss };
  return {
    ...kept,
    kept,
    deletionProtection:
      prior !== null && (booleanAt(prior, 'deletion_protection') ?? defaults?.deletionProtection ?? false),
  };
}

/**
 * What is allowed when an object is removed. For a replacement the plan left the permission of the new configuration
 * in the private state; a plain destroy goes by the state.
 */
export function permissionsForRemoval(prior: Values, privateState: Private, defaults: Defaults): Permissions {
  const permissions = permissionsFor(prior, null, defaults);
  const planned = privateState.allowMessageLoss;
  return typeof planned === 'boolean' ? { ...permissions, allowMessageLoss: planned } : permissions;
}
