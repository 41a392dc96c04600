import { clusterConfigFields } from './cluster-config';
import type { FieldTable } from './field';
import { schemaFields } from './schema-declaration';
import { schemaEnforcementFields } from './schema-enforcement';
import { comparedStationFields, stationFields, stationRules } from './station';
import { userFields, userRules } from './user';
import type { Rule } from './validation';

/** What everybody has to know about a kind of objects on a broker. */
interface KindFacts {
  readonly resourceType: string;
  /** What users declare. */
  readonly fields: FieldTable;
  /** What is compared with the broker, where that is more. Absent: the same. */
  readonly comparedFields?: FieldTable;
  readonly rules?: readonly Rule<never>[];
  /** The field that says which object is meant; empty for an object that a broker has once. */
  readonly nameField: string;
  /** The fields that name other objects, with the kinds of these. */
  readonly refersTo?: Readonly<Record<string, string>>;
  /** How a stack works with an object that it does not manage. */
  readonly unmanaged: string;
}

const kinds = {
  station: {
    resourceType: 'memphis_station',
    fields: stationFields,
    comparedFields: comparedStationFields,
    rules: stationRules,
    nameField: 'name',
    refersTo: { dlsStation: 'station' },
    unmanaged: 'Station.fromName',
  },
  schema: {
    resourceType: 'memphis_schema',
    fields: schemaFields,
    nameField: 'name',
    unmanaged: 'Schema.fromName',
  },
  enforcement: {
    resourceType: 'memphis_schema_enforcement',
    fields: schemaEnforcementFields,
    nameField: 'stationName',
    refersTo: { stationName: 'station', schemaName: 'schema' },
    unmanaged: 'that enforcement',
  },
  user: {
    resourceType: 'memphis_user',
    fields: userFields,
    rules: userRules,
    nameField: 'name',
    unmanaged: 'its name',
  },
  cluster: {
    resourceType: 'memphis_cluster_config',
    fields: clusterConfigFields,
    nameField: '',
    unmanaged: 'its name',
  },
} as const satisfies Readonly<Record<string, KindFacts>>;

/** A kind of objects on a broker that stacks declare, by the word that the ledger, reports and messages have for it. */
export type KindName = keyof typeof kinds;

/** The facts of each kind. Whoever needs them for a kind that is known only at run time finds them here. */
export const objectKinds: Readonly<Record<KindName, KindFacts>> = kinds;

/** All kinds. */
export const kindNames = Object.keys(kinds) as readonly KindName[];
