import type { FieldTable } from '../../../../model/field';
import { kindNames, objectKinds } from '../../../../model/kinds';
import type { Rule } from '../../../../model/validation';
import { problemsOf } from '../../../../model/validation';
import { schemaProblems } from '../../../../schema';
import type { DeclaredKind, DeclaredObject } from '../../../synthesised/declared-stack';
import type { AnyKind } from '../../../reconcile';
import { kindAdapters } from '../../../reconcile';

/** What drift has to know about a kind. */
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

const contentProblems: Readonly<Partial<Record<DeclaredKind, DriftKind['contentProblems']>>> = {
  schema: ({ values: { type, content }, unresolved }) => {
    const isKnown = !unresolved.includes('type') && !unresolved.includes('content');
    return isKnown ? schemaProblems(type as never, content as never) : [];
  },
};

function driftKind(name: DeclaredKind): DriftKind {
  const { fields, comparedFields = fields, rules = [], nameField, refersTo = {} } = objectKinds[name];
  const long = contentProblems[name];
  return {
    kind: kindAdapters[name],
    fields: comparedFields,
    nameField,
    refersTo: refersTo as Readonly<Record<string, DeclaredKind>>,
    problems: (object) =>
      problemsOf<object>(marked(object), { fields, rules: rules as readonly Rule<object>[], isUnknown }),
    ...(long === undefined ? {} : { contentProblems: long }),
  };
}

export const driftKinds = Object.fromEntries(kindNames.map((name) => [name, driftKind(name)])) as Readonly<
  Record<DeclaredKind, DriftKind>
>;

/** The name of a declared object on its broker; undefined while only Terraform knows it. */
export function declaredName(object: DeclaredObject): string | undefined {
  const { kind, nameField } = driftKinds[object.kind];
  if (nameField === '') return kind.nameOf(object.values);
  const isKnown = typeof object.values[nameField] === 'string' && !object.unresolved.includes(nameField);
  return isKnown ? kind.nameOf(object.values) : undefined;
}
