import { externalName } from '../../../model/names';
import type { Values } from '../cty/value';
import type { CreateRequest, DeleteRequest, Outcome, Resource } from '../framework/resource';
import { hasError } from '../framework/diagnostics';
import { declaredOwnerOf } from './attributes';
import { createBeforeDestroyPlace } from './created-first';
import { explained } from './diagnose';
import type { Session } from './session';
import { applySet } from './station-set/apply';
import { setAttributes } from './station-set/attributes';
import { membersOf, namesIn, stationsIn } from './station-set/members';
import { planSet } from './station-set/plan';
import { importSet, readSet } from './station-set/read';
import { validateSet } from './station-set/validate';

/** Any number of like stations as one resource. What it does with each is what the resource of a station does. */
export const stationSetResource: Resource<Session> = {
  typeName: 'memphis_station_set',
  schemaVersion: 1,
  description: 'Any number of like stations: what they have in common, and what differs for some of them.',
  attributes: setAttributes,
  fromEarlierVersion: (state, version) => ({
    // Sets from before they showed what somebody changed by hand.
    stream_settings: {},
    ...state,
    // Version 0 had the names as a set.
    ...(version === 0 ? { stations: withoutOverrides(namesIn(state, 'stations') ?? []) } : {}),
  }),
  validate: validateSet,
  stored: (session, state) => {
    for (const name of stationsIn(state)?.keys() ?? []) session.setOf.set(externalName(name), state);
  },
  read: (session, state, privateState) =>
    explained(
      () =>
        session.planned.during(() =>
          session.readHere(state, privateState, () => readSet(session, state, privateState)),
        ),
      session.outage,
    ),
  plan: (request) => explained(() => planSet(request), request.client?.outage),
  create: (session, request) => explained(() => created(session, request), session.outage),
  update: (session, { prior, planned }) =>
    explained(() => applySet(session, { prior, planned }), session.outage),
  delete: (session, request) => explained(() => removed(session, request), session.outage),
  import: (session, id) => explained(() => importSet(session, id), session.outage),
};

function withoutOverrides(names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, '']));
}

/** Makes a set; of one that Terraform replaces, the stations are there. */
async function created(session: Session, { planned }: CreateRequest): Promise<Outcome> {
  const keys = [...(membersOf(planned)?.keys() ?? [])];
  const kept = keys.map((key) => session.keptOf.get(key)).find((each) => each !== undefined);
  const taken = kept === undefined ? await takenOver(session, planned, keys) : [];
  const outcome = await applySet(session, { prior: kept ?? null, planned });
  // Without a new object, Terraform keeps the old one, which the next deploy compares with the broker.
  if (taken.length > 0 && hasError(outcome.diagnostics ?? [])) return { ...outcome, state: null };
  for (const key of taken) session.takenOver.add(key);
  return outcome;
}

/** The stations that are there already because create_before_destroy makes the new set before the old one goes. */
async function takenOver(
  { admin }: Session,
  planned: Values,
  keys: readonly string[],
): Promise<readonly string[]> {
  const { owner } = declaredOwnerOf(planned);
  if (owner === '' || createBeforeDestroyPlace(process.cwd()) === undefined) return [];
  const records = await admin.ledger.list('station');
  return keys.filter((key) => {
    const record = records.get(key);
    return record?.owner === owner && record.state === 'complete';
  });
}

/** Removes a set. One that Terraform replaces keeps the stations that the new one has. */
async function removed(session: Session, { prior, private: privateState }: DeleteRequest): Promise<Outcome> {
  const stations = [...(stationsIn(prior) ?? [])];
  const left = stations.filter(([name]) => !session.takenOver.has(externalName(name)));
  // Those that the new set has taken over are in its state.
  if (left.length < stations.length)
    return applySet(session, { prior: { ...prior, stations: Object.fromEntries(left) }, planned: null });
  const keeps = Array.isArray(privateState.keeps) ? (privateState.keeps as readonly unknown[]) : undefined;
  if (keeps === undefined) return applySet(session, { prior, planned: null });
  const isKept = new Set(keeps);
  const kept = stations.filter(([name]) => isKept.has(externalName(name)));
  const remaining: Values = { ...prior, stations: Object.fromEntries(kept) };
  const outcome = await applySet(session, { prior, planned: remaining });
  for (const [name] of kept) session.keptOf.set(externalName(name), remaining);
  return hasError(outcome.diagnostics ?? []) ? outcome : { ...outcome, state: null };
}
