import type { ClusterConfigDeclaration } from '../../src/model/cluster-config';
import type { SchemaDeclaration } from '../../src/model/schema-declaration';
import type { SchemaEnforcementDeclaration } from '../../src/model/schema-enforcement';
import type { StationDeclaration } from '../../src/model/station';
import type { StationOption } from '../../src/model/station-set';
import type { UserDeclaration } from '../../src/model/user';
import type {
  ClusterConfigProps,
  SchemaEnforcementProps,
  SchemaProps,
  StationProps,
  StationSetProps,
  UserProps,
} from '../../src';
import type { TerraformMetaArguments } from '../../src/constructs/framework';

/** True when two unions have the same members; otherwise the members that only one of them has. */
type Same<A, B> = [A, B] extends [B, A] ? true : Exclude<A, B> | Exclude<B, A>;
type Declared<D> = Exclude<keyof D, 'owner'>;
type Props<P, Own extends string> = Exclude<keyof P, keyof TerraformMetaArguments | Own>;

// The type check fails here when a field of the model has no prop, or a prop has no field.
const station: Same<Props<StationProps, 'schemaName'>, Declared<StationDeclaration>> = true;
const schema: Same<Props<SchemaProps, 'file'>, Declared<SchemaDeclaration>> = true;
const user: Same<Props<UserProps, never>, Declared<UserDeclaration>> = true;
const cluster: Same<Props<ClusterConfigProps, never>, Declared<ClusterConfigDeclaration>> = true;
/** A construct, or a name: the props that name other objects are called after these. */
type Referring<K> = K extends `${infer Object}Name` ? Object : K;
const enforcement: Same<
  Props<SchemaEnforcementProps, never>,
  Referring<Declared<SchemaEnforcementDeclaration>>
> = true;
const stationSet: Same<Props<StationSetProps, 'stations' | 'release'>, StationOption> = true;

test('the props of a construct are the fields of its table, and what only a construct can do', () => {
  expect([station, schema, user, cluster, enforcement, stationSet]).toEqual(Array(6).fill(true));
});
