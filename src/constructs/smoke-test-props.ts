import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { errorText } from '../model/errors';
import type { SmokeExpectations } from '../model/smoke-expectations';
import type { SmokeLoad } from '../model/smoke-load';
import type { InvalidMessage, JsonValue, SmokeTarget } from '../model/smoke-test';
import type { ITerraformDependable } from './framework';
import type { IStation } from './named-object';
import type { MemphisProvider } from './provider';

/** What to send through a station, what to expect of it, and when. */
export interface SmokeTestProps {
  /** The station to test. A smoke test never creates it. */
  readonly station: IStation;

  /**
   * Where the messages go. `shadow`: through a temporary station with the same settings and schema, which is removed
   * afterwards. `live`: through the station itself, with a consumer group of its own; each message has the header
   * `smoke-test` and is deleted afterwards, but consumers that read the station meanwhile see it.
   * @default 'shadow'
   */
  readonly target?: SmokeTarget;

  /**
   * How many messages are produced and must come back, from 1 to 10000. A station that is full to a limit by number or
   * size drops as many of its oldest messages, as for any producer.
   * @default 5
   */
  readonly messages?: number;

  /**
   * The payload: a string, or a value that is sent in the form that the schema of the station wants, which without a
   * schema is JSON text. Needed, or one of the other three, when this stack declares a schema for the station; it is then
   * checked against it at synth.
   * @default a small JSON object
   */
  readonly sample?: JsonValue;

  /** Several payloads that are sent in turn; each is as `sample`. */
  readonly samples?: readonly JsonValue[];

  /**
   * Path of a file with payloads, read at synth; a relative one starts at the directory in which synth runs. `.json`: a
   * value, or a list of several. `.ndjson` and `.jsonl`: one value a line. Any other file is one payload of text.
   */
  readonly sampleFile?: string;

  /**
   * Generates the payloads from the schema of the station, edge values among them. The same seed gives the same payloads.
   * Without a schema a small JSON object is sent.
   * @default false; the default seed is 1
   */
  readonly generate?: boolean | { readonly seed?: number };

  /**
   * A payload that the schema must reject; checked against it at synth where this stack declares it. It is not sent.
   * @default nothing of that kind is tried
   */
  readonly invalidSample?: JsonValue;

  /** Several of them, each with a part of the reason that must be given for it. */
  readonly invalidMessages?: readonly InvalidMessage[];

  /**
   * How many messages are sent a second, from 1 to 100000.
   * @default as fast as the broker takes them
   */
  readonly rate?: number;

  /**
   * Partition keys, used in turn: messages with the same key go to the same partition.
   * @default the partitions take turns
   */
  readonly keys?: readonly string[];

  /** Headers of every message, beside `smoke-test`. */
  readonly headers?: Readonly<Record<string, string>>;

  /**
   * Gives each message an id of its own, by which the broker drops duplicates.
   * @default false
   */
  readonly messageIds?: boolean;

  /**
   * Name of the consumer group. On the live station the id of the run is added to it.
   * @default the name of the test
   */
  readonly consumerGroup?: string;

  /**
   * How many independent groups read the messages, from 1 to 10. Each of them must receive all.
   * @default 1
   */
  readonly consumerGroups?: number;

  /**
   * How often a message that is not acknowledged is delivered, from 1 to 10, before it becomes a dead letter.
   * @default 2
   */
  readonly maxMsgDeliveries?: number;

  /**
   * What must hold beside that all messages are delivered once and unchanged.
   * @default nothing else; latency and throughput are measured and reported
   */
  readonly expect?: SmokeExpectations;

  /**
   * Sends at a rate for a time, instead of a number of messages; latency counts from the time a message was due.
   * @default no load
   */
  readonly load?: SmokeLoad;

  /**
   * Shows the payloads of messages that differ, and not only where they are stored.
   * @default false
   */
  readonly showPayloads?: boolean;

  /**
   * How many milliseconds the whole test may take, from 1000 to 600000; the time of a load comes on top.
   * @default 30000
   */
  readonly timeoutMs?: number;

  /**
   * Whether a test that does not pass fails the deploy.
   * @default true
   */
  readonly failDeploy?: boolean;

  /**
   * What runs the test in a deploy: a `null_resource`, or Terraform's built-in `terraform_data` for machines that cannot
   * get the provider `hashicorp/null`.
   * @default 'nullResource'
   */
  readonly runVia?: 'nullResource' | 'terraformData';

  /**
   * Any text; the test runs again when it differs from that of the last deploy.
   * @default the test runs when itself, its runner, or the settings of station, schema and enforcement have changed, and
   * when a deploy repairs one of them
   */
  readonly rerunOn?: string | undefined;

  /**
   * The broker to test.
   * @default that of the station, or the stack's provider without alias
   */
  readonly provider?: MemphisProvider;

  /**
   * What must exist before the test runs.
   * @default the station and every enforcement of it that this stack declares; they are in any case waited for
   */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** The names of the props; one that is missing or new does not compile. */
export const smokeTestPropNames = Object.keys({
  ...{
    station: true,
    target: true,
    messages: true,
    sample: true,
    samples: true,
    sampleFile: true,
    generate: true,
  },
  ...{ invalidSample: true, invalidMessages: true, rate: true, keys: true, headers: true, messageIds: true },
  ...{ consumerGroup: true, consumerGroups: true, maxMsgDeliveries: true, expect: true, load: true },
  ...{ showPayloads: true, timeoutMs: true, failDeploy: true, runVia: true, rerunOn: true },
  ...{ provider: true, dependsOn: true },
} satisfies Record<keyof SmokeTestProps, true>);

/** The payloads in a file, or why there are none. */
export function readSampleFile(path: string): {
  readonly samples?: readonly JsonValue[];
  readonly problem?: string;
} {
  if (!existsSync(path)) return { problem: `sampleFile is ${JSON.stringify(path)}, which does not exist` };
  try {
    const text = readFileSync(path, 'utf8');
    switch (extname(path).toLowerCase()) {
      case '.json': {
        const value = JSON.parse(text) as JsonValue;
        return { samples: Array.isArray(value) ? (value as readonly JsonValue[]) : [value] };
      }
      case '.ndjson':
      case '.jsonl': {
        const lines = text.split('\n').filter((line) => line.trim() !== '');
        return { samples: lines.map((line) => JSON.parse(line) as JsonValue) };
      }
      default:
        return { samples: [text] };
    }
  } catch (error) {
    return { problem: `sampleFile ${JSON.stringify(path)} cannot be read: ${errorText(error)}` };
  }
}
