import { MemphisError } from '../../../model/errors';
import type { Permissions } from '../../reconcile';
import { NotInPlaceError, removeStaleRecords, replacedTooEarly } from '../../reconcile';
import type { Values } from '../cty/value';
import { stringAt } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';
import type { CreateRequest, DeleteRequest, Outcome, UpdateRequest } from '../framework/resource';
import { declaredOwnerOf } from './attributes';
import { diagnosticFor } from './diagnose';
import { finishedLater, leftAlone, otherwise, setLater, unshownLoss } from './kind-messages';
import type { KindValues } from './kind-values';
import type { ObjectState } from './object-state';
import { permissionsFor, permissionsForRemoval } from './permissions';
import { isReplacing } from './second-claim';
import type { Session } from './session';

/** An object that was made or changed. */
interface Changed<C, L> {
  readonly live: L;
  /** What was written by now. */
  readonly after: C;
  readonly diagnostics: readonly Diagnostic[];
}

/** Applies the planned changes of the resources of a kind. */
export class KindApply<D, C extends object, L> {
  readonly #values: KindValues<D, C, L>;
  readonly #objectState: ObjectState<C, L>;

  constructor(values: KindValues<D, C, L>, objectState: ObjectState<C, L>) {
    this.#values = values;
    this.#objectState = objectState;
  }

