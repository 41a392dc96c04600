import type { ConnectionSetting } from './environment';
import { environmentVariables } from './environment';
import { ValidationError } from './errors';
import type { Fields } from './field';
import { problemsOf } from './validation';

/** The part of a smoke test that users set and that has a range. */
export interface SmokeTestSettings {
  readonly name: string;
  readonly station: string;
  readonly schema?: string;
  readonly messages?: number;
  readonly timeoutMs?: number;
}

/** Everything that is true of these settings. */
export const smokeTestFields: Fields<SmokeTestSettings> = {
  name: {
    type: 'text',
    required: true,
    names: 'Consumer',
    maximumBytes: 100,
    description:
      'Name of the smoke test. Each run uses a producer and a consumer group of its own, called this name and 8 random hex digits.',
    change: { how: 'policy' },
  },
  station: {
    type: 'text',
    required: true,
    names: 'Station',
    description:
      'Name of the station that the messages go through. It must exist; a smoke test never creates it.',
    change: { how: 'policy' },
  },
  schema: {
    type: 'text',
    names: 'Schema',
    description: 'Name of the schema that the station must enforce. Left out, any schema or none is fine.',
    change: { how: 'policy' },
  },
  messages: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    default: 5,
    unit: 'messages',
    description: 'How many messages are produced, and must come back.',
    change: { how: 'policy' },
  },
  timeoutMs: {
    type: 'integer',
    minimum: 1_000,
    maximum: 600_000,
    default: 30_000,
    unit: 'milliseconds',
    description: 'The time the whole test may take; clean-up is given up to 5 seconds more.',
    change: { how: 'policy' },
  },
};

/** The settings of a connection that may be written into a file: all that are no secret. */
export type SmokeTestConnection = Partial<
  Record<Exclude<ConnectionSetting, 'password' | 'connectionToken' | 'restPassword'>, string | number>
>;

/** Anything that JSON can hold. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A smoke test as the plain JSON document that the runner reads. It never holds a secret. */
export interface SmokeTestSpec extends SmokeTestSettings {
  /**
   * The payload: a text, or a value that is sent in the form the enforced schema wants (JSON text where there is none).
   * Left out, a small JSON object is sent, which is valid only on a station that enforces no schema.
   */
  readonly sample?: JsonValue;
  /** A payload that the enforced schema must reject. It is checked and never sent when it is rejected. */
  readonly invalidSample?: JsonValue;
  /** Where the broker is; what is left out comes from the MEMPHIS_* environment, which alone gives the credentials. */
  readonly connection?: SmokeTestConnection;
}

const extraKeys = ['sample', 'invalidSample', 'connection'];

const secretSettings: readonly string[] = Object.entries(environmentVariables)
  .filter(([, variable]) => variable.secret)
  .map(([setting]) => setting);

/**
 * Checks a document and gives it its type.
 * @throws ValidationError with all problems, if the document is not a smoke test.
 */
export function readSmokeTestSpec(document: unknown): SmokeTestSpec {
  const attempted = 'read the smoke test';
  if (!isObject(document)) throw new ValidationError(attempted, ['the document is not a JSON object']);
  const problems = problemsOf(document as unknown as SmokeTestSettings, { fields: smokeTestFields });
  for (const key of Object.keys(document)) {
    if (!(key in smokeTestFields) && !extraKeys.includes(key)) {
      problems.push(
        `${key} is not a setting of a smoke test; the settings are ${[...Object.keys(smokeTestFields), ...extraKeys].join(', ')}`,
      );
    }
  }
  problems.push(...connectionProblems(document.connection));
  if (problems.length > 0) throw new ValidationError(attempted, problems);
  return document as unknown as SmokeTestSpec;
}

function connectionProblems(connection: unknown): string[] {
  if (connection === undefined) return [];
  if (!isObject(connection)) return ['connection must be an object'];
  return Object.entries(connection).flatMap(([setting, value]) => {
    // The value is not shown: it may be the secret itself.
    if (secretSettings.includes(setting)) {
      const { name } = environmentVariables[setting as ConnectionSetting];
      return [`connection.${setting} is a secret; set ${name} in the environment instead`];
    }
    if (!(setting in environmentVariables)) return [`connection.${setting} is not a connection setting`];
    return typeof value === 'string' || typeof value === 'number'
      ? []
      : [`connection.${setting} must be a string or a number`];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
