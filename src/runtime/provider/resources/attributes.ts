import type { FieldFacts, FieldType, Fields } from '../../../model/field';
import { fieldNames, validValues, terraformName } from '../../../model/field';
import type { DeclaredOwner } from '../../reconcile';
import type { Type } from '../cty/type';
import { t } from '../cty/type';
import type { Value, Values } from '../cty/value';
import { booleanAt, isWhollyKnown, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';

/** The attributes of a resource: one for each field of the model, the same word with underscores. */
export function attributesOfTable<D>(fields: Fields<D>): Attribute[] {
  return fieldNames(fields).map((name) => attributeOf(name, fields[name]));
}

/** The attributes of fields that no declaration decides: they show what somebody changed, and a deploy sets it back. */
export function restoredAttributes(fields: Readonly<Record<string, FieldFacts>>): Attribute[] {
  return Object.entries(fields).map(([name, { type, description }]) => ({
    name: terraformName(name),
    type: terraformTypes[type],
    computed: true,
    description,
  }));
}

function attributeOf(name: string, field: FieldFacts): Attribute {
  return {
    name: terraformName(name),
    type: terraformTypes[field.type],
    description: attributeDescription(field),
    ...(field.required === true ? { required: true } : { optional: true }),
    ...(field.default === undefined ? {} : { computed: true, default: field.default as Value }),
    ...(field.change.how === 'replace' ? { requiresReplace: true } : {}),
  };
}

/** The type of an attribute, by that of its field. */
export const terraformTypes: Readonly<Record<FieldType, Type>> = {
  text: t.string,
  choice: t.string,
  integer: t.number,
  flag: t.bool,
  textSet: t.set(t.string),
};

function attributeDescription(field: FieldFacts): string {
  const byDefault = field.default === undefined ? field.absent : JSON.stringify(field.default);
  const defaults = byDefault === undefined ? '' : ` Default: ${byDefault}.`;
  const why = field.change.how === 'replace' ? ` Changing this forces replacement: ${field.change.why}` : '';
  const loss =
    field.change.how === 'inPlace' && field.change.loses !== undefined ? ` ${field.change.loses}` : '';
  return `${field.description} It ${validValues(field)}.${defaults}${why}${loss}`;
}

/** The declaration that attribute values stand for; null values and those not wholly known are left out. */
export function declarationOfValues<D>(fields: Fields<D>, values: Values): Partial<D> {
  const declaration: Record<string, unknown> = {};
  for (const name of fieldNames(fields)) {
    const value = values[terraformName(name)];
    if (value !== undefined && value !== null && isWhollyKnown(value)) declaration[name] = value;
  }
  return declaration as Partial<D>;
}

/** True when one of the named attributes, or something in it, is not known yet. */
export function hasUnknownAttribute(values: Values, names: readonly string[]): boolean {
  return names.some((name) => !isWhollyKnown(values[terraformName(name)] ?? null));
}

/**
 * The attribute that says of an object that it is a member of a set. It stands in the values of members alone, never in a
 * configuration or a state.
 */
export const inSet: Attribute = {
  name: 'in_set',
  type: t.bool,
  optional: true,
  description: 'Whether a set of stations stands for the object.',
};

/** True for the values of a member of a set. */
export function isInSet(values: Values): boolean {
  return booleanAt(values, inSet.name) === true;
}

/** In whose name the object of these values is made. */
export function declaredOwnerOf(values: Values, prior?: Values): DeclaredOwner {
  return {
    ...(prior === undefined ? {} : { formerOwner: stringAt(prior, 'owner') ?? '' }),
    owner: stringAt(values, 'owner') ?? '',
    adoptExisting: booleanAt(values, 'adopt_existing') === true,
    ...(isInSet(values) ? { adoptsWithinStack: true } : {}),
  };
}
