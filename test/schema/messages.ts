import type { CompiledSchema } from '../../src/schema';
import { SchemaValidationError } from '../../src/model/errors';

/** The text that a schema makes of a message, or `refused: ` and the reason without the words that are always there. */
export function sent(schema: CompiledSchema, message: unknown): string {
  return Buffer.from(encoded(schema, message) ?? []).toString() || reasonOf(schema, message);
}

/** The same with the bytes in hexadecimal form. */
export function sentHex(schema: CompiledSchema, message: unknown): string {
  const bytes = encoded(schema, message);
  return bytes === undefined ? reasonOf(schema, message) : Buffer.from(bytes).toString('hex');
}

function encoded(schema: CompiledSchema, message: unknown): Uint8Array | undefined {
  try {
    return schema.encode(message);
  } catch (error) {
    if (error instanceof SchemaValidationError) return undefined;
    throw error;
  }
}

function reasonOf(schema: CompiledSchema, message: unknown): string {
  try {
    schema.encode(message);
  } catch (error) {
    if (!(error instanceof SchemaValidationError)) throw error;
    const parts = error.message.split('Schema validation has failed: ');
    if (parts.length !== 2)
      throw new Error(`the reason has its prefix ${parts.length - 1} times: ${error.message}`);
    return error.found.replace(/^Schema validation has failed: /, 'refused: ');
  }
  return '';
}
