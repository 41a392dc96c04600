import { brokerFields, fieldNames, terraformName } from '../../../model/field';
import { externalName } from '../../../model/names';
import type { Kind, Permissions, Plan, PlanContext, Run } from '../../reconcile';
import { replacedTooEarly } from '../../reconcile';
import type { Value, Values } from '../cty/value';
import { numberAt, stringAt } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';
import type { DeleteRequest, Outcome, PlanAdjustment, PlanRequest, Resource } from '../framework/resource';
import { type Checked, unchecked } from './checked';
import { declaredOwnerOf, declarationOfValues, hasUnknownAttribute } from './attributes';
import { capital, diagnosticFor, explained, warning } from './diagnose';
import { ownedElsewhere, recordedOwner, takenName } from './whose';
import { permissionsFor, permissionsForRemoval } from './permissions';
import {
  isReplacementChecked,
  isReplacing,
  duplicateResource,
  secondHalfMemory,
  successorOf,
} from './second-claim';
import { objectStateOf } from './object-state';
import type { KindResource } from './particulars';
import type { Session } from './session';

/** The Terraform resource of a kind. */
export function resourceOf<D, C extends object, L>(
  kind: Kind<D, C, L>,
  particular: KindResource<D, C, L>,
): Resource<Session> {
  const { nameAttribute } = particular;
  const declared = (values: Values): D => declarationOfValues<D>(kind.fields as never, values) as D;
  const canonical = (values: Values): C => kind.canonical(declared(values));
  const hasMessages = 'allowMessageLoss' in kind.fields;

  const objectState = objectStateOf(kind, particular);
  const stateAfter = (before: Values, live: L): Values => objectState.after(before, canonical(before), live);

  const outcome = async (session: Session, planned: Values, live: L): Promise<Outcome> => ({
    state: stateAfter(planned, live),
    private: { ...(await session.identity()), ...(hasMessages ? permissionsFor(null, planned).kept : {}) },
  });

  const read = async (session: Session, state: Values): Promise<Outcome> => {
    const known = { declaration: declared(state), version: numberAt(state, 'version') };
    const object = { name: stringAt(state, nameAttribute) ?? '', uid: stringAt(state, 'uid') };
    const live = await kind.find(session.run, object, known);
    if (live === undefined) {
      session.inState.delete(keyOf(object.name));
      return { state: null, diagnostics: await takenName(session, kind, object) };
    }
    session.inState.set(keyOf(object.name), state);
    return { state: { ...stateAfter(state, live), ...(await particular.refreshed?.(session, live, state)) } };
  };

  const plan = async (request: PlanRequest<Session>): Promise<PlanAdjustment> => {
    const { prior, planned, config } = request;
    const replaced = replacedInState(request);
    const permissions = permissionsFor(prior ?? replaced ?? null, planned);
    const memory = {
      ...secondHalfMemory(request, replaced),
      ...successorOf(planned, nameAttribute),
      ...(hasMessages ? permissions.kept : {}),
    };
    const second = duplicateResource(request, kind, nameAttribute);
    if (second !== undefined) return { private: memory, diagnostics: [second] };
    const name = planned === null ? undefined : stringAt(planned, nameAttribute);
    if (name !== undefined) request.client?.planned.add(keyOf(name));
    if (planned === null) {
      const { diagnostics } = await checked(request, undefined, permissions);
      return { private: memory, diagnostics };
    }
    const adjusted: Record<string, Value> = { ...particular.defaults?.(request, planned) };
    // By what is written: a computed value that only the broker decides hides nothing that could be refused.
    if (hasUnknownAttribute(config ?? {}, fieldNames(kind.fields))) {
      const { diagnostics, ...check } = await checkedWithUnknown(request, replaced, permissions);
      return { planned: adjusted, private: { ...memory, ...check }, diagnostics };
    }
    const after = canonical({ ...planned, ...adjusted });
    if (prior !== null) Object.assign(adjusted, kept(prior, after));
    const { diagnostics, ...check } = await checked(request, after, permissions, replaced);
    return { planned: adjusted, private: { ...memory, ...check }, diagnostics };
  };

  const keyOf = (name: string): string => `${kind.name} ${externalName(name)}`;

  /** The object of the state that a creation replaces: Terraform shows it neither for a tainted object nor for `-replace`. */
  const replacedInState = ({ client, prior, planned }: PlanRequest<Session>): Values | undefined => {
    const name = prior !== null || planned === null ? undefined : stringAt(planned, nameAttribute);
    return name === undefined ? undefined : client?.inState.get(keyOf(name));
  };

  /** Values that mean the same as those that are there stay as they are. */
  const kept = (prior: Values, after: C): Values => {
    const changed = kind.diff(canonical(prior), after).fields.map(({ field }) => field);
    const values: Record<string, Value> = { ...particular.unaffected?.(changed, prior) };
    for (const [field] of brokerFields(kind.fields)) {
      const value = prior[terraformName(field)];
      if (!changed.includes(field) && value !== undefined) values[terraformName(field)] = value;
    }
    return values;
  };

  const checked = async (
    request: PlanRequest<Session>,
    after: C | undefined,
    permissions: Permissions,
    replaced?: Values,
  ): Promise<Checked> => {
    const { client: session, prior, planned, action } = request;
    if (session?.run.isPlanning !== true) return unchecked;
    const { run } = session;
    const createdFirst = planned === null ? [] : ((await particular.createdFirst?.(session, planned)) ?? []);
    if (action === 'create') {
      if (after === undefined || planned === null) return unchecked;
      const live = await kind.find(run, { name: stringAt(planned, nameAttribute) ?? '' });
      if (live !== undefined && isStoredAs(live, replaced)) {
        if (isReplacementChecked(request)) return unchecked;
        return replacement(request, nameOf(planned), live, after, { permissions, createdFirst });
      }
      const creation = declaredOwnerOf(planned);
      const name = nameOf(planned);
      const existing = await kind.plan(run, live, after, { permissions, creation, createdFirst });
      if (existing.refusals.length > 0 && !session.claimed.refuse(kind.name, name)) return unchecked;
      const problems = forbidden(name, existing, permissions);
      // An error would keep a destroy of the stack from running: Terraform plans the configuration before it destroys.
      const isTaken = session.taken.has(keyOf(name));
      return {
        ...unchecked,
        diagnostics: [
          ...problems.map((each) => (isTaken ? { ...each, severity: 'warning' as const } : each)),
          ...adoption(name, existing),
        ],
      };
    }
    const before = prior ?? {};
    const live = await findStored(run, before);
    const owned = after === undefined ? [] : await ownedElsewhere(request, kind, live, nameAttribute);
    if (owned.length > 0) return { ...unchecked, diagnostics: owned };
    const notices = after === undefined ? [] : ((await particular.notices?.(session, live)) ?? []);
    if (action === 'none') return { ...unchecked, diagnostics: notices };
    const change = await kind.plan(run, live, after, { permissions, createdFirst });
    return {
      isReplacementChecked: change.change.kind === 'replace',
      unshownLoss: null,
      diagnostics: [...forbidden(nameOf(before), change, permissions), ...notices],
    };
  };

  /** A replacement is one whatever the values are that nobody knows yet, and drops what is stored now. */
  const checkedWithUnknown = async (
    request: PlanRequest<Session>,
    replaced: Values | undefined,
    permissions: Permissions,
  ): Promise<Checked> => {
    const { client: session, action, prior, planned } = request;
    const before = action === 'replace' ? prior : action === 'create' ? (replaced ?? null) : null;
    if (session?.run.isPlanning !== true || before === null || isReplacementChecked(request))
      return unchecked;
    if (hasMessages && hasUnknownAttribute(planned ?? {}, ['allowMessageLoss'])) return unchecked;
    const live = await findStored(session.run, before);
    if (live === undefined) return unchecked;
    return replacement(request, nameOf(before), live, kind.normalise(live), { permissions });
  };

  const replacement = async (
    { client: session, priorPrivate }: PlanRequest<Session>,
    name: string,
    live: L,
    after: C,
    context: PlanContext,
  ): Promise<Checked> => {
    if (session === undefined) return unchecked;
    const planned = await kind.plan(session.run, live, after, { ...context, isForced: true });
    // What looks like a tainted object may be a second resource of that name: one error about it is enough.
    const isSilent = planned.refusals.length > 0 && !session.claimed.refuse(kind.name, name);
    const diagnostics = isSilent ? [] : forbidden(name, planned, context.permissions);
    // Terraform drops the warnings of the second call for a replacement, so the removal gives it.
    const unshownLoss = isReplacing(priorPrivate) ? (planned.loss?.consequence ?? null) : null;
    return { isReplacementChecked: true, unshownLoss, diagnostics };
  };

  const findStored = (run: Run, stored: Values): Promise<L | undefined> =>
    kind.find(
      run,
      { name: stringAt(stored, nameAttribute) ?? '', uid: stringAt(stored, 'uid') },
      { declaration: declared(stored), version: numberAt(stored, 'version') },
    );

  /** True when an object on the broker is the one that a state describes. */
  const isStoredAs = (live: L, stored: Values | undefined): boolean => {
    if (stored === undefined) return false;
    const uid = stringAt(stored, 'uid');
    return uid === undefined || uid === kind.uidOf(live);
  };

  const nameOf = (values: Values): string => kind.nameOf(declared(values));

  /** What forbids the change, and what it drops with permission. */
  const forbidden = (
    name: string,
    { refusals: refused, loss }: Plan,
    { allowMessageLoss }: Permissions,
  ): Diagnostic[] => {
    const errors = refused.map(({ error, field }) =>
      diagnosticFor(error, field === undefined ? undefined : terraformName(field)),
    );
    if (loss === undefined || !allowMessageLoss) return errors;
    const summary = `${capital(kind.describe(name))} loses messages`;
    return [...errors, warning(summary, `This will ${loss.consequence}. allowMessageLoss permits it.`)];
  };

  /** Terraform shows a creation; what it means for the object that is there is said beside it. */
  const adoption = (name: string, { change, continuation, refusals: refused }: Plan): Diagnostic[] => {
    if (continuation === undefined || refused.length > 0) return [];
    const why =
      continuation === 'adopted'
        ? 'It exists on the broker, and this declaration adopts it (adoptExisting).'
        : 'It exists on the broker and belongs to this declaration, but the Terraform state does not contain it.';
    const verb = continuation === 'adopted' ? 'adopted' : 'resumed';
    return [
      warning(
        `${capital(kind.describe(name))} exists and is ${verb}`,
        `${why} ${particular.becomes(change)}`,
      ),
    ];
  };

  /** Makes or changes an object, after one that it names and that the run makes at the same time. */
  const inTurn = (session: Session, planned: Values, change: () => Promise<L>): Promise<L> =>
    session.made.during(async () => {
      let live: L;
      try {
        live = await change();
      } catch (error) {
        const awaited = particular.waitsFor?.(error, planned);
        if (awaited === undefined || !(await session.made.hasCome(awaited))) throw error;
        live = await change();
      }
      session.made.add(keyOf(nameOf(planned)));
      return live;
    });

  const remove = async (
    session: Session,
    { prior, private: privateState }: DeleteRequest,
  ): Promise<Outcome | undefined> => {
    session.run.changing();
    const before = canonical(prior);
    const name = nameOf(prior);
    const uid = stringAt(prior, 'uid');
    // With create_before_destroy the new object was "created" already, which means that it is this very object. An
    // error would leave the old object in the state, and the next run would destroy the new one as that.
    const created = session.created.get(`${kind.name} ${name}`);
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
    if (why !== undefined) {
      const left = `${capital(kind.describe(name))} stays on the broker`;
      const detail = `${capital(why)}. It is out of the state, and was not touched.`;
      return { state: null, diagnostics: [warning(left, detail)] };
    }
    if (notices.length > 0) {
      const summary = `${capital(kind.describe(name))} stays until nothing needs it`;
      return { state: null, diagnostics: notices.map((text) => warning(summary, text)) };
    }
    if (typeof privateState.unshownLoss !== 'string') return undefined;
    const summary = `${capital(kind.describe(name))} was replaced and lost messages`;
    const detail = `The plan could not show this, because Terraform forced the replacement: it was going to ${privateState.unshownLoss}. allowMessageLoss permitted it.`;
    return { state: null, diagnostics: [warning(summary, detail)] };
  };

  return {
    typeName: particular.typeName,
    schemaVersion: 0,
    description: particular.description,
    attributes: particular.attributes,
    validate: (config) => particular.validate(config),
    stored: (session, state) => {
      const name = stringAt(state, nameAttribute);
      if (name !== undefined) session.inState.set(keyOf(name), state);
    },
    read: (session, state, privateState) =>
      explained(
        () => session.planned.during(() => session.readHere(state, privateState, () => read(session, state))),
        session.outage,
      ),
    plan: (request) => {
      const { client: session } = request;
      const step = () => plan(request);
      return explained(() => session?.planned.during(step) ?? step(), session?.outage);
    },
    create: (session, { planned }) =>
      explained(async () => {
        session.run.changing();
        const permissions = permissionsFor(null, planned);
        const live = await inTurn(session, planned, () =>
          kind.create(session.run, canonical(planned), declaredOwnerOf(planned), permissions),
        );
        session.created.set(`${kind.name} ${nameOf(planned)}`, kind.uidOf(live));
        return outcome(session, planned, live);
      }, session.outage),
    update: (session, { planned, prior }) =>
      explained(async () => {
        session.run.changing();
        const permissions = permissionsFor(prior, planned);
        const uid = stringAt(prior, 'uid');
        const live = await inTurn(session, planned, () =>
          kind.update(session.run, canonical(planned), declaredOwnerOf(planned, prior), permissions, uid),
        );
        return outcome(session, planned, live);
      }, session.outage),
    delete: (session, request) => explained(() => remove(session, request), session.outage),
    import: (session, id) =>
      explained(async () => {
        const live = await kind.find(session.run, { name: id });
        if (live === undefined) return { state: null };
        return {
          state: objectState.imported(live),
          private: { imported: true },
          diagnostics: await recordedOwner(session, kind, id, live),
        };
      }, session.outage),
  };
}
