import fc from 'fast-check';
import type { SchemaType } from '../../src/model/schema-type';
import type { StationDeclaration } from '../../src/model/station';
import { canonicalStation } from '../../src/model/station';
import type { Admin } from '../../src/runtime/admin';
import { legalStation } from './declarations';

/** A station of a random broker; dead letters and schema by their number in the content. */
export interface RandomStation {
  readonly declaration: StationDeclaration;
  /** A station before this one. */
  readonly deadLetters: number | undefined;
  readonly schema: number | undefined;
  readonly messages: number;
}

export interface RandomSchema {
  readonly name: string;
  readonly type: SchemaType;
  readonly content: string;
  readonly messageStructName: string;
}

/** What a broker holds, as far as declarations can say it. */
export interface BrokerContent {
  readonly stations: readonly RandomStation[];
  readonly schemas: readonly RandomSchema[];
}

/** Any valid name that is short enough for a schema, with what camel case and reserved words make hard. */
const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,16}[A-Za-z0-9]$/),
  fc.constantFrom(
    'class',
    'default2',
    'await',
    'Station',
    'schema',
    'join',
    '2fa',
    'a.b',
    'a-b',
    'a_b',
    'a--b',
    'this',
  ),
);

const word = fc.stringMatching(/^[a-z]{1,6}$/);
/** Text that has to survive in code, in Terraform's configuration and in files. */
const awkward = fc.constantFrom(
  '',
  '${x}',
  '%{if}',
  '\\',
  '"',
  "'",
  '`',
  '\t',
  'é',
  '\u2028',
  '/* */',
  '// x',
);

const contents: Readonly<
  Record<SchemaType, fc.Arbitrary<Pick<RandomSchema, 'content' | 'messageStructName'>>>
> = {
  json: fc.record({ title: awkward, key: word, minified: fc.boolean() }).map(({ title, key, minified }) => ({
    content: JSON.stringify(
      { type: 'object', title, properties: { [key]: { type: 'number', minimum: 1.5 } } },
      null,
      minified ? undefined : 4,
    ),
    messageStructName: '',
  })),
  avro: fc.record({ doc: awkward, field: word }).map(({ doc, field }) => ({
    content: JSON.stringify({
      type: 'record',
      name: 'R',
      doc,
      fields: [{ name: field, type: ['null', 'long'] }],
    }),
    messageStructName: '',
  })),
  protobuf: fc.record({ first: fc.boolean(), crlf: fc.boolean() }).map(({ first, crlf }) => ({
    content: [
      'syntax = "proto3";',
      '// ${x} \\ "',
      'message A { string id = 1; }',
      'message B { A a = 1; }',
    ].join(crlf ? '\r\n' : '\n'),
    messageStructName: first ? 'A' : 'B',
  })),
  graphql: word.map((field) => ({
    content: `# %{x} é\ntype Query {\n  f_${field}(id: ID!): String\n}\n\n`,
    messageStructName: '',
  })),
};

const schema = fc
  .constantFrom<SchemaType>('json', 'avro', 'protobuf', 'graphql')
  .chain((type) => contents[type].map((content) => ({ type, ...content })));

/** A set of names, of which no two are the same on the broker. */
const names = (count: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(name, { minLength: count, maxLength: count, selector: (each) => each.toLowerCase() });

/** Random content of so many stations and schemas. */
export function brokerContent(stations: number, schemas: number): fc.Arbitrary<BrokerContent> {
  const link = (below: number): fc.Arbitrary<number | undefined> =>
    below === 0 ? fc.constant(undefined) : fc.option(fc.nat({ max: below - 1 }), { nil: undefined, freq: 1 });
  return fc
    .tuple(
      names(stations),
      names(schemas),
      fc.tuple(
        ...Array.from({ length: stations }, (_, index) =>
          fc.record({
            declaration: legalStation,
            deadLetters: link(index),
            schema: link(schemas),
            messages: fc.nat(3),
            awkward,
          }),
        ),
      ),
      fc.tuple(...Array.from({ length: schemas }, () => schema)),
    )
    .map(([stationNames, schemaNames, bodies, texts]) => ({
      stations: bodies.map(({ declaration, awkward: tag, ...rest }, index) => ({
        ...rest,
        declaration: {
          ...declaration,
          name: stationNames[index] ?? '',
          ...(tag === '' ? {} : { tags: [...(declaration.tags ?? []), tag] }),
        },
      })),
      schemas: texts.map((text, index) => ({ ...text, name: schemaNames[index] ?? '' })),
    }));
}

/** The same with other names, so that one broker can hold several. */
export function withPrefix({ stations, schemas }: BrokerContent, prefix: string): BrokerContent {
  return {
    stations: stations.map(({ declaration, ...rest }) => ({
      ...rest,
      declaration: { ...declaration, name: prefix + declaration.name },
    })),
    schemas: schemas.map((each) => ({ ...each, name: prefix + each.name })),
  };
}

/** Puts content on a broker, in nobody's name. */
export async function fillBroker(admin: Admin, { stations, schemas }: BrokerContent): Promise<void> {
  for (const each of schemas) await admin.createSchema(each);
  for (const { declaration, deadLetters, schema: number } of stations) {
    const dlsStation = deadLetters === undefined ? undefined : stations[deadLetters]?.declaration.name;
    const station = { ...declaration, ...(dlsStation === undefined ? {} : { dlsStation }) };
    await admin.createStation(canonicalStation(station));
    const { name: stationName, tags = [] } = declaration;
    if (tags.length > 0) await admin.addStationTags(stationName, tags);
    const enforced = number === undefined ? undefined : schemas[number]?.name;
    if (enforced !== undefined) await admin.attachSchema(stationName, enforced);
  }
}
