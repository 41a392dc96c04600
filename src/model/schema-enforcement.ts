import type { CanonicalOf, DeclarationOf, Field } from './field';
import { flagField, textField } from './field';
import { externalName } from './names';
import { owner } from './ownership';

/** Read from the row of the station in the list of all stations, which alone shows the schema. */
interface StationRowReader {
  readonly from: 'row';
  read(row: { readonly name: string; readonly schemaName: string }): string;
}

/** Written by attaching the schema to the station. */
interface AttachmentWriter {
  readonly by: 'attachSchema';
}

/** One field of an enforcement. */
export type SchemaEnforcementField = Field<StationRowReader, AttachmentWriter>;

const inStationRow = (read: StationRowReader['read']) => ({ from: 'row', read }) as const;

/** Everything that is true of an enforcement's fields. */
export const schemaEnforcementFields = {
  stationName: textField({
    required: true,
    names: 'Station',
    description: 'Name of the station whose messages must fit the schema.',
    change: { how: 'replace', why: 'an enforcement belongs to one station.' },
    canonical: (name: string) => externalName(name),
    read: inStationRow(({ name }) => name),
    body: 'station_names',
    inBody: (name: string) => [name],
  }),
  schemaName: textField({
    required: true,
    names: 'Schema',
    description: 'Name of the schema. A change hands the new schema to live producers at once.',
    change: { how: 'inPlace' },
    canonical: (name: string) => externalName(name),
    read: inStationRow(({ schemaName }) => schemaName),
    body: 'schema_name',
    update: { by: 'attachSchema' },
  }),
  adoptExisting: flagField({
    default: false,
    description:
      'Allows this declaration to replace another schema that the station enforces, unless another declaration owns that enforcement.',
    change: { how: 'policy' },
  }),
  owner,
} satisfies Readonly<Record<string, SchemaEnforcementField>>;

/** The enforcement of a schema by a station, as users declare it. */
export type SchemaEnforcementDeclaration = DeclarationOf<typeof schemaEnforcementFields>;

/** An enforcement in the form in which declared and live ones are compared. */
export type CanonicalSchemaEnforcement = CanonicalOf<typeof schemaEnforcementFields>;
