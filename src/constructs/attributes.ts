import type { FieldType, Fields } from '../model/field';
import { fieldNames, terraformName } from '../model/field';

/** Values of a declaration by Terraform attribute; what was not given is left to the provider's defaults. */
export function renderedAttributes<D extends object>(
  fields: Fields<D>,
  values: Partial<D>,
): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const name of fieldNames(fields)) {
    if (values[name] !== undefined && values[name] !== null) attributes[terraformName(name)] = values[name];
  }
  return attributes;
}

/** How the framework's HCL output prints a value. */
interface HclAttribute {
  readonly value: unknown;
  readonly isBlock: false;
  readonly type: 'simple' | 'set';
  readonly storageClassType: 'string' | 'number' | 'boolean' | 'stringList';
}

const storageClasses: Readonly<Record<FieldType, HclAttribute['storageClassType']>> = {
  text: 'string',
  choice: 'string',
  integer: 'number',
  flag: 'boolean',
  textSet: 'stringList',
};

/** The same for HCL output, where each value says its type. */
export function hclAttribute(type: FieldType, value: unknown): HclAttribute {
  return {
    value: typeof value === 'string' ? hclText(value) : value,
    isBlock: false,
    type: type === 'textSet' ? 'set' : 'simple',
    storageClassType: storageClasses[type],
  };
}

/**
 * The framework puts a text between quotes, but escapes neither its backslashes nor its line ends. A text with an
 * expression in it is left to the framework.
 */
function hclText(text: string): string {
  if (/(?<!\$)\$\{/.test(text)) return text;
  const quoted = JSON.stringify(text).slice(1, -1);
  return quoted.replace(/\\(.)/g, (escape, letter: string) => notInHcl[letter] ?? escape);
}

/** The escapes of JSON that HCL does not know. */
const notInHcl: Readonly<Record<string, string>> = { b: '\\u0008', f: '\\u000c', '/': '/' };

/**
 * A text as it has to stand in Terraform's configuration to mean itself: Terraform would otherwise take `${` and
 * `%{` in it for expressions.
 */
export function literalText(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => opening.charAt(0) + opening);
}
