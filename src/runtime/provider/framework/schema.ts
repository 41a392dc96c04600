import { typeToJson } from '../cty/type';
import type { WireSchema } from '../wire/messages';
import type { Attribute } from './attribute';
import { isComputed } from './attribute';

const MARKDOWN = 1;

/** The schema of a block as Terraform gets it. */
export function toWireSchema(
  version: number,
  attributes: readonly Attribute[],
  description = '',
): WireSchema {
  return {
    version,
    block: {
      version,
      description,
      descriptionKind: MARKDOWN,
      attributes: attributes.map((attribute) => ({
        name: attribute.name,
        type: Buffer.from(JSON.stringify(typeToJson(attribute.type))),
        description: attribute.description,
        descriptionKind: MARKDOWN,
        required: attribute.required ?? false,
        optional: attribute.optional ?? false,
        computed: isComputed(attribute),
        sensitive: attribute.sensitive ?? false,
        deprecated: attribute.deprecated ?? false,
      })),
    },
  };
}
