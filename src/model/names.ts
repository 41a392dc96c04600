/**
 * Names of Memphis objects: the broker's rule for them, and what they are called inside the broker.
 * "External" is the name as users write it, lower-cased; "internal" is the same with `.` written as `#`.
 */

/** What a name belongs to; the broker uses this word in its messages. */
export type NamedKind = 'Station' | 'Schema' | 'Producer' | 'Consumer';

/** The greatest length of a name in bytes, as measured on Memphis 1.4.4. */
export const MAX_NAME_BYTES = 128;

/** The greatest length of a schema's name in bytes when it is created over REST (Memphis 1.4.4). */
export const MAX_SCHEMA_NAME_BYTES = 32;

/**
 * Text in lower case as the broker writes it: letter by letter, without a look at the letters around it. It differs from
 * the lower case of JavaScript in U+0130, which the broker makes a plain i, and in the Greek sigma at the end of a word.
 */
export function lowerCase(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return Array.from(text, (letter) => (letter === '\u0130' ? 'i' : letter.toLowerCase())).join('');
}

/**
 * What the broker would say about a name, in its own words and its own order of checks.
 * @returns undefined when the name is valid.
 */
export function nameProblem(kind: NamedKind, name: string): string | undefined {
  const lower = lowerCase(name);
  if (lower === '') return `${kind} name can not be empty`;
  if (Buffer.byteLength(lower) > MAX_NAME_BYTES) return `${kind} should be under 128 characters`;
  if (!/^[a-z0-9_.-]+$/.test(lower)) {
    return `Only alphanumeric and the '_', '-', '.' characters are allowed in ${kind}`;
  }
  if (/^[._-]|[._-]$/.test(lower)) return `${kind} name can not start or end with non alphanumeric character`;
  return undefined;
}

/** The name as REST and the management protocol show it. */
export function externalName(name: string): string {
  return lowerCase(name);
}

/** The name as it stands in streams, subjects and durables. */
export function internalName(name: string): string {
  return lowerCase(name).replaceAll('.', '#');
}

/** The external name of an internal one. */
export function fromInternalName(internal: string): string {
  return internal.replaceAll('#', '.');
}

/** The stream that holds one partition (counted from 1) of a station. */
export function partitionStream(station: string, partition: number): string {
  return `${internalName(station)}$${partition}`;
}

/** The subject under which messages are published to a partition stream. */
export function partitionSubject(stream: string): string {
  return `${stream}.final`;
}

/** Which station and partition a stream belongs to; undefined for streams that are no partition of a station. */
export function parsePartitionStream(
  stream: string,
): { readonly internal: string; readonly partition: number } | undefined {
  const match = /^([a-z0-9_#-]+)\$([1-9][0-9]*)$/.exec(stream);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { internal: match[1], partition: Number(match[2]) };
}

/** A stream as users know it: `partition 1 of station "orders"`; its own name when it is not a partition. */
export function partitionText(stream: string): string {
  const place = parsePartitionStream(stream);
  if (place === undefined) return `stream "${stream}"`;
  return `partition ${place.partition} of station "${fromInternalName(place.internal)}"`;
}
