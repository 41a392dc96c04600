import { internalName } from '../../../model/names';
import { stationFields, stationRules } from '../../../model/station';
import type { LiveStation } from '../../reconcile';
import {
  createStation,
  destroyStation,
  forgetAttachments,
  isAnother,
  keepAttachments,
  observeStation,
  putBackAttachments,
  recordOwner,
  replacedTooEarly,
  updateStation,
} from '../../reconcile';
import { t } from '../cty/type';
import type { Values } from '../cty/value';
import { booleanAt, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { CreateRequest, DeleteRequest, Outcome, Resource, UpdateRequest } from '../framework/resource';
import { attributesOf, claimOf } from './attributes';
import { isReplacing } from './second-claim';
import { diagnosticFor, explained, problemDiagnostics } from './diagnose';
import type { Session } from './session';
import { permissionsForRemoval, planStationChange } from './station-plan';
import { canonicalOf, importedState, stateAfter } from './station-state';

const uid: Attribute = {
  name: 'uid',
  type: t.string,
  computed: true,
  description: "The broker's own identifier of the station; a station that is made anew gets another one.",
};

const intact: Attribute = {
  name: 'intact',
  type: t.bool,
  computed: true,
  description:
    'True while every partition exists and takes messages. False after an operation that broke off half-way; the next deploy repairs it.',
};

/** The default of some fields cannot be named by the model alone: it depends on other fields, or on the broker. */
const attributes: Attribute[] = [
  ...attributesOf(stationFields).map(({ default: value, ...attribute }): Attribute => {
    if (attribute.name === 'retention_value') return attribute;
    if (attribute.name === 'tags') return { ...attribute, computed: true };
    return value === undefined ? attribute : { ...attribute, default: value };
  }),
  uid,
  intact,
];

export const stationResource: Resource<Session> = {
  typeName: 'memphis_station',
  schemaVersion: 0,
  description: 'A station of a Memphis broker: a named log of messages, spread over one or more partitions.',
  attributes,
  validate: (config) => problemDiagnostics(stationFields, stationRules, config),
  read: (session, state, known) =>
    explained(() => session.readHere(state, known, () => read(session, state))),
  plan: (request) => explained(() => planStationChange(request)),
  create: (session, request) => explained(() => create(session, request)),
  update: (session, request) => explained(() => update(session, request)),
  delete: (session, request) => explained(() => remove(session, request)),
  import: (session, id) =>
    explained(async () => {
      const station = (await session.live()).stations.get(internalName(id));
      return { state: station === undefined ? null : importedState(station) };
    }),
};

async function read(session: Session, state: Values): Promise<Outcome> {
  const station = (await session.live()).stations.get(internalName(stringAt(state, 'name') ?? ''));
  // A row whose streams are all gone holds nothing any more; the next deploy makes the station anew.
  if (station === undefined || station.streams.length === 0) return { state: null };
  // Another id: ours was removed, and somebody made another one of its name, which is not ours to change.
  if (isAnother(stringAt(state, 'uid'), station.row.id)) return { state: null };
  return { state: stateAfter(state, station) };
}

async function create(session: Session, { planned }: CreateRequest): Promise<Outcome> {
  session.changing();
  const station = canonicalOf(planned);
  const live = await createStation(session.admin, station, claimOf(planned), permitted(planned));
  session.made.set(station.name, String(live.row.id));
  const { owner } = claimOf(planned);
  const wasReplaced = await putBackAttachments(
    session.admin,
    station.name,
    owner,
    station.tags !== undefined,
  );
  return outcome(
    session,
    planned,
    wasReplaced ? ((await observeStation(session.admin, station.name)) ?? live) : live,
  );
}

async function update(session: Session, { planned, prior }: UpdateRequest): Promise<Outcome> {
  session.changing();
  const live = await updateStation(
    session.admin,
    canonicalOf(planned),
    permitted(planned),
    stringAt(prior, 'uid'),
  );
  const object = { kind: 'station', name: live.row.name, uid: String(live.row.id) } as const;
  await recordOwner(session.admin, object, claimOf(planned));
  return outcome(session, planned, live);
}

async function remove(
  session: Session,
  { prior, private: privateState }: DeleteRequest,
): Promise<Outcome | undefined> {
  session.changing();
  const name = canonicalOf(prior).name;
  // With create_before_destroy the new object was "made" already, which means that it is this very station. An error
  // would leave the old object in the state, and the next run would destroy the station as that one.
  if (session.made.get(name) === stringAt(prior, 'uid')) {
    return { state: null, diagnostics: [{ ...diagnosticFor(replacedTooEarly(name)), severity: 'warning' }] };
  }
  const permissions = permissionsForRemoval(prior, privateState);
  const uidOfOurs = stringAt(prior, 'uid');
  if (!isReplacing(privateState)) {
    await destroyStation(session.admin, name, permissions, uidOfOurs);
    return undefined;
  }
  await keepAttachments(session.admin, name, claimOf(prior).owner);
  try {
    await destroyStation(session.admin, name, permissions, uidOfOurs);
  } catch (error) {
    // The old station stays, with everything that is attached to it.
    await forgetAttachments(session.admin, name).catch(() => undefined);
    throw error;
  }
  return undefined;
}

function permitted(planned: Values): { readonly allowMessageLoss: boolean } {
  return { allowMessageLoss: booleanAt(planned, 'allow_message_loss') === true };
}

/** What the broker says after a change, and a private state without what only the plan had to hand over. */
async function outcome(session: Session, planned: Values, live: LiveStation): Promise<Outcome> {
  return {
    state: stateAfter(planned, live),
    private: { ...(await session.identity()), ...permitted(planned) },
  };
}
