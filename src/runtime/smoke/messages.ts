import type { SchemaDefinition } from '../../schema';
import { messageGenerator } from '../../schema';
import type { JsonValue, SmokeTestSpec } from '../../model/smoke-test';

/** So many different messages are generated; a longer test sends them again in turn. */
const MOST_GENERATED = 256;

const DEFAULT_SEED = 1;

/** What a test needs to know of its station to make messages for it. */
export interface MessageTarget {
  readonly schemaName: string | undefined;
  readonly definition: SchemaDefinition | undefined;
  /** Checks a message and gives its bytes. */
  validate(message: unknown): Uint8Array;
}

/**
 * The payloads of a test, sent in turn: given ones, generated ones, or a small JSON object.
 * @param count how many messages are sent; no more payloads are made.
 */
export function payloadsOf(
  spec: SmokeTestSpec,
  target: MessageTarget,
  count: number,
  runId: string,
): Uint8Array[] {
  const { samples, sample, generate, load } = spec;
  const { definition, schemaName } = target;
  if (generate !== undefined && definition !== undefined) {
    const message = messageGenerator(definition, generate.seed ?? DEFAULT_SEED);
    return Array.from({ length: Math.min(count, MOST_GENERATED) }, (_, number) =>
      target.validate(message(number)),
    );
  }
  if (load?.payloadBytes !== undefined && schemaName === undefined) {
    return [Buffer.alloc(load.payloadBytes, 'x')];
  }
  const given = samples ?? [sample === undefined ? { smokeTest: spec.name, run: runId } : sample];
  return given.map((message) => target.validate(sampleMessage(message, schemaName)));
}

/** The message that a sample stands for: without a schema to say otherwise, JSON text. */
export function sampleMessage(sample: JsonValue, schemaName: string | undefined): JsonValue {
  return schemaName === undefined && typeof sample !== 'string' ? JSON.stringify(sample) : sample;
}

/** How large payloads are, for people. */
export function sizeText(payloads: readonly Uint8Array[]): string {
  const sizes = payloads.map(({ byteLength }) => byteLength);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return least === most ? `${most} bytes each` : `${least} to ${most} bytes each`;
}
