import { clusterConfigFields } from '../../../../model/cluster-config';
import type { FieldTable } from '../../../../model/field';
import type { SchemaDeclaration } from '../../../../model/schema-declaration';
import { schemaFields } from '../../../../model/schema-declaration';
import type { SchemaEnforcementDeclaration } from '../../../../model/schema-enforcement';
import { schemaEnforcementFields } from '../../../../model/schema-enforcement';
import type { StationDeclaration } from '../../../../model/station';
import { comparedStationFields, stationFields, stationRules } from '../../../../model/station';
import type { UserDeclaration } from '../../../../model/user';
import { userFields, userRules } from '../../../../model/user';
import { problemsOf } from '../../../../model/validation';
import { schemaProblems } from '../../../../schema';
import type { DeclaredKind, DeclaredObject } from '../../../synthesised/declared-stack';
import type { Kind } from '../../../reconcile';
import { clusterKind, enforcementKind, schemaKind, stationKind, userKind } from '../../../reconcile';

/** A kind without the types of its values: what the report needs to know works for any. */
export type AnyKind = Kind<object, object, object>;

/** What drift has to know about a kind beyond its adapter. */
export interface DriftKind {
  readonly kind: AnyKind;
  readonly fields: FieldTable;
  /** The field that says which object is meant; empty for an object that a broker has once. */
  readonly nameField: string;
  /** The fields that name other objects, with the kinds of these. */
  readonly refersTo: Readonly<Record<string, DeclaredKind>>;
  /** What is wrong with a declaration, as sentences. */
  problems(object: DeclaredObject): string[];
  /** What is wrong with it that takes long to find; a broker that has the same content accepted it. */
  contentProblems?(object: DeclaredObject): string[];
}

const unknownMark = Symbol('only Terraform knows this value');

/** The declared values, with a mark for those that nobody knows yet, which are not checked. */
function marked({ values, unresolved }: DeclaredObject): object {
  return { ...values, ...Object.fromEntries(unresolved.map((field) => [field, unknownMark])) };
}

const isUnknown = (value: unknown): boolean => value === unknownMark;

export const driftKinds: Readonly<Record<DeclaredKind, DriftKind>> = {
  station: {
    kind: stationKind,
    fields: comparedStationFields,
    nameField: 'name',
    refersTo: { dlsStation: 'station' },
    problems: (object) =>
      problemsOf(marked(object) as StationDeclaration, {
        fields: stationFields,
        rules: stationRules,
        isUnknown,
      }),
  },
  schema: {
    kind: schemaKind,
    fields: schemaFields,
    nameField: 'name',
    refersTo: {},
    problems: (object) =>
      problemsOf(marked(object) as SchemaDeclaration, { fields: schemaFields, isUnknown }),
    contentProblems: ({ values: { type, content }, unresolved }) => {
      const isKnown = !unresolved.includes('type') && !unresolved.includes('content');
      return isKnown ? schemaProblems(type as never, content as never) : [];
    },
  },
  enforcement: {
    kind: enforcementKind,
    fields: schemaEnforcementFields,
    nameField: 'stationName',
    refersTo: { stationName: 'station', schemaName: 'schema' },
    problems: (object) =>
      problemsOf(marked(object) as SchemaEnforcementDeclaration, {
        fields: schemaEnforcementFields,
        isUnknown,
      }),
  },
  user: {
    kind: userKind,
    fields: userFields,
    nameField: 'name',
    refersTo: {},
    problems: (object) =>
      problemsOf(marked(object) as UserDeclaration, { fields: userFields, rules: userRules, isUnknown }),
  },
  cluster: {
    kind: clusterKind,
    fields: clusterConfigFields,
    nameField: '',
    refersTo: {},
    problems: (object) => problemsOf(marked(object), { fields: clusterConfigFields, isUnknown }),
  },
};

/** The name of a declared object on its broker; undefined while only Terraform knows it. */
export function declaredName(object: DeclaredObject): string | undefined {
  const { kind, nameField } = driftKinds[object.kind];
  if (nameField === '') return kind.nameOf(object.values);
  const isKnown = typeof object.values[nameField] === 'string' && !object.unresolved.includes(nameField);
  return isKnown ? kind.nameOf(object.values) : undefined;
}
