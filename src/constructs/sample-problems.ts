import { SchemaValidationError } from '../model/errors';
import type { SmokeTestSpec } from '../model/smoke-test';
import { plainName } from './named-object';
import type { TestedObjects } from './tested-settings';

/** Messages that the schema of the stack rejects, invalid ones that it takes, and a missing sample. */
export function sampleProblems(
  parts: Partial<SmokeTestSpec>,
  { enforcement, schema }: TestedObjects,
): string[] {
  const { samples, generate, sample, invalidSample, invalidMessages = [] } = parts;
  if (enforcement === undefined) return [];
  const name = JSON.stringify(plainName(enforcement.enforcedSchema));
  const compiled = schema?.compiled();
  const problems: string[] = [];
  const given = samples ?? (sample === undefined ? undefined : [sample]);
  if (given === undefined) {
    if (generate !== undefined) return problems;
    problems.push(`sample is missing; the station enforces schema ${name}, so give a message that fits it`);
  } else if (compiled !== undefined) {
    for (const [index, message] of given.entries()) {
      const reason = rejection(() => compiled.encode(message));
      const which = samples === undefined ? 'sample' : `samples[${index}]`;
      if (reason !== undefined)
        problems.push(`${which} does not fit schema ${name} (${reason}); change one of them`);
    }
  }
  const invalid = [
    ...(invalidSample === undefined ? [] : [['invalidSample', invalidSample] as const]),
    ...invalidMessages.map(({ message }, index) => [`invalidMessages[${index}]`, message] as const),
  ];
  for (const [which, message] of compiled === undefined ? [] : invalid) {
    if (compiled === undefined || rejection(() => compiled.encode(message)) !== undefined) continue;
    problems.push(`${which} fits schema ${name}, which is to reject it; change one of them`);
  }
  return problems;
}

/** Why a schema does not take a message; undefined when it does. */
function rejection(encode: () => void): string | undefined {
  try {
    encode();
    return undefined;
  } catch (error) {
    if (error instanceof SchemaValidationError) return error.found;
    throw error;
  }
}
