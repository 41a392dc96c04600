import type { CanonicalOf, DeclarationOf, FieldTable } from '../../src/model/field';
import {
  brokerFields,
  canonicalOf,
  creationBody,
  flagField,
  integerField,
  textField,
} from '../../src/model/field';
import { schemaEnforcementFields } from '../../src/model/schema-enforcement';
import { schemaFields } from '../../src/model/schema-declaration';
import type { StationField } from '../../src/model/station-field';
import { stationFields } from '../../src/model/station';

// What must not compile stands behind `@ts-expect-error`: the type check fails when it does compile.
const description = 'A field for this test.';
const read = { from: 'row', listed: 'a', single: 'a', read: () => 1 } as const;
const update = { by: 'tags' } as const;
const nowhere = { from: 'nowhere' } as const;

const complete = integerField({ description, default: 1, change: { how: 'inPlace' }, read, update });
const policy = flagField({ description, change: { how: 'policy' } });

test('a field on the broker without reader, or without writer, does not compile', () => {
  const valid: readonly StationField[] = [complete, policy];
  const invalid: readonly unknown[] = [
    // @ts-expect-error -- nothing reads it
    integerField({ description, change: { how: 'inPlace' }, update }) satisfies StationField,
    // @ts-expect-error -- nothing writes it
    integerField({ description, change: { how: 'inPlace' }, read }) satisfies StationField,
    // @ts-expect-error -- the creation does not say it, and nothing can write it later
    textField({ description, change: { how: 'replace', why: 'it is so' }, read }) satisfies StationField,
    // @ts-expect-error -- there is no such place to read from
    integerField({ description, change: { how: 'inPlace' }, read: nowhere, update }) satisfies StationField,
    // @ts-expect-error -- a policy is nowhere on the broker
    flagField({ description, change: { how: 'policy' }, read }) satisfies StationField,
  ];
  expect([valid.length, invalid.length]).toEqual([2, 5]);
});

test('declaration and canonical form are derived from the table by type and by code', () => {
  const fields = { complete, policy, name: textField({ ...named, description }) } as const;
  const declaration: DeclarationOf<typeof fields> = { name: 'A' };
  const canonical: CanonicalOf<typeof fields> = canonicalOf(fields, declaration);
  expect(canonical).toEqual({ complete: 1, name: 'a' });
  // @ts-expect-error -- a required value is missing
  const incomplete: DeclarationOf<typeof fields> = { complete: 2 };
  // @ts-expect-error -- a policy is no part of the canonical form
  expect([incomplete, canonical.policy]).toEqual([{ complete: 2 }, undefined]);
});

const named = {
  required: true,
  change: { how: 'replace', why: 'names are for life.' },
  canonical: (name: string) => name.toLowerCase(),
  read: { from: 'row', listed: 'n', single: 'n', read: String },
  body: 'identity.name',
} as const;

test('the body of a creation is derived from the table, nested where the path says so', () => {
  const fields = {
    name: textField({ ...named, description }),
    hidden: textField({ ...named, description, inBody: () => undefined }),
    later: integerField({ description, change: { how: 'inPlace' }, read, update }),
  } as const;
  expect(creationBody(fields, { name: 'a', hidden: 'b', later: 3 })).toEqual({ identity: { name: 'a' } });
});

const tables: Readonly<Record<string, FieldTable>> = { stationFields, schemaFields, schemaEnforcementFields };

test.each(Object.entries(tables))(
  '%s: a field is read from the broker exactly when it is not a policy',
  (_, fields) => {
    const onBroker = Object.entries(fields).filter(([, { change }]) => change.how !== 'policy');
    expect(brokerFields(fields).map(([name]) => name)).toEqual(onBroker.map(([name]) => name));
  },
);
