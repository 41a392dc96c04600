import { externalName } from '../../../model/names';
import type { Values } from '../cty/value';
import type { CreateRequest, DeleteRequest, Outcome, Resource } from '../framework/resource';
import { explained } from './diagnose';
import type { Session } from './session';
import { applySet } from './station-set/apply';
import { setAttributes } from './station-set/attributes';
import { membersOf, namesIn } from './station-set/members';
import { planSet } from './station-set/plan';
import { importSet, readSet } from './station-set/read';
import { validateSet } from './station-set/validate';

/** Any number of like stations as one resource. What it does with each is what the resource of a station does. */
export const stationSetResource: Resource<Session> = {
  typeName: 'memphis_station_set',
  schemaVersion: 0,
  description: 'Any number of like stations: what they have in common, and what differs for some of them.',
  attributes: setAttributes,
  // Sets from before they showed what somebody changed by hand.
  fromEarlierVersion: (state) => ({ stream_settings: {}, ...state }),
  validate: validateSet,
  stored: (session, state) => {
    for (const name of namesIn(state, 'stations') ?? []) session.setOf.set(externalName(name), state);
  },
  read: (session, state, privateState) =>
    explained(
      () =>
        session.planned.during(() => session.readHere(state, privateState, () => readSet(session, state))),
      session.outage,
    ),
  plan: (request) => explained(() => planSet(request), request.client?.outage),
  create: (session, request) => explained(() => created(session, request), session.outage),
  update: (session, { prior, planned }) =>
    explained(() => applySet(session, { prior, planned }), session.outage),
  delete: (session, request) => explained(() => removed(session, request), session.outage),
  import: (session, id) => explained(() => importSet(session, id), session.outage),
};

/** Makes a set; of one that Terraform replaces, the stations are there. */
function created(session: Session, { planned }: CreateRequest): Promise<Outcome> {
  const kept = [...(membersOf(planned) ?? [])]
    .map(([key]) => session.keptOf.get(key))
    .find((each) => each !== undefined);
  return applySet(session, { prior: kept ?? null, planned });
}

/** Removes a set. One that Terraform replaces keeps the stations that the new one has. */
async function removed(session: Session, { prior, private: privateState }: DeleteRequest): Promise<Outcome> {
  const keeps = Array.isArray(privateState.keeps) ? (privateState.keeps as readonly unknown[]) : undefined;
  if (keeps === undefined) return applySet(session, { prior, planned: null });
  const names = (namesIn(prior, 'stations') ?? []).filter((name) => keeps.includes(externalName(name)));
  const remaining: Values = { ...prior, stations: names };
  const outcome = await applySet(session, { prior, planned: remaining });
  for (const name of names) session.keptOf.set(externalName(name), remaining);
  const hasFailed = (outcome.diagnostics ?? []).some(({ severity }) => severity === 'error');
  return hasFailed ? outcome : { ...outcome, state: null };
}
