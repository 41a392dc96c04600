import { externalName } from '../../../model/names';
import type {
  CanonicalSchemaEnforcement,
  SchemaEnforcementDeclaration,
} from '../../../model/schema-enforcement';
import { schemaEnforcementFields } from '../../../model/schema-enforcement';
import type { LiveEnforcement } from '../../reconcile';
import { enforcementKind, isLeftBehind } from '../../reconcile';
import { t } from '../cty/type';
import type { Value, Values } from '../cty/value';
import { isUnknown, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import { attributesOfTable } from './attributes';
import { problemDiagnostics } from './diagnose';
import { resourceOf } from './kind-resource';
import type { KindResource } from './particulars';
import type { Session } from './session';

const attributes: Attribute[] = [
  ...attributesOfTable(schemaEnforcementFields),
  {
    name: 'station_uid',
    type: t.string,
    optional: true,
    description: "The station's uid, so that a recreated station gets its schema again in the same run.",
  },
  {
    name: 'schema_uid',
    type: t.string,
    optional: true,
    description: "The schema's uid, so that a recreated schema is enforced again in the same run.",
  },
];

/** What is particular to enforcements, whether a resource stands for one or for many. */
export const enforcementParticulars: KindResource<
  SchemaEnforcementDeclaration,
  CanonicalSchemaEnforcement,
  LiveEnforcement
> = {
  typeName: 'memphis_schema_enforcement',
  description:
    'The enforcement of a schema on the messages of a station. A station enforces at most one schema.',
  attributes,
  nameAttribute: 'station_name',
  validate: (config) => problemDiagnostics(schemaEnforcementFields, [], config),
  computed: () => ({}),
  refreshed,
  isUnfinished: ({ run }, state) => isLeftBehind(run, stringAt(state, 'schema_name') ?? ''),
  // An unknown uid belongs to an object that the same run creates.
  createdFirst: (_session, planned) => [
    ...(isUnknown(planned.station_uid) ? (['stationName'] as const) : []),
    ...(isUnknown(planned.schema_uid) ? (['schemaName'] as const) : []),
  ],
  planning: (session, prior, planned) => {
    const isSame = (name: string): boolean => planned?.[name] === prior[name];
    if (isSame('station_name') && isSame('schema_name')) return;
    session.planned.add(leaving(stringAt(prior, 'station_name') ?? ''));
  },
  becomes: () => 'The declared schema replaces the one that the station enforces.',
};

export const schemaEnforcementResource = resourceOf(enforcementKind, enforcementParticulars);

/** What a plan waits for that needs to know whether a station gives up the schema which it enforces. */
export function leaving(station: string): string {
  return `leaving schema: ${externalName(station)}`;
}

/** A uid that the state has shows a station or schema that was recreated by hand. */
async function refreshed({ run }: Session, live: LiveEnforcement, state: Values): Promise<Values> {
  const uids: Record<string, Value> = {};
  if (stringAt(state, 'station_uid') !== undefined) uids.station_uid = String(live.id);
  // Of the schema that should be enforced: one that somebody attached instead shows by its name alone.
  const schema = (await run.snapshot()).schemas.get(externalName(stringAt(state, 'schema_name') ?? ''));
  if (stringAt(state, 'schema_uid') !== undefined && schema !== undefined)
    uids.schema_uid = String(schema.id);
  return uids;
}
