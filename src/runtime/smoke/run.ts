import { randomBytes } from 'node:crypto';
import { clauses } from '../../model/error-text';
import { errorText, SchemaValidationError } from '../../model/errors';
import { externalName } from '../../model/names';
import type { JsonValue, SmokeTestSpec } from '../../model/smoke-test';
import { smokeTestFields } from '../../model/smoke-test';
import type { Consumer, Message, Producer } from '../messaging';
import { ErrorListeners } from '../messaging/connection/error-listeners';
import { MessagingSession } from '../messaging/messaging-session';
import { stationExists } from '../messaging/station/station-presence';
import { completeSmokeOptions } from './connect-options';
import type { SmokeOutcome, SmokeResult } from './result';
import { ExpectationFailed, Steps } from './steps';
import { StoredMessages } from './stored-messages';

/** The header by which messages of a run are told from all others. */
const RUN_HEADER = 'cdktf-memphis-smoke-run';

/** What the clean-up may take on top of the time of the test. */
const CLEAN_UP_TIMEOUT_MS = 5_000;

/** How long the clean-up waits for a connection that was lost. */
const RECONNECT_TIMEOUT_MS = 3_000;

/** How long one fetch waits; several of them fit into the shortest test. */
const FETCH_WAIT_MS = 500;

/** The most messages of one fetch. */
const MAX_BATCH = 500;

/** How long the clean-up looks for messages that were stored although their acknowledgement never came. */
const STRAY_WAIT_MS = 200;

/**
 * Runs a smoke test: messages go through the station and come back, a message that breaks the schema is rejected, and
 * the station is left as it was found. It never rejects: a test that does not pass, or cannot be run, is a result.
 * @param environment gives the credentials, and what the spec leaves out of the connection.
 */