  async create(session: Session, request: CreateRequest): Promise<Outcome> {
    const { planned, config } = request;
    const { kind, particular } = this.#values;
    await this.#begin(session, planned);
    const permissions = permissionsFor(null, planned, session.stationDefaults);
    const changed = await this.#inTurn(session, planned, permissions, (after) => {
      const whole = particular.completed?.(after, config) ?? after;
      return this.#createOrReplace(session, request, whole, permissions);
    });
    session.created.set(this.#values.keyOf(this.#values.nameOf(planned)), kind.uidOf(changed.live));
    const notices = particular.afterCreation?.(changed.live) ?? [];
    return this.#outcome(session, planned, { ...changed, diagnostics: [...changed.diagnostics, ...notices] });
  }

  async update(session: Session, { planned, prior }: UpdateRequest): Promise<Outcome> {
    const { kind } = this.#values;
    await this.#begin(session, planned);
    const notices: string[] = [];
    const { carry, ...allowed } = permissionsFor(prior, planned, session.stationDefaults);
    const notice = (text: string): number => notices.push(text);
    const permissions = { ...allowed, carry: carry === undefined ? undefined : { ...carry, notice } };
    const owner = declaredOwnerOf(planned, prior);
    const uid = stringAt(prior, 'uid');
    const changed = await this.#inTurn(session, planned, permissions, (after) =>
      kind.update(session.run, after, owner, permissions, uid),
    );
    const said = otherwise(kind, this.#values.nameOf(planned), notices);
    return this.#outcome(session, planned, { ...changed, diagnostics: [...changed.diagnostics, ...said] });
  }

  /**
   * Creates an object. One of this declaration that the state does not know, because an interrupted run could not store it
   * or the state was lost, or because create_before_destroy makes it before the old one goes, is replaced where it cannot become what is declared: with the protection of any replacement.
   */
  async #createOrReplace(
    session: Session,
    { planned, private: privateState }: CreateRequest,
    after: C,
    permissions: Permissions,
  ): Promise<L> {
    const { kind } = this.#values;
    const { run } = session;
    const claim = declaredOwnerOf(planned);
    try {
      return await kind.create(run, after, claim, permissions);
    } catch (error) {
      if (!(error instanceof NotInPlaceError) || isReplacing(privateState)) throw error;
    }
    const ofObject = permissionsFor(planned, planned, session.stationDefaults);
    if (permissions.carry !== undefined) return kind.update(run, after, claim, ofObject);
    const removal = { permissions: ofObject, owner: claim.owner, isReplacement: true };
    await kind.destroy(run, after, { ...removal, successor: this.#values.nameOf(planned) });
    return kind.create(run, after, claim, permissions);
  }

  /** @returns undefined when there is nothing to say. */
  async remove(
    session: Session,
    { prior, private: privateState }: DeleteRequest,
  ): Promise<Outcome | undefined> {
    const { kind } = this.#values;
    await this.#begin(session, prior);
    const before = this.#values.canonical(prior);
    const name = this.#values.nameOf(prior);
    const uid = stringAt(prior, 'uid');
    // With create_before_destroy the new object was "created" already, which means that it is this very object. An
    // error would leave the old object in the state, and the next run would destroy the new one as that.
    const created = session.created.get(this.#values.keyOf(name));
    if (created !== undefined && (uid === undefined || created === uid)) {
      const error = replacedTooEarly(kind.name, kind.describe(name));
      return { state: null, diagnostics: [{ ...diagnosticFor(error), severity: 'warning' }] };
    }
    // With a changed field it was replaced when the new object was created.
    if (created !== undefined) return undefined;
    if (isReplacing(privateState)) this.#values.particular.refuseRemoval?.(name, privateState);
    const notices: string[] = [];
    const why = await kind.destroy(session.run, before, {
      notice: (text) => notices.push(text),
      successor: typeof privateState.successor === 'string' ? privateState.successor : undefined,
      permissions: permissionsForRemoval(prior, privateState, session.stationDefaults),
      uid,
      owner: declaredOwnerOf(prior).owner,
      isReplacement: isReplacing(privateState),
      movesOn: privateState.movesOn === true,
    });
    if (why !== undefined) return { state: null, diagnostics: [leftAlone(kind, name, why)] };
    if (notices.length > 0) return { state: null, diagnostics: finishedLater(kind, name, notices) };
    if (typeof privateState.unshownLoss !== 'string') return undefined;
    return { state: null, diagnostics: [unshownLoss(kind, name, privateState.unshownLoss)] };
  }

  /** Every change begins with it. */
  async #begin(session: Session, values: Values): Promise<void> {
    session.changing();
    await removeStaleRecords(session.run, declaredOwnerOf(values).owner);
  }

  /** Makes or changes an object, after one that it names and that the run makes at the same time. */
  #inTurn(
    session: Session,
    planned: Values,
    permissions: Permissions,
    change: (after: C) => Promise<L>,
  ): Promise<Changed<C, L>> {
    return session.made.during(async () => {
      const changed = await this.#changeInTurn(session, planned, permissions, change);
      const key = this.#values.keyOf(this.#values.nameOf(planned));
      session.made.add(key);
      return { ...changed, diagnostics: [...changed.diagnostics, ...(await finishPostponed(session, key))] };
    });
  }

  async #changeInTurn(
    session: Session,
    planned: Values,
    permissions: Permissions,
    change: (after: C) => Promise<L>,
  ): Promise<Changed<C, L>> {
    const { kind, particular } = this.#values;
    const after = this.#values.canonical(planned);
    try {
      return { live: await change(after), after, diagnostics: [] };
    } catch (error) {
      const awaited = particular.waitsFor?.(error, planned);
      if (awaited === undefined) throw error;
      if (await session.made.hasCome(awaited)) return { live: await change(after), after, diagnostics: [] };
      const without = particular.withoutAwaited?.(after);
      if (without === undefined || !session.made.isBlocked(awaited)) throw error;
      // Terraform comes to the awaited object only once some of those that wait for it are done.
      const live = await change(without);
      const owner = declaredOwnerOf(planned, planned);
      session.made.postpone(awaited, async () => {
        await kind.update(session.run, after, owner, permissions, kind.uidOf(live));
      });
      const diagnostics = [setLater(kind, this.#values.nameOf(planned), awaited)];
      return {
        live,
        after: without,
        diagnostics: [...diagnostics, ...(await finishPostponed(session, awaited))],
      };
    }
  }

  async #outcome(
    session: Session,
    planned: Values,
    { live, after, diagnostics }: Changed<C, L>,
  ): Promise<Outcome> {
    const kept = this.#values.hasMessages ? permissionsFor(null, planned, session.stationDefaults).kept : {};
    return {
      state: this.#objectState.after(planned, after, live),
      private: { ...(await session.identity()), ...kept },
      diagnostics,
    };
  }
}

/** Writes what waited for an object that the run has made now. */
async function finishPostponed(session: Session, key: string): Promise<Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const action of session.made.takePostponed(key)) {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof MemphisError)) throw error;
      diagnostics.push({ ...diagnosticFor(error), severity: 'warning' });
    }
  }
  return diagnostics;
}
