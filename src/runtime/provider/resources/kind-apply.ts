import { replacedTooEarly } from '../../reconcile';
import type { Values } from '../cty/value';
import { stringAt } from '../cty/value';
import type { CreateRequest, DeleteRequest, Outcome, UpdateRequest } from '../framework/resource';
import { declaredOwnerOf } from './attributes';
import { diagnosticFor } from './diagnose';
import { finishedLater, leftAlone, unshownLoss } from './kind-messages';
import type { KindValues } from './kind-values';
import type { ObjectState } from './object-state';
import { permissionsFor, permissionsForRemoval } from './permissions';
import { isReplacing } from './second-claim';
import type { Session } from './session';

/** Applies the planned changes of the resources of a kind. */
export class KindApply<D, C extends object, L> {
  readonly #values: KindValues<D, C, L>;
  readonly #objectState: ObjectState<C, L>;

  constructor(values: KindValues<D, C, L>, objectState: ObjectState<C, L>) {
    this.#values = values;
    this.#objectState = objectState;
  }

  async create(session: Session, { planned }: CreateRequest): Promise<Outcome> {
    const { kind } = this.#values;
    session.run.changing();
    const permissions = permissionsFor(null, planned);
    const live = await this.#inTurn(session, planned, () =>
      kind.create(session.run, this.#values.canonical(planned), declaredOwnerOf(planned), permissions),
    );
    session.created.set(this.#values.keyOf(this.#values.nameOf(planned)), kind.uidOf(live));
    return this.#outcome(session, planned, live);
  }

  async update(session: Session, { planned, prior }: UpdateRequest): Promise<Outcome> {
    const { kind } = this.#values;
    session.run.changing();
    const permissions = permissionsFor(prior, planned);
    const owner = declaredOwnerOf(planned, prior);
    const uid = stringAt(prior, 'uid');
    const live = await this.#inTurn(session, planned, () =>
      kind.update(session.run, this.#values.canonical(planned), owner, permissions, uid),
    );
    return this.#outcome(session, planned, live);
  }

  /** @returns undefined when there is nothing to say. */
  async remove(
    session: Session,
    { prior, private: privateState }: DeleteRequest,
  ): Promise<Outcome | undefined> {
    const { kind } = this.#values;
    session.run.changing();
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
    const notices: string[] = [];
    const why = await kind.destroy(session.run, before, {
      notice: (text) => notices.push(text),
      successor: typeof privateState.successor === 'string' ? privateState.successor : undefined,
      permissions: permissionsForRemoval(prior, privateState),
      uid,
      owner: declaredOwnerOf(prior).owner,
      isReplacement: isReplacing(privateState),
    });
    if (why !== undefined) return { state: null, diagnostics: [leftAlone(kind, name, why)] };
    if (notices.length > 0) return { state: null, diagnostics: finishedLater(kind, name, notices) };
    if (typeof privateState.unshownLoss !== 'string') return undefined;
    return { state: null, diagnostics: [unshownLoss(kind, name, privateState.unshownLoss)] };
  }

  /** Makes or changes an object, after one that it names and that the run makes at the same time. */
  #inTurn(session: Session, planned: Values, change: () => Promise<L>): Promise<L> {
    return session.made.during(async () => {
      let live: L;
      try {
        live = await change();
      } catch (error) {
        const awaited = this.#values.particular.waitsFor?.(error, planned);
        if (awaited === undefined || !(await session.made.hasCome(awaited))) throw error;
        live = await change();
      }
      session.made.add(this.#values.keyOf(this.#values.nameOf(planned)));
      return live;
    });
  }

  async #outcome(session: Session, planned: Values, live: L): Promise<Outcome> {
    const kept = this.#values.hasMessages ? permissionsFor(null, planned).kept : {};
    return {
      state: this.#objectState.after(planned, this.#values.canonical(planned), live),
      private: { ...(await session.identity()), ...kept },
    };
  }
}