export async function runSmokeTest(
  spec: SmokeTestSpec,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SmokeResult> {
  const run = new SmokeRun(spec);
  let opening: Promise<MessagingSession> | undefined;
  try {
    const session = await run.steps.run('connect', async () => {
      const options = completeSmokeOptions(spec, environment);
      opening = MessagingSession.open(options, new ErrorListeners());
      return [await opening, `${options.host}:${options.port} as "${options.username}"`];
    });
    return run.result(await run.through(session));
  } catch {
    // A connection that comes about after all is not to stay open.
    void opening?.then((late) => late.close(0)).catch(() => undefined);
    return run.result('unreachable');
  }
}

/** One run on a connection. */
class SmokeRun {
  readonly steps: Steps;
  readonly #spec: SmokeTestSpec;
  readonly #count: number;
  readonly #runId = randomBytes(4).toString('hex');
  readonly #stored: StoredMessages;
  readonly #seen: StoredMessages;
  #producer: Producer | undefined;
  #consumer: Consumer | undefined;

  constructor(spec: SmokeTestSpec) {
    this.#spec = spec;
    this.#count = spec.messages ?? smokeTestFields.messages.default ?? 1;
    this.#stored = new StoredMessages(spec.station);
    this.#seen = new StoredMessages(spec.station);
    this.steps = new Steps(spec.timeoutMs ?? smokeTestFields.timeoutMs.default ?? 30_000);
  }

  async through(session: MessagingSession): Promise<SmokeOutcome> {
    try {
      await this.#findStation(session);
      await this.#join(session);
      await this.#checkSchema();
      const payload = await this.#produce();
      await this.#consume(payload);
      await this.#rejectInvalidSample();
    } catch {
      // Noted as the step that failed; the clean-up comes in any case.
    }
    await this.#cleanUp(session).catch(() => undefined);
    return this.steps.done.every((step) => step.passed) ? 'passed' : 'failed';
  }

  result(outcome: SmokeOutcome): SmokeResult {
    return {
      name: this.#spec.name,
      station: externalName(this.#spec.station),
      runId: this.#runId,
      passed: outcome === 'passed',
      outcome,
      steps: this.steps.done,
      produced: this.#stored.count,
      consumed: this.#seen.count,
      milliseconds: this.steps.milliseconds,
    };
  }

  /** Before anything else: making a producer on an unknown station would create that station. */
  async #findStation({ connection }: MessagingSession): Promise<void> {
    const { station } = this.#spec;
    await this.steps.run('station', async () => {
      if (await stationExists(connection, station, `look for station "${station}"`)) {
        return [undefined, `"${station}" is there`];
      }
      throw new ExpectationFailed(`station "${station}" does not exist; deploy it first`);
    });
  }

  async #join({ producers, consumers }: MessagingSession): Promise<void> {
    const { station: stationName, name } = this.#spec;
    const own = `${name}-${this.#runId}`;
    await this.steps.run('join', async () => {
      // The consumer first: an ACK_BASED station drops what is produced while it has no group.
      this.#consumer = await consumers.create({ stationName, consumerName: own, lastMessages: 0 });
      this.#producer = await producers.get({ stationName, producerName: own });
      return [undefined, `producer and consumer group "${own}"`];
    });
  }

  async #checkSchema(): Promise<void> {
    const { schema, station, sample } = this.#spec;
    const enforced = this.#joinedProducer().schemaName;
    const found = enforced === undefined ? 'no schema' : `schema "${enforced}"`;
    await this.steps.run('schema', async () => {
      if (schema !== undefined && enforced !== externalName(schema)) {
        throw new ExpectationFailed(`station "${station}" enforces ${found}, not schema "${schema}"`);
      }
      if (enforced !== undefined && sample === undefined) {
        throw new ExpectationFailed(`station "${station}" enforces ${found}; give a sample that fits it`);
      }
      return Promise.resolve([undefined, `${found} is enforced`] as const);
    });
  }

  async #produce(): Promise<Uint8Array> {
    const producer = this.#joinedProducer();
    const { sample = generatedSample(this.#spec, this.#runId) } = this.#spec;
    return this.steps.run('produce', async () => {
      const payload = producer.validate(sampleMessage(sample, producer.schemaName));
      const headers = { [RUN_HEADER]: this.#runId };
      const sent = await Promise.allSettled(
        Array.from({ length: this.#count }, async () => {
          const { partition, sequence } = await producer.produce({ message: payload, headers });
          this.#stored.add(partition, sequence);
        }),
      );
      for (const outcome of sent) if (outcome.status === 'rejected') throw outcome.reason;
      return [payload, `${this.#count} messages acknowledged, ${payload.byteLength} bytes each`] as const;
    });
  }

  async #consume(payload: Uint8Array): Promise<void> {
    await this.steps.run('consume', async () => {
      let changed = 0;
      while (this.#seen.count < this.#count && this.steps.remainingMs > FETCH_WAIT_MS) {
        for (const partition of this.#stored.partitions) {
          const missing = this.#stored.countIn(partition) - this.#seen.countIn(partition);
          if (missing === 0) continue;
          for (const message of await this.#fetch(partition, missing, FETCH_WAIT_MS)) {
            const sequence = message.getSequenceNumber() ?? 0;
            if (!this.#stored.has(partition, sequence)) continue;
            this.#seen.add(partition, sequence);
            if (Buffer.compare(message.getData(), payload) !== 0) changed += 1;
          }
        }
      }
      if (this.#seen.count < this.#count) {
        throw new ExpectationFailed(
          `${this.#seen.count} of ${this.#count} messages came back in the time of the test`,
        );
      }
      if (changed > 0) throw new ExpectationFailed(`${changed} messages came back with another payload`);
      return [undefined, `${this.#seen.count} messages came back, unchanged`];
    });
  }

  async #rejectInvalidSample(): Promise<void> {
    const { invalidSample, station } = this.#spec;
    if (invalidSample === undefined) return;
    const producer = this.#joinedProducer();
    await this.steps.run('invalid sample', async () => {
      try {
        // Checked only: producing it would leave a dead letter behind.
        producer.validate(sampleMessage(invalidSample, producer.schemaName));
      } catch (error) {
        if (error instanceof SchemaValidationError) return Promise.resolve([undefined, error.found] as const);
        throw error;
      }
      const why = producer.schemaName === undefined ? 'no schema is enforced' : 'the schema allows it';
      throw new ExpectationFailed(`station "${station}" accepts the invalid sample: ${why}`);
    });
  }

  /** The next messages of a partition, those of others too; all are acknowledged, in our own group. */
  async #fetch(partition: number, most: number, waitMs: number): Promise<Message[]> {
    if (this.#consumer === undefined) return [];
    const messages = await this.#consumer.fetch({
      consumerPartitionNumber: partition,
      batchSize: Math.min(most, MAX_BATCH),
      batchMaxTimeToWaitMs: waitMs,
    });
    for (const message of messages) await message.ack();
    return messages;
  }

  async #cleanUp(session: MessagingSession): Promise<void> {
    try {
      await this.steps.run(
        'clean up',
        async () => {
          const { connection } = session;
          await connection.ready('clean up', RECONNECT_TIMEOUT_MS);
          const work = [
            async () => this.#findStrays(),
            async () => this.#stored.delete(connection),
            async () => this.#consumer?.destroy({ timeoutRetries: 0 }),
            async () => this.#producer?.destroy({ timeoutRetries: 0 }),
          ];
          const failures: string[] = [];
          // One that fails is no reason to leave the rest behind.
          for (const part of work) {
            await part().catch((error: unknown) => failures.push(errorText(error)));
          }
          if (failures.length > 0) throw new ExpectationFailed(clauses(failures));
          return [undefined, `${this.#stored.count} messages deleted, producer and consumer group removed`];
        },
        CLEAN_UP_TIMEOUT_MS,
      );
    } finally {
      await session.close(0);
    }
  }

  /** A message may be stored although its acknowledgement was lost; it comes to our group like all others. */
  async #findStrays(): Promise<void> {
    if (this.#producer === undefined || this.#stored.count === this.#count) return;
    for (const partition of this.#producer.partitionNumbers) {
      for (const message of await this.#fetch(partition, MAX_BATCH, STRAY_WAIT_MS)) {
        const sequence = message.getSequenceNumber();
        const own = message.getHeaders()[RUN_HEADER] === this.#runId;
        if (own && sequence !== undefined) this.#stored.add(partition, sequence);
      }
    }
  }

  #joinedProducer(): Producer {
    if (this.#producer === undefined) throw new ExpectationFailed('there is no producer');
    return this.#producer;
  }
}

/** The message that a sample stands for: without a schema to say otherwise, JSON text. */
function sampleMessage(sample: JsonValue, schemaName: string | undefined): JsonValue {
  return schemaName === undefined && typeof sample !== 'string' ? JSON.stringify(sample) : sample;
}

/** What is sent when the spec has no sample. */
function generatedSample(spec: SmokeTestSpec, runId: string): JsonValue {
  return { smokeTest: spec.name, run: runId };
}
