import type { ConnectionSetting } from './environment';
import { environmentVariables, isEnvPrefix } from './environment';
import { ValidationError } from './errors';
import type { Fields } from './field';
import type { SmokeExpectations } from './smoke-expectations';
import { smokeExpectationFields } from './smoke-expectations';
import type { SmokeLoad } from './smoke-load';
import { smokeLoadFields } from './smoke-load';
import { unknownNameProblems } from './unknown-names';
import { problemsOf, shownValue } from './validation';

/** The part of a smoke test that users set and that has a range. */
export interface SmokeTestSettings {
  readonly name: string;
  readonly station: string;
  readonly schema?: string;
  readonly target?: SmokeTarget;
  readonly messages?: number;
  readonly rate?: number;
  readonly messageIds?: boolean;
  readonly consumerGroup?: string;
  readonly consumerGroups?: number;
  readonly maxMsgDeliveries?: number;
  readonly showPayloads?: boolean;
  readonly timeoutMs?: number;
}

/** Which station the messages go through: a temporary one with the same settings and schema, or the station itself. */
export type SmokeTarget = 'shadow' | 'live';

/** The header that marks every message of a smoke test; its value is the id of the run. */
export const SMOKE_HEADER = 'smoke-test';

/** The header that holds the number of a message of a run, counted from 0. */
export const SMOKE_MESSAGE_HEADER = 'smoke-test-message';

/** Name of the temporary station of a run; the station's own name is cut where it is too long. */
export function shadowStationName(runId: string, station: string): string {
  return `smoke-${runId}-${station.slice(0, 100)}`.replace(/[._-]+$/, '');
}

/** Whether a station has the name of a temporary one. Only a record of its run proves that it is one. */
export function isShadowStationName(station: string): boolean {
  return /^smoke-[0-9a-f]{8}-/.test(station);
}

