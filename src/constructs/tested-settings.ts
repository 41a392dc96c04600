import type { FieldFacts, Fields } from '../model/field';
import { fieldNames } from '../model/field';
import { schemaEnforcementFields } from '../model/schema-enforcement';
import type { StationDeclaration } from '../model/station';
import { stationFields } from '../model/station';
import { deployedSha256, isUnresolved } from './framework';
import { sha256 } from './package-files';
import type { Schema } from './schema';
import type { SchemaEnforcement } from './schema-enforcement';

/** What a smoke test tests, as far as the stack declares it. */
export interface TestedObjects {
  readonly station: { readonly declaration: StationDeclaration } | undefined;
  readonly schema: Schema | undefined;
  readonly enforcement: SchemaEnforcement | undefined;
}

/** One hash of all settings that a smoke test depends on; it changes when one of them does. */
export function testedHash({ station, schema, enforcement }: TestedObjects): string {
  const settings = {
    station: station === undefined ? null : settingsToHash(stationFields, station.declaration),
    schema: schema === undefined ? null : schemaSettings(schema),
    enforcement:
      enforcement === undefined ? null : settingsToHash(schemaEnforcementFields, enforcement.declaration),
  };
  return hasUnresolved(settings) ? deployedSha256(settings) : sha256(JSON.stringify(settings));
}

/** The declared values and the defaults of the others, without those that change nothing on the broker. */
function settingsToHash<D extends object>(fields: Fields<D>, declaration: D): Record<string, unknown> {
  const values = fieldNames(fields).flatMap((name) => {
    const field: FieldFacts = fields[name];
    return field.change.how === 'policy' ? [] : [[name, declaration[name] ?? field.default ?? null] as const];
  });
  return Object.fromEntries(values);
}

/** The hash stands for the content, in which a `${` is not an expression. */
function schemaSettings(schema: Schema): Record<string, unknown> {
  const { name, type, messageStructName = null } = schema.declaration;
  const content = schema.literalContent;
  const text = content === undefined ? schema.declaration.content : sha256(content);
  return { name, type, messageStructName, content: text };
}

function hasUnresolved(value: unknown): boolean {
  if (isUnresolved(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnresolved);
}
