import type { FieldTable } from '../../../model/field';
import { brokerFields, terraformName } from '../../../model/field';
import type { Type } from '../cty/type';
import type { Value, Values } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import { terraformTypes } from '../resources/attributes';

/** An attribute that only the broker can tell. */
export function readOnlyAttribute(name: string, type: Type, description: string): Attribute {
  return { name, type, description, computed: true };
}

/** The fields of a kind that are on the broker, as computed attributes; the object is looked up by `key`. */
export function lookedUp(fields: FieldTable, key: string): Attribute[] {
  return brokerFields(fields).map(([field, facts]) => {
    const attribute = {
      name: terraformName(field),
      type: terraformTypes[facts.type],
      description: facts.description,
    };
    return field === key
      ? { ...attribute, required: true as const }
      : { ...attribute, computed: true as const };
  });
}

/** The type of the fields of a kind that are on the broker, for lists of objects. */
export function attributeTypes(fields: FieldTable): Record<string, Type> {
  return Object.fromEntries(
    brokerFields(fields).map(([field, { type }]) => [terraformName(field), terraformTypes[type]]),
  );
}

/** The values of these fields; what is empty is null. */
export function fieldValues(fields: FieldTable, canonical: object): Values {
  const values = canonical as Readonly<Record<string, Value | undefined>>;
  const shown = (value: Value | undefined): Value => (value === undefined || value === '' ? null : value);
  return Object.fromEntries(
    brokerFields(fields).map(([field]) => [terraformName(field), shown(values[field])]),
  );
}
