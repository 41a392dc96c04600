import { externalName } from '../../../model/names';
import { brokerFields, fieldNames, terraformName } from '../../../model/field';
import type { Permissions, PlanContext } from '../../reconcile';
import { notInPlace } from '../../reconcile';
import { sameValue } from '../cty/equal';
import type { Value, Values } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';
import type { Action, PlanAdjustment, PlanRequest } from '../framework/resource';
import { declaredOwnerOf, hasUnknownAttribute, isInSet } from './attributes';
import { createdTooEarly } from './created-first';
import { diagnosticFor } from './diagnose';
import { adoptionOf, interruption, planProblems } from './kind-messages';
import type { KindValues } from './kind-values';
import { permissionsFor } from './permissions';
import {
  duplicateResource,
  isReplacementChecked,
  isReplacing,
  secondHalfMemory,
  successorOf,
} from './second-claim';
import type { Session } from './session';
import { ownedElsewhere, passedOver, refusedElsewhere } from './whose';

type Request = PlanRequest<Session>;

/** What the plan of a change found. */
interface Checked {
  /** True when what forbids a replacement was looked for, so that its second half need not be checked again. */
  readonly isReplacementChecked: boolean;
  /** What the removal drops, to be said then because Terraform does not show it with the plan. */
  readonly unshownLoss: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** An object of which an interrupted run has left something to the next apply. */
interface Interrupted {
  readonly name: string;
  readonly text: string;
}

/** Nothing was looked for. */
const unchecked: Checked = { isReplacementChecked: false, unshownLoss: null, diagnostics: [] };

/** Plans the resources of a kind: what a change means, what forbids it, and what the apply has to know of it. */
export class KindPlan<D, C extends object, L> {
  readonly #values: KindValues<D, C, L>;

  constructor(values: KindValues<D, C, L>) {
    this.#values = values;
  }

