import { errorText, SchemaValidationError } from '../../../model/errors';
import type { CompiledSchema, DecodedMessage, SchemaDefinition } from '../../../schema';
import { compileSchema } from '../../../schema';
import type { Payload } from './payload';
import { payloadBytes, payloadWithoutSchema } from './payload';
import type { SchemaUpdate } from './schema-update';

/** The schema that a station enforces at this moment, compiled once per version. */
export class LiveSchema {
  #update: SchemaUpdate | undefined;
  #compiled: CompiledSchema | Error | undefined;

  /** Name of the schema; undefined when the station enforces none. */
  get name(): string | undefined {
    return this.#update?.name;
  }

  get versionNumber(): number | undefined {
    return this.#update?.versionNumber;
  }

  /** The schema itself; undefined when the station enforces none. */
  get definition(): SchemaDefinition | undefined {
    return this.#update === undefined ? undefined : definitionOf(this.#update);
  }

  /** Takes over what the broker says; undefined for "no schema". */
  replace(update: SchemaUpdate | undefined): void {
    if (sameSchema(this.#update, update)) return;
    this.#update = update;
    this.#compiled = undefined;
  }

  /**
   * The payload of a message, checked against the schema if there is one.
   * @throws SchemaValidationError if the message does not fit, or the schema cannot be used (then nothing is let
   *   through); ValidationError if there is no schema and the message has no form in bytes.
   */
  encode(message: unknown): Payload {
    const compiled = this.#current();
    if (compiled === undefined) return payloadWithoutSchema(message);
    if (compiled instanceof Error) throw compiled;
    return compiled.encode(message);
  }

  /** Reads a message; without a schema its value is the bytes themselves. */
  decode(bytes: Uint8Array): DecodedMessage {
    const compiled = this.#current();
    if (compiled === undefined) return { matched: true, value: bytes };
    if (compiled instanceof Error) return { matched: false, bytes, reason: compiled.message };
    return compiled.decode(bytes);
  }

  /** The bytes that stand for a message that did not fit. */
  failedMessageBytes(message: unknown): Uint8Array {
    const compiled = this.#current();
    if (compiled !== undefined && !(compiled instanceof Error)) return compiled.failedMessageBytes(message);
    try {
      return payloadBytes(payloadWithoutSchema(message));
    } catch {
      return new Uint8Array(0);
    }
  }

  /** Compiled at first use: a connection that only consumes raw bytes never loads a codec. */
  #current(): CompiledSchema | Error | undefined {
    if (this.#update !== undefined) this.#compiled ??= compile(this.#update);
    return this.#compiled;
  }
}

function definitionOf({ type, content, messageStructName, descriptor }: SchemaUpdate): SchemaDefinition {
  return {
    type,
    content,
    ...(messageStructName === '' ? {} : { messageStructName }),
    ...(descriptor === '' ? {} : { descriptor }),
  };
}

function compile(update: SchemaUpdate): CompiledSchema | Error {
  const { name, versionNumber } = update;
  try {
    return compileSchema(definitionOf(update));
  } catch (cause) {
    return new SchemaValidationError({
      attempted: `use the schema "${name}" (version ${versionNumber})`,
      found: `Schema validation has failed: ${errorText(cause)}`,
      next: 'Correct the schema; until then no message is let through',
      cause,
    });
  }
}

function sameSchema(a: SchemaUpdate | undefined, b: SchemaUpdate | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.name === b.name &&
    a.type === b.type &&
    a.versionNumber === b.versionNumber &&
    a.content === b.content &&
    a.messageStructName === b.messageStructName &&
    a.descriptor === b.descriptor
  );
}
