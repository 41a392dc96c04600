import type { Fields } from './field';
import { owner } from './ownership';

/** The enforcement of a schema by a station, as users declare it. */
export interface SchemaEnforcementDeclaration {
  readonly stationName: string;
  readonly schemaName: string;
  readonly owner?: string;
}

/** Everything that is true of an enforcement's fields. */
export const schemaEnforcementFields: Fields<SchemaEnforcementDeclaration> = {
  stationName: {
    type: 'text',
    required: true,
    names: 'Station',
    description: 'Name of the station whose messages must fit the schema.',
    change: { how: 'replace', why: 'an enforcement belongs to one station.' },
    source: 'rest',
  },
  schemaName: {
    type: 'text',
    required: true,
    names: 'Schema',
    description: 'Name of the schema. A change hands the new schema to live producers at once.',
    change: { how: 'inPlace' },
    source: 'rest',
  },
  owner,
};