  async plan(given: Request): Promise<PlanAdjustment> {
    const further = this.#values.particular.replacedFor?.(given) ?? [];
    if (further.length === 0) return this.#plan(given);
    return { ...(await this.#plan({ ...given, action: 'replace' })), requiresReplace: further };
  }

  async #plan(request: Request): Promise<PlanAdjustment> {
    const { kind, particular, hasMessages } = this.#values;
    const { nameAttribute } = particular;
    const { prior, planned, config } = request;
    const replaced = this.#replacedInState(request);
    const permissions = permissionsFor(prior ?? replaced ?? null, planned, request.client?.stationDefaults);
    const memory = {
      ...secondHalfMemory(request, replaced),
      ...successorOf(planned, nameAttribute),
      ...(hasMessages ? permissions.kept : {}),
      ...(planned === null ? {} : particular.forRemoval?.(planned)),
    };
    const second = duplicateResource(request, kind, nameAttribute);
    if (second !== undefined) return { private: memory, diagnostics: [second] };
    const interrupted = await this.#interrupted(request, permissions);
    if (request.client !== undefined && prior !== null) particular.planning?.(request.client, prior, planned);
    if (planned === null) {
      const { diagnostics } = await this.#check(request, undefined, permissions, interrupted);
      return { private: { ...memory, ...(await particular.removal?.(request)) }, diagnostics };
    }
    const name = this.#values.nameIn(planned);
    if (name !== undefined) request.client?.planned.add(this.#values.keyOf(name));
    const adjusted: Record<string, Value> = { ...particular.defaults?.(request, planned) };
    const replacesInPlace = prior !== null && permissions.carry !== undefined;
    if (prior !== null && interrupted !== undefined) Object.assign(adjusted, particular.whenReplacedInPlace);
    // By what is written: a computed value that only the broker decides hides nothing that could be refused.
    if (hasUnknownAttribute(config ?? {}, fieldNames(kind.fields))) {
      const { diagnostics, ...check } = await this.#checkWithUnknown(request, replaced, permissions);
      if (replacesInPlace) Object.assign(adjusted, particular.whenReplacedInPlace);
      return { planned: adjusted, replacesInPlace, private: { ...memory, ...check }, diagnostics };
    }
    const canonical = this.#values.canonical({ ...planned, ...adjusted });
    const after = particular.completed?.(canonical, config ?? {}) ?? canonical;
    if (prior !== null) Object.assign(adjusted, this.#unchanged(prior, after));
    if (replacesInPlace && kind.diff(this.#values.canonical(prior), after).kind === 'replace')
      Object.assign(adjusted, particular.whenReplacedInPlace);
    const action = this.#actionOf(request, adjusted);
    const settled = { ...request, action };
    const { diagnostics, ...check } = await this.#check(settled, after, permissions, interrupted, replaced);
    return { planned: adjusted, replacesInPlace, private: { ...memory, ...check }, diagnostics };
  }

  /** What an interrupted run has left of the object, also where its state was lost. */
  async #interrupted(
    { client, prior, planned }: Request,
    { carry }: Permissions,
  ): Promise<Interrupted | undefined> {
    const { kind } = this.#values;
    const former = prior ?? planned ?? {};
    const name = prior === null ? (carry?.from ?? this.#values.nameIn(former)) : this.#values.nameIn(former);
    if (client === undefined || name === undefined) return undefined;
    const text = await kind.interrupted?.(client.run, externalName(name));
    return text === undefined ? undefined : { name: externalName(name), text };
  }

  /** The object of the state that a creation replaces: Terraform shows it neither for a tainted object nor for `-replace`. */
  #replacedInState({ client, prior, planned }: Request): Values | undefined {
    // A set knows which of its members it replaces.
    const isNew = prior === null && planned !== null && !isInSet(planned);
    const name = isNew ? this.#values.nameIn(planned) : undefined;
    return name === undefined ? undefined : client?.inState.get(this.#values.keyOf(name));
  }

  /** Values that mean the same as those that are there keep their spelling. */
  #unchanged(prior: Values, after: C): Values {
    const { kind, particular } = this.#values;
    const changed = kind.diff(this.#values.canonical(prior), after).fields.map(({ field }) => field);
    const values: Record<string, Value> = { ...particular.unaffected?.(changed, prior) };
    for (const [field] of brokerFields(kind.fields)) {
      const value = prior[terraformName(field)];
      if (!changed.includes(field) && value !== undefined) values[terraformName(field)] = value;
    }
    return values;
  }

  /** What is going to happen once the defaults are known that depend on the object: they may differ from what is there. */
  #actionOf({ action, prior }: Request, adjusted: Values): Action {
    if (action !== 'none') return action;
    const differs = this.#values.particular.attributes.some(({ name, type }) => {
      const value = adjusted[name];
      return value !== undefined && !sameValue(type, prior?.[name], value);
    });
    return differs ? 'update' : 'none';
  }

  async #check(
    request: Request,
    after: C | undefined,
    permissions: Permissions,
    interrupted?: Interrupted,
    replaced?: Values,
  ): Promise<Checked> {
    const { client: session, planned, action } = request;
    if (session?.run.isPlanning !== true) return unchecked;
    const { kind, particular } = this.#values;
    // What is there now is not what the change begins with.
    if (interrupted !== undefined)
      return { ...unchecked, diagnostics: [interruption(kind, interrupted.name, interrupted.text)] };
    const createdFirst = planned === null ? [] : ((await particular.createdFirst?.(session, planned)) ?? []);
    const context = { permissions, createdFirst };
    if (action !== 'create') return this.#checkChange(request, session, after, context);
    if (after === undefined || planned === null) return unchecked;
    return this.#checkCreation(request, session, planned, after, context, replaced);
  }

  async #checkCreation(
    request: Request,
    session: Session,
    planned: Values,
    after: C,
    context: PlanContext,
    replaced: Values | undefined,
  ): Promise<Checked> {
    const { kind, particular } = this.#values;
    const live = await kind.find(session.run, { name: this.#values.nameIn(planned) ?? '' });
    const name = this.#values.nameOf(planned);
    // A set plans both halves of the replacement of a station. The first one has checked it, with the state of the set; an
    // interrupted removal may have taken its record away.
    if (live !== undefined && isInSet(planned) && isReplacementChecked(request)) return unchecked;
    if (live !== undefined && this.#values.isStoredAs(live, replaced)) {
      return isReplacementChecked(request)
        ? unchecked
        : this.#checkReplacement(request, replaced ?? {}, live, after, context);
    }
    const isMissingInState = replaced === undefined && !isReplacing(request.priorPrivate);
    const creation = { ...declaredOwnerOf(planned), isMissingInState };
    const plan = await kind.plan(session.run, live, after, { ...context, creation });
    if (plan.refusals.length > 0 && !session.claimed.refuse(kind.name, name)) return unchecked;
    const problems = planProblems(kind, name, plan, context.permissions);
    // An error would keep a destroy of the stack from running: Terraform plans the configuration before it destroys.
    const isTaken = session.taken.has(this.#values.keyOf(name));
    return {
      ...unchecked,
      diagnostics: [
        ...problems.map((each) => (isTaken ? { ...each, severity: 'warning' as const } : each)),
        ...adoptionOf(kind, particular, name, plan),
      ],
    };
  }

  async #checkChange(
    request: Request,
    session: Session,
    after: C | undefined,
    context: PlanContext,
  ): Promise<Checked> {
    const { kind, particular } = this.#values;
    const before = request.prior ?? {};
    const live = await this.#values.findStored(session.run, before);
    const name = this.#values.nameOf(before);
    const foreign = await this.#foreign(request, session, before, live);
    if (foreign !== undefined) return { ...unchecked, diagnostics: [foreign] };
    const isImported = this.#isJustImported(request, session, name);
    // What belongs to an imported object may be imported by the same plan, which comes to it later; also in the process
    // that applies it, which plans each object once more.
    const hasNotices = after !== undefined && !isImported && request.priorPrivate.imported !== true;
    const notices = hasNotices
      ? ((await particular.notices?.(session, live, request.planned ?? {})) ?? [])
      : [];
    if (request.action === 'none') return { ...unchecked, diagnostics: notices };
    const isForced = (particular.replacedFor?.(request) ?? []).length > 0;
    const plan = await kind.plan(session.run, live, after, { ...context, isForced });
    const isReplacement = plan.change.kind === 'replace';
    const isRecreated = isReplacement && plan.carry === undefined;
    const early = isRecreated ? createdTooEarly(kind, before, request.planned, particular.nameAttribute) : [];
    if (isImported && isReplacement) {
      const error = notInPlace(`import ${kind.describe(name)}`, plan.change);
      return { ...unchecked, diagnostics: [diagnosticFor(error, particular.nameAttribute)] };
    }
    return {
      // What Terraform forces destroys the object after all, and is checked by itself.
      isReplacementChecked: isRecreated,
      unshownLoss: null,
      diagnostics: [...planProblems(kind, name, plan, context.permissions), ...early, ...notices],
    };
  }

  /** What there is to say of an object of the state that another declaration owns; undefined when none does. */
  async #foreign(
    { planned, priorPrivate, action }: Request,
    session: Session,
    before: Values,
    live: L | undefined,
  ): Promise<Diagnostic | undefined> {
    const { kind, particular } = this.#values;
    const name = this.#values.nameOf(before);
    const isImported = priorPrivate.imported === true;
    const claim = { prior: before, planned: planned ?? before, isImported };
    const owner = await ownedElsewhere(session, kind, { name, live }, claim);
    if (owner === undefined) return undefined;
    if (planned === null) return passedOver(kind, name, owner, true);
    return action === 'none' && !isImported
      ? passedOver(kind, name, owner, false)
      : refusedElsewhere(kind, name, owner, particular.nameAttribute);
  }

  /** True in the run that imports the object. The process that applies it knows it from no state, and has not read it. */
  #isJustImported({ priorPrivate }: Request, session: Session, name: string): boolean {
    const key = this.#values.keyOf(name);
    return session.imported.has(key) || (priorPrivate.imported === true && !session.inState.has(key));
  }

