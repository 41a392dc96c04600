import type { FieldFacts } from '../../model/field';
import { terraformName } from '../../model/field';
import { kindNames, objectKinds } from '../../model/kinds';
import { Retention } from '../../model/retention';
import { stationFields } from '../../model/station';
import type { DeclaredKind } from './declared-stack';
import type { Value } from './hcl/value';
import { UNKNOWN } from './hcl/value';

/** How the objects of one kind stand in a configuration. */
export interface ResourceKind {
  readonly kind: DeclaredKind;
  readonly resourceType: string;
  /** The field without which nothing can be compared; empty for an object that a broker has once. */
  readonly nameField: string;
  readonly fields: readonly ResourceField[];
}

export interface ResourceField {
  /** In the words of the model. */
  readonly name: string;
  /** In the words of Terraform. */
  readonly attribute: string;
  readonly facts: FieldFacts;
  /**
   * The value that the provider plans where none is declared.
   * @param declared the value of another attribute
   */
  readonly byDefault: (declared: (attribute: string) => Value) => Value;
}

/** What the provider plans where the table alone cannot say it. */
const defaults: Readonly<
  Partial<Record<DeclaredKind, Readonly<Record<string, ResourceField['byDefault']>>>>
> = {
  station: {
    retentionValue: (declared) => {
      const type = declared('retention_type');
      if (type === UNKNOWN) return UNKNOWN;
      return type === Retention.ACK_BASED ? null : stationFields.retentionValue.default;
    },
    // The provider leaves them as the broker has them.
    tags: () => UNKNOWN,
  },
};

/** The kinds of objects that a stack declares, by resource type. */
export const resourceKinds: ReadonlyMap<string, ResourceKind> = new Map(
  kindNames.map((kind) => {
    const { resourceType, nameField, fields } = objectKinds[kind];
    return [resourceType, { kind, resourceType, nameField, fields: fieldsOf(fields, defaults[kind] ?? {}) }];
  }),
);

function fieldsOf(
  table: Readonly<Record<string, FieldFacts>>,
  defaults: Readonly<Record<string, ResourceField['byDefault']>>,
): ResourceField[] {
  // A secret is never read, so that no report can show it.
  const shown = Object.entries(table).filter(([, { secret }]) => secret !== true);
  return shown.map(([name, facts]) => ({
    name,
    attribute: terraformName(name),
    facts,
    byDefault: defaults[name] ?? (() => (facts.default ?? null) as Value),
  }));
}
