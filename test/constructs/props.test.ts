import type { SchemaDeclaration } from '../../src/model/schema-declaration';
import type { StationDeclaration } from '../../src/model/station';
import type { UserDeclaration } from '../../src/model/user';
import type { SchemaProps, StationProps, UserProps } from '../../src';
import type { TerraformMetaArguments } from '../../src/constructs/framework';

/** True when two unions have the same members; otherwise the members that only one of them has. */
type Same<A, B> = [A, B] extends [B, A] ? true : Exclude<A, B> | Exclude<B, A>;
type Declared<D> = Exclude<keyof D, 'owner'>;
type Props<P, Own extends string> = Exclude<keyof P, keyof TerraformMetaArguments | Own>;

// The type check fails here when a field of the model has no prop, or a prop has no field.
const station: Same<Props<StationProps, 'schemaName'>, Declared<StationDeclaration>> = true;
const schema: Same<Props<SchemaProps, 'file'>, Declared<SchemaDeclaration>> = true;
const user: Same<Props<UserProps, never>, Declared<UserDeclaration>> = true;

test('the props of a construct are the fields of its table, and what only a construct can do', () => {
  expect([station, schema, user]).toEqual([true, true, true]);
});