  /** A replacement is one whatever the values are that nobody knows yet, and drops what is stored now. */
  async #checkWithUnknown(
    request: Request,
    replaced: Values | undefined,
    permissions: Permissions,
  ): Promise<Checked> {
    const { kind, hasMessages } = this.#values;
    const { client: session, action, prior, planned } = request;
    if (session?.run.isPlanning !== true) return unchecked;
    if (action === 'update' && prior !== null) {
      const live = await this.#values.findStored(session.run, prior);
      const foreign = await this.#foreign(request, session, prior, live);
      return foreign === undefined ? unchecked : { ...unchecked, diagnostics: [foreign] };
    }
    const before = action === 'replace' ? prior : action === 'create' ? (replaced ?? null) : null;
    if (before === null || isReplacementChecked(request)) return unchecked;
    if (hasMessages && hasUnknownAttribute(planned ?? {}, ['allowMessageLoss'])) return unchecked;
    const live = await this.#values.findStored(session.run, before);
    if (live === undefined) return unchecked;
    return this.#checkReplacement(request, before, live, kind.normalise(live), { permissions });
  }

  async #checkReplacement(
    request: Request,
    before: Values,
    live: L,
    after: C,
    context: PlanContext,
  ): Promise<Checked> {
    const { client: session, priorPrivate, planned } = request;
    if (session === undefined) return unchecked;
    const { kind, particular } = this.#values;
    const name = this.#values.nameOf(before);
    const foreign = await this.#foreign(request, session, before, live);
    if (foreign !== undefined) return { ...unchecked, isReplacementChecked: true, diagnostics: [foreign] };
    const plan = await kind.plan(session.run, live, after, { ...context, isForced: true });
    const early = createdTooEarly(kind, before, planned, particular.nameAttribute);
    // What looks like a tainted object may be a second resource of that name: one error about it is enough.
    const isSilent = plan.refusals.length > 0 && !session.claimed.refuse(kind.name, name);
    return {
      isReplacementChecked: true,
      // Terraform drops the warnings of the second call for a replacement, so the removal gives it.
      unshownLoss: isReplacing(priorPrivate) ? (plan.loss?.consequence ?? null) : null,
      diagnostics: isSilent ? [] : [...planProblems(kind, name, plan, context.permissions), ...early],
    };
  }
}
