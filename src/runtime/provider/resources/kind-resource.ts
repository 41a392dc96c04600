import { externalName } from '../../../model/names';
import type { Kind } from '../../reconcile';
import type { Values } from '../cty/value';
import { stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { ResourceIdentity } from '../framework/identity';
import type { Outcome, Resource } from '../framework/resource';
import { isInSet } from './attributes';
import { explained } from './diagnose';
import { KindApply } from './kind-apply';
import { KindPlan } from './kind-plan';
import { KindValues } from './kind-values';
import { objectStateOf } from './object-state';
import type { KindResource } from './particulars';
import type { Session } from './session';
import { ownedElsewhere, recordedOwner, takenName } from './whose';

/** The identity of objects of a kind: the name, in the form of the broker. It is also the import id. */
function identityOf(
  typeName: string,
  attributes: readonly Attribute[],
  nameAttribute: string,
): ResourceIdentity {
  const attribute = attributes.find(({ name }) => name === nameAttribute);
  if (attribute === undefined) throw new Error(`${typeName} has no attribute ${nameAttribute}`);
  const { name, type, description } = attribute;
  return {
    version: 0,
    attributes: [{ name, type, description }],
    of: (state) => {
      const given = stringAt(state, name);
      return given === undefined ? undefined : { [name]: externalName(given) };
    },
    importId: (identity) => stringAt(identity, name) ?? '',
  };
}

/** The Terraform resource of a kind. */
export function resourceOf<D, C extends object, L>(
  kind: Kind<D, C, L>,
  particular: KindResource<D, C, L>,
): Resource<Session> {
  const values = new KindValues(kind, particular);
  const objectState = objectStateOf(kind, particular);
  const planning = new KindPlan(values);
  const applying = new KindApply(values, objectState);

  const read = async (session: Session, state: Values, isImported: boolean): Promise<Outcome> => {
    const name = values.nameIn(state) ?? '';
    // Whatever is there now, the next apply finishes it first.
    if ((await kind.interrupted?.(session.run, externalName(name))) !== undefined) {
      session.inState.set(values.keyOf(name), state);
      return { state: { ...state, ...particular.whileInterrupted } };
    }
    if ((await particular.isUnfinished?.(session, state)) === true) {
      session.inState.set(values.keyOf(name), state);
      return { state };
    }
    const live = await values.findStored(session.run, state);
    if (live === undefined) {
      if (!isInSet(state)) session.inState.delete(values.keyOf(name));
      return {
        state: null,
        diagnostics: await takenName(session, kind, { name, uid: stringAt(state, 'uid') }),
      };
    }
    if (!isInSet(state)) session.inState.set(values.keyOf(name), state);
    // What another declaration makes of its object is no difference that a plan of this one could set right, and none that
    // may keep a destroy of this stack from running.
    const claim = { prior: state, isImported: false };
    if (!isImported && (await ownedElsewhere(session, kind, { name, live }, claim)) !== undefined)
      return { state };
    const after = objectState.after(state, values.canonical(state), live);
    return { state: { ...after, ...(await particular.refreshed?.(session, live, state)) } };
  };

  const imported = async (session: Session, id: string): Promise<Outcome> => {
    const live = await kind.find(session.run, { name: id });
    if (live === undefined) return { state: null };
    session.imported.add(values.keyOf(id));
    return {
      state: objectState.imported(live),
      private: { imported: true },
      diagnostics: await recordedOwner(session, kind, id, live),
    };
  };

  return {
    typeName: particular.typeName,
    schemaVersion: 0,
    description: particular.description,
    attributes: particular.attributes,
    identity: identityOf(particular.typeName, particular.attributes, particular.nameAttribute),
    ...(particular.fromEarlierVersion === undefined
      ? {}
      : { fromEarlierVersion: particular.fromEarlierVersion }),
    validate: (config) => particular.validate(config),
    stored: (session, state) => {
      const name = values.nameIn(state);
      if (name !== undefined) session.inState.set(values.keyOf(name), state);
    },
    read: (session, state, privateState) =>
      explained(
        () =>
          session.planned.during(() =>
            session.readHere(state, privateState, () => read(session, state, privateState.imported === true)),
          ),
        session.outage,
      ),
    plan: (request) => {
      const { client: session } = request;
      const step = () => planning.plan(request);
      return explained(() => session?.planned.during(step) ?? step(), session?.outage);
    },
    create: (session, request) => explained(() => applying.create(session, request), session.outage),
    update: (session, request) => explained(() => applying.update(session, request), session.outage),
    delete: (session, request) => explained(() => applying.remove(session, request), session.outage),
    import: (session, id) => explained(() => imported(session, id), session.outage),
  };
}
