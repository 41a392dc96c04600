import { createGenerator } from 'ts-json-schema-generator';

/** The JSON Schema of `--format json`, from the types of the report; their comments describe its members. */
export function reportSchema(root) {
  const schema = createGenerator({
    path: `${root}src/runtime/report/formats/json.ts`,
    tsconfig: `${root}tsconfig.json`,
    type: 'JsonReport',
    topRef: false,
    expose: 'export',
    jsDoc: 'extended',
    // Versions within `1` add members.
    additionalProperties: true,
    skipTypeCheck: true,
  }).createSchema('JsonReport');
  return {
    $schema: schema.$schema,
    title: 'Report of cdktf-memphis',
    description:
      'What `cdktf-memphis drift`, `report` and `smoke` print with `--format json`. Within version 1 of the format, members may be added: readers ignore those they do not know.',
    ...schema,
  };
}
