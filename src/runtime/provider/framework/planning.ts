import { sameValue } from '../cty/equal';
import type { Value, Values } from '../cty/value';
import { UNKNOWN, isUnknown } from '../cty/value';
import type { Attribute } from './attribute';
import { isComputed } from './attribute';
import type { Action } from './resource';

/** What an object will be, before the author of the resource has looked at it. */
export interface Proposal {
  readonly planned: Values;
  readonly requiresReplace: readonly string[];
}

/**
 * Plans a create (`prior` null) or a change from what the user wrote. The host's own proposal is not used: for an
 * optional attribute that was removed it still holds the old value, where a default has to come back.
 */
export function propose(attributes: readonly Attribute[], config: Values, prior: Values | null): Proposal {
  const planned: Record<string, Value> = {};
  for (const attribute of attributes) planned[attribute.name] = plannedValue(attribute, config, prior);
  return settle(attributes, config, prior, planned);
}

/**
 * Completes a plan after its values were put in or adjusted: computed values that an update changes become unknown,
 * and the attributes that make it a replacement are found. Values the adjustment gave are kept.
 */
export function settle(
  attributes: readonly Attribute[],
  config: Values,
  prior: Values | null,
  planned: Values,
): Proposal {
  if (prior === null) return { planned, requiresReplace: [] };
  const settled: Record<string, Value> = { ...planned };
  const followers = attributes.filter(
    ({ name, follows }) => follows !== undefined && isLeftOut(config, name) && isUnknown(planned[name]),
  );
  // From the start again, since an adjustment may have turned a change into none at all.
  for (const { name } of followers) settled[name] = prior[name] ?? null;
  const differs = (attribute: Attribute): boolean =>
    !sameValue(attribute.type, prior[attribute.name], settled[attribute.name]);
  const changed = new Set(attributes.filter(differs).map(({ name }) => name));
  // A follower may follow another one, so this goes on until nothing more becomes unknown.
  for (let before = -1; before !== changed.size;) {
    before = changed.size;
    for (const attribute of attributes) {
      if (changed.has(attribute.name) || !isLeftOut(config, attribute.name)) continue;
      if (!isAffected(attribute, changed)) continue;
      settled[attribute.name] = UNKNOWN;
      changed.add(attribute.name);
    }
  }
  const requiresReplace = attributes
    .filter(({ name, requiresReplace }) => requiresReplace === true && changed.has(name))
    .map(({ name }) => name);
  return { planned: settled, requiresReplace };
}

/** What kind of change leads from one state to the other. */
export function actionOf(
  attributes: readonly Attribute[],
  prior: Values | null,
  planned: Values | null,
  requiresReplace: readonly string[],
): Action {
  if (planned === null) return 'delete';
  if (prior === null) return 'create';
  if (requiresReplace.length > 0) return 'replace';
  const same = attributes.every(({ name, type }) => sameValue(type, prior[name], planned[name]));
  return same ? 'none' : 'update';
}

function plannedValue(attribute: Attribute, config: Values, prior: Values | null): Value {
  if (attribute.writeOnly !== undefined) return null;
  const given = config[attribute.name] ?? null;
  if (given !== null) return given;
  if (attribute.default !== undefined) return attribute.default;
  if (!isComputed(attribute)) return null;
  return prior === null ? UNKNOWN : (prior[attribute.name] ?? null);
}

function isLeftOut(config: Values, name: string): boolean {
  return (config[name] ?? null) === null;
}

function isAffected({ follows = [] }: Attribute, changed: ReadonlySet<string>): boolean {
  return follows.some((name) => changed.has(name));
}
