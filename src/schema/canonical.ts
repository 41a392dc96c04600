import { JsonTextError, canonicalNumber, parseJsonText, sortedJsonText } from './json-text';
import type { SchemaType } from '../model/schema-type';

/**
 * A form of a schema content in which two contents are equal when, and only when, they mean the same to the broker,
 * to its clients and to readers:
 * - json: white space, order of keys and the way strings and numbers are written do not matter.
 * - avro: the same, except that numbers are kept as they are written. Names, docs, aliases and defaults stay, unlike
 *   in Avro's own "parsing canonical form".
 * - protobuf and graphql: only the kind of line ends, and white space at ends of lines and at the end of the file, do
 *   not matter. Comments count, because people read them.
 *
 * A json or avro content that is not JSON is given back as it is. The form is for comparisons; it is never sent.
 */
export function canonicalContent(type: SchemaType, content: string): string {
  switch (type) {
    case 'json':
      return canonicalJson(content, canonicalNumber);
    case 'avro':
      return canonicalJson(content, (number) => number);
    case 'protobuf':
    case 'graphql':
      return content
        .replace(/\r\n?/g, '\n')
        .replace(/[ \t]+$/gm, '')
        .replace(/\n+$/, '');
  }
}

function canonicalJson(content: string, number: (text: string) => string): string {
  try {
    return sortedJsonText(parseJsonText(content), number);
  } catch (error) {
    if (error instanceof JsonTextError) return content;
    throw error;
  }
}
