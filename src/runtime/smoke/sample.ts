import type { SmokeTestSpec } from '../../model/smoke-test';
import type { JsonValue } from '../../model/smoke-test';

/** The message that a sample stands for: without a schema to say otherwise, JSON text. */
export function messageOf(sample: JsonValue, schemaName: string | undefined): JsonValue {
  return schemaName === undefined && typeof sample !== 'string' ? JSON.stringify(sample) : sample;
}

/** What is sent when the spec has no sample. */
export function generatedSample(spec: SmokeTestSpec, runId: string): JsonValue {
  return { smokeTest: spec.name, run: runId };
}
