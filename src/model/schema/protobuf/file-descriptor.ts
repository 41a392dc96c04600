/** The simple name (without package) of the first message of a .proto file; undefined if it has none. */
export function firstMessageName(content: string): string | undefined {
  return /\bmessage\s+(\w+)/.exec(content)?.[1];
}

/** Serialised `FileDescriptorSet` of one .proto file. */
export function fileDescriptorSet(_content: string, _fileName: string): Uint8Array {
  throw new Error('not there yet');
}
