import { AlreadyExistsError } from '../../../model/errors';
import { externalName } from '../../../model/names';
import type { Kind } from '../../reconcile';
import type { Values } from '../cty/value';
import { isUnknown, stringAt } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';
import type { PlanRequest, Private } from '../framework/resource';
import { isInSet } from './attributes';
import { diagnosticFor } from './diagnose';
import type { Session } from './session';

/**
 * What a plan hands over, so that the second call for a replacement can be told from the creation of a new object:
 * Terraform shows the old object in the first call alone, and hands the private state from call to call.
 * @param replaced the object of the state that a creation replaces
 */
export function secondHalfMemory(
  { prior, planned, priorPrivate }: PlanRequest<Session>,
  replaced: Values | undefined,
): Private {
  const isSecondHalf = isReplacing(priorPrivate) || replaced !== undefined;
  return { ...priorPrivate, replacing: planned !== null && (prior !== null || isSecondHalf) };
}

/** The name of the new object of a replacement, for the removal of the old one. */
export function successorOf(planned: Values | null, attribute: string): Private {
  const name = planned === null ? undefined : stringAt(planned, attribute);
  return { successor: name === undefined ? null : externalName(name) };
}

/** True when the first call for a replacement looked for what forbids it. */
export function isReplacementChecked({ prior, priorPrivate }: PlanRequest<Session>): boolean {
  return prior === null && priorPrivate.isReplacementChecked === true;
}

/** True when a creation, or a removal, is one half of a replacement. */
export function isReplacing(privateState: Private): boolean {
  return privateState.replacing === true;
}

/**
 * Refuses the second of two resources of one plan that stand for one object on the broker: two declarations of it, or
 * one whose address changed, which Terraform would destroy at the old address and make at the new one.
 */
export function duplicateResource(
  { client: session, prior, planned, priorPrivate }: PlanRequest<Session>,
  { name: kind, describe }: Pick<Kind<never, never, never>, 'name' | 'describe'>,
  attribute: string,
): Diagnostic | undefined {
  // The station of a set keeps its old object in the second half of a replacement of the set.
  const isSecondHalf = isReplacing(priorPrivate) && (prior === null || isInSet(prior));
  if (session?.run.isPlanning !== true || isSecondHalf) return undefined;
  const names = [prior, planned].flatMap((values) => nameIn(values, attribute));
  const taken = [...new Set(names)].filter((name) => !session.claimed.claim(kind, name));
  const [name] = taken;
  if (name === undefined) return undefined;
  const error = new AlreadyExistsError({
    attempted: `${planned === null ? 'destroy' : prior === null ? 'create' : 'change'} ${describe(name)}`,
    found: `two resources of this configuration and its state stand for it; nothing was changed`,
    next: 'If the resource has only got another address or construct id, tell Terraform that it moved: moveFromId on the construct, or a moved block. Otherwise keep one of the two, or choose another name',
  });
  return diagnosticFor(error, planned === null ? undefined : attribute);
}

function nameIn(values: Values | null, attribute: string): string[] {
  if (values === null || isUnknown(values[attribute])) return [];
  const name = stringAt(values, attribute);
  return name === undefined ? [] : [externalName(name)];
}
