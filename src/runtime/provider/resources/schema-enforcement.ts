import type { MemphisError } from '../../../model/errors';
import { AlreadyExistsError, NotFoundError } from '../../../model/errors';
import { externalName, internalName } from '../../../model/names';
import type { SchemaEnforcementDeclaration } from '../../../model/schema-enforcement';
import { schemaEnforcementFields } from '../../../model/schema-enforcement';
import type { StationRow } from '../../admin';
import type { LiveBroker } from '../../reconcile';
import { createEnforcement, destroyEnforcement, updateEnforcement } from '../../reconcile';
import { t } from '../cty/type';
import type { Value, Values } from '../cty/value';
import { isUnknown, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { Diagnostic } from '../framework/diagnostics';
import type { Outcome, PlanAdjustment, PlanRequest, Resource } from '../framework/resource';
import { attributesOf, declarationOf, hasUnknown } from './attributes';
import { secondClaim, secondHalfMemory } from './second-claim';
import { diagnosticFor, explained, problemDiagnostics } from './diagnose';
import type { Session } from './session';

const attributes: Attribute[] = [
  ...attributesOf(schemaEnforcementFields),
  {
    name: 'station_uid',
    type: t.string,
    optional: true,
    description:
      "The station's uid, so that a station that is made anew gets its schema again in the same run.",
  },
  {
    name: 'schema_uid',
    type: t.string,
    optional: true,
    description: "The schema's uid, so that a schema that is made anew is enforced again in the same run.",
  },
];

export const schemaEnforcementResource: Resource<Session> = {
  typeName: 'memphis_schema_enforcement',
  schemaVersion: 0,
  description:
    'The enforcement of a schema on the messages of a station. A station enforces at most one schema.',
  attributes,
  validate: (config) => problemDiagnostics(schemaEnforcementFields, [], config),
  read: (session, state, known) =>
    explained(() => session.readHere(state, known, () => read(session, state))),
  plan: (request) => explained(() => plan(request)),
  create: (session, { planned }) =>
    explained(async () => {
      session.changing();
      const row = await createEnforcement(session.admin, declaration(planned));
      return { ...outcome(planned, row), private: await session.identity() };
    }),
  update: (session, { planned }) =>
    explained(async () => {
      session.changing();
      const row = await updateEnforcement(session.admin, declaration(planned));
      return { ...outcome(planned, row), private: await session.identity() };
    }),
  delete: (session, { prior }) =>
    explained(async () => {
      session.changing();
      await destroyEnforcement(session.admin, declaration(prior));
      return undefined;
    }),
  import: (session, id) =>
    explained(async () => {
      const row = (await session.live()).stations.get(internalName(id))?.row;
      if (row === undefined || row.schemaName === '') return { state: null };
      return {
        state: {
          station_name: row.name,
          schema_name: row.schemaName,
          station_uid: null,
          schema_uid: null,
          owner: null,
        },
      };
    }),
};

async function read(session: Session, state: Values): Promise<Outcome> {
  const live = await session.live();
  const row = live.stations.get(internalName(stringAt(state, 'station_name') ?? ''))?.row;
  if (row === undefined || row.schemaName === '') return { state: null };
  const uids: Record<string, Value> = {};
  if (stringAt(state, 'station_uid') !== undefined) uids.station_uid = String(row.id);
  // Of the schema that should be enforced: one that somebody attached instead shows by its name alone.
  const schema = live.schemas.get(externalName(stringAt(state, 'schema_name') ?? ''));
  if (stringAt(state, 'schema_uid') !== undefined && schema !== undefined)
    uids.schema_uid = String(schema.id);
  return outcome({ ...state, ...uids }, row);
}

/** The state after the broker was looked at: a name in other letters keeps the spelling it has. */
function outcome(stateBefore: Values, row: StationRow): Outcome {
  const { schemaName } = declaration(stateBefore);
  const same = externalName(schemaName) === row.schemaName;
  return { state: { ...stateBefore, schema_name: same ? schemaName : row.schemaName } };
}

function declaration(values: Values): SchemaEnforcementDeclaration {
  return declarationOf<SchemaEnforcementDeclaration>(
    schemaEnforcementFields,
    values,
  ) as SchemaEnforcementDeclaration;
}

async function plan(request: PlanRequest<Session>): Promise<PlanAdjustment> {
  const { planned, prior, client: session } = request;
  const memory = secondHalfMemory(request);
  const second = secondClaim(request, 'enforcement', 'station_name', externalName);
  if (second !== undefined) return { private: memory, diagnostics: [second] };
  if (planned === null || hasUnknown(planned, ['stationName', 'schemaName'])) return { private: memory };
  const declared = declaration(planned);
  const adjusted: Record<string, Value> = {};
  if (prior !== null) {
    const before = declaration(prior);
    if (internalName(before.stationName) === internalName(declared.stationName))
      adjusted.station_name = before.stationName;
    if (externalName(before.schemaName) === externalName(declared.schemaName))
      adjusted.schema_name = before.schemaName;
  }
  if (session === undefined || !session.isPlanning || request.action === 'none')
    return { planned: adjusted, private: memory };
  const diagnostics = refusals(request, planned, declared, await session.live());
  const isFirst =
    diagnostics.length === 0 || session.claimed.refuse('enforcement', externalName(declared.stationName));
  return { planned: adjusted, private: memory, diagnostics: isFirst ? diagnostics : [] };
}

function refusals(
  { action }: PlanRequest<Session>,
  planned: Values,
  declared: SchemaEnforcementDeclaration,
  live: LiveBroker,
): Diagnostic[] {
  const attempted = `enforce schema "${declared.schemaName}" on station "${declared.stationName}"`;
  const found: [MemphisError, string][] = [];
  const station = live.stations.get(internalName(declared.stationName))?.row;
  // An unknown uid belongs to an object that the same run makes.
  if (station === undefined && !isUnknown(planned.station_uid)) {
    found.push([missing(attempted, 'station', declared.stationName), 'station_name']);
  }
  if (!live.schemas.has(externalName(declared.schemaName)) && !isUnknown(planned.schema_uid)) {
    found.push([missing(attempted, 'schema', declared.schemaName), 'schema_name']);
  }
  const attached = station?.schemaName ?? '';
  const isNew = action === 'create' && !isUnknown(planned.station_uid);
  if (isNew && attached !== '' && attached !== externalName(declared.schemaName)) {
    found.push([occupied(attempted, declared, attached), 'schema_name']);
  }
  return found.map(([error, attribute]) => diagnosticFor(error, attribute));
}

function missing(attempted: string, kind: 'station' | 'schema', name: string): MemphisError {
  return new NotFoundError({
    attempted,
    found: `the broker has no ${kind} "${externalName(name)}", and this stack does not make it before the enforcement`,
    next: `Declare the ${kind} in this stack and pass that construct (in HCL: set ${kind}_uid to its uid), or check the name`,
  });
}

function occupied(attempted: string, declared: SchemaEnforcementDeclaration, attached: string): MemphisError {
  return new AlreadyExistsError({
    attempted,
    found: `the station enforces schema "${attached}" already; nothing was changed`,
    next: `Detach that schema first, or import the enforcement (terraform import <address> ${externalName(declared.stationName)}) to take it over`,
  });
}