/** Whether a temporary station, or a consumer group on a station that stays, has a name that this run gives. */
export function isMadeByRun(kind: 'station' | 'group', name: string, runId: string): boolean {
  if (!/^[0-9a-f]{8}$/.test(runId)) return false;
  return kind === 'station' ? name.startsWith(`smoke-${runId}-`) : new RegExp(`-${runId}(?:-|$)`).test(name);
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
  target: {
    type: 'choice',
    values: ['shadow', 'live'],
    default: 'shadow',
    description:
      'Where the messages go: through a temporary station with the same settings and schema, or through the station itself.',
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
  rate: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    unit: 'messages a second',
    description: 'How fast the messages are sent.',
    absent: 'as fast as the broker takes them',
    change: { how: 'policy' },
  },
  messageIds: {
    type: 'flag',
    default: false,
    description: 'Whether each message carries an id of its own, by which the broker drops duplicates.',
    change: { how: 'policy' },
  },
  consumerGroup: {
    type: 'text',
    names: 'Consumer',
    maximumBytes: 100,
    description:
      'Name of the consumer group. On the live station the id of the run is added, so that it is never a group of anybody else.',
    absent: 'the name of the test',
    change: { how: 'policy' },
  },
  consumerGroups: {
    type: 'integer',
    minimum: 1,
    maximum: 10,
    default: 1,
    unit: 'consumer groups',
    description: 'How many independent groups read the messages. Each of them must receive all.',
    change: { how: 'policy' },
  },
  maxMsgDeliveries: {
    type: 'integer',
    minimum: 1,
    maximum: 10,
    default: 2,
    unit: 'deliveries',
    description: 'How often a message that is not acknowledged is delivered before it becomes a dead letter.',
    change: { how: 'policy' },
  },
  showPayloads: {
    type: 'flag',
    default: false,
    description: 'Whether a report shows the payloads of messages that differ, and not only their ids.',
    change: { how: 'policy' },
  },
  timeoutMs: {
    type: 'integer',
    minimum: 1_000,
    maximum: 600_000,
    default: 30_000,
    unit: 'milliseconds',
    description:
      'The time the whole test may take. Clean-up is given up to 5 seconds more, and on a live station 1 second for 4,000 messages.',
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

/** A payload that the enforced schema must reject. */
export interface InvalidMessage {
  /** The payload, as `sample` gives one. */
  readonly message: JsonValue;
  /** A part of the reason that must be given for it. Default: any reason. */
  readonly reason?: string;
}

/** Where a smoke test is declared. */
export interface SmokeDeclaration {
  readonly stack: string;
  readonly constructPath: string;
  readonly address: string;
}

/** A smoke test as the plain JSON document that the runner reads. It never holds a secret. */
export interface SmokeTestSpec extends SmokeTestSettings {
  /**
   * The payload: a string, or a value that is sent in the form the enforced schema wants (JSON text where there is none).
   * Left out, a small JSON object is sent, which is valid only on a station that enforces no schema.
   */
  readonly sample?: JsonValue;
  /** Several payloads, which are sent in turn; each is as `sample`. */
  readonly samples?: readonly JsonValue[];
  /** Payloads are generated from the schema of the station; the same seed gives the same payloads. Default seed 1. */
  readonly generate?: { readonly seed?: number };
  /** A payload that the enforced schema must reject. It is checked and never sent when it is rejected. */
  readonly invalidSample?: JsonValue;
  /** More of them. */
  readonly invalidMessages?: readonly InvalidMessage[];
  /** Partition keys, used in turn. */
  readonly keys?: readonly string[];
  /** Headers of every message. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly expect?: SmokeExpectations;
  readonly load?: SmokeLoad;
  /** Where the test is declared, for reports. */
  readonly declaration?: SmokeDeclaration;
  /** Only reports: a failed expectation does not fail the deploy. */
  readonly reportOnly?: boolean;
  /** What stands before the names of the environment variables of its broker: `STAGING_`. */
  readonly envPrefix?: string;
  /** Where the broker is; what is left out comes from the MEMPHIS_* environment, which alone gives the credentials. */
  readonly connection?: SmokeTestConnection;
}

const extraKeys = [
  ...[
    'sample',
    'samples',
    'generate',
    'invalidSample',
    'invalidMessages',
    'keys',
    'headers',
    'expect',
    'load',
  ],
  ...['declaration', 'reportOnly', 'envPrefix', 'connection'],
];

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
  problems.push(...partProblems(document), ...connectionProblems(document.connection));
  if (problems.length > 0) throw new ValidationError(attempted, problems);
  return document as unknown as SmokeTestSpec;
}

/** The problems of the parts that the table of settings does not have. */
export function partProblems(document: Readonly<Record<string, unknown>>): string[] {
  const { samples, generate, invalidMessages, keys, headers, expect, load, envPrefix } = document;
  const problems = [
    ...nestedProblems('expect', expect, smokeExpectationFields),
    ...nestedProblems('load', load, smokeLoadFields),
  ];
  if (samples !== undefined && !(Array.isArray(samples) && samples.length > 0))
    problems.push('samples must be a list of at least one message');
  problems.push(...unusedProblems(document));
  if (samples !== undefined && document.sample !== undefined)
    problems.push('sample and samples are both given; give one of them');
  if (generate !== undefined && (samples ?? document.sample) !== undefined)
    problems.push('generate is given beside messages of your own; give one of them');
  if (generate !== undefined && !isSeeded(generate))
    problems.push(`generate is ${shownValue(generate)}; it must be an object with a whole number as seed`);
  if (isObject(generate))
    problems.push(...unknownNameProblems(generate, ['seed'], 'a setting of generate', 'generate'));
  if (keys !== undefined && !isListOf(keys, (key) => typeof key === 'string' && key !== ''))
    problems.push('keys must be a list of strings that are not empty');
  if (
    headers !== undefined &&
    !(isObject(headers) && Object.values(headers).every((value) => typeof value === 'string'))
  )
    problems.push('headers must be an object of strings');
  if (invalidMessages !== undefined && !isListOf(invalidMessages, isInvalidMessage))
    problems.push('invalidMessages must be a list of { message, reason }');
  for (const [index, item] of (Array.isArray(invalidMessages) ? invalidMessages : []).entries()) {
    const what = 'a setting of an invalid message';
    if (isObject(item))
      problems.push(...unknownNameProblems(item, ['message', 'reason'], what, `invalidMessages[${index}]`));
  }
  if (envPrefix !== undefined && !(typeof envPrefix === 'string' && isEnvPrefix(envPrefix)))
    problems.push(
      `envPrefix is ${shownValue(envPrefix)}; it must be capital letters, digits and _, and end with _`,
    );
  return problems;
}

/** Settings that others leave without effect. */
function unusedProblems(document: Readonly<Record<string, unknown>>): string[] {
  const { load, generate, messages, rate, expect, maxMsgDeliveries } = document;
  const problems: string[] = [];
  if (isObject(load)) {
    const own = generate === undefined ? 'messages of your own' : 'generate';
    if (load.payloadBytes !== undefined && (document.samples ?? document.sample ?? generate) !== undefined)
      problems.push(`load.payloadBytes is given beside ${own}; give one of them`);
    if (messages !== undefined)
      problems.push(
        'messages is given beside load, whose rate and durationMs say how many there are; give one of them',
      );
    if (rate !== undefined)
      problems.push('rate is given beside load, which has a rate of its own; give load.rate alone');
  }
  if (maxMsgDeliveries !== undefined && !(isObject(expect) && expect.deadLettered === true))
    problems.push(
      'maxMsgDeliveries is given without expect.deadLettered, which alone uses it; set deadLettered: true in expect, or remove maxMsgDeliveries',
    );
  return problems;
}

function nestedProblems<D extends object>(name: string, given: unknown, fields: Fields<D>): string[] {
  if (given === undefined) return [];
  if (!isObject(given)) return [`${name} must be an object`];
  const unknown = Object.keys(given).filter((key) => !(key in fields));
  return [
    ...unknown.map(
      (key) => `${name}.${key} is not a setting; the settings are ${Object.keys(fields).join(', ')}`,
    ),
    ...problemsOf(given as D, { fields }).map((problem) => `${name}.${problem}`),
  ];
}

function isListOf(value: unknown, isRight: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isRight);
}

function isInvalidMessage(item: unknown): boolean {
  return (
    isObject(item) && 'message' in item && (item.reason === undefined || typeof item.reason === 'string')
  );
}

function isSeeded(value: unknown): boolean {
  return isObject(value) && (value.seed === undefined || Number.isSafeInteger(value.seed));
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
