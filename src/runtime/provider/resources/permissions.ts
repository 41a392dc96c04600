import type { StationDefaults } from '../../../model/station-defaults';
import { externalName } from '../../../model/names';
import type { Compatibility } from '../../../model/schema-compatibility';
import { compatibilities } from '../../../model/schema-compatibility';
import type { CarryPermission, Permissions } from '../../reconcile';
import type { Values } from '../cty/value';
import { booleanAt, stringAt } from '../cty/value';
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
    carry: planned === null ? undefined : carryOf(prior, planned),
    compatibility: compatibilityIn(planned),
    deletionProtection:
      prior !== null && (booleanAt(prior, 'deletion_protection') ?? defaults?.deletionProtection ?? false),
  };
}

/** Only schemas have one; a value that is none has been refused before. */
function compatibilityIn(planned: Values | null): Compatibility | undefined {
  const declared = stringAt(planned ?? {}, 'compatibility');
  return compatibilities.find((each) => each === declared);
}

/**
 * From which station messages come along, when this one has to be replaced: itself, or the one that `move_from` names. A
 * changed name without that is a replacement like any other.
 */
function carryOf(prior: Values | null, planned: Values): CarryPermission | undefined {
  if (stringAt(planned, 'on_replace') !== 'carryMessages') return undefined;
  const moveFrom = stringAt(planned, 'move_from');
  const [name, former] = [stringAt(planned, 'name'), stringAt(prior ?? {}, 'name') ?? moveFrom].map((text) =>
    text === undefined ? undefined : externalName(text),
  );
  const from = former ?? name;
  if (from === undefined) return undefined;
  return from === name || (moveFrom !== undefined && externalName(moveFrom) === from) ? { from } : undefined;
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
