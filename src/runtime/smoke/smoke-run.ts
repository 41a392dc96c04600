import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { clauses, plural } from '../../model/error-text';
import { errorText, SchemaValidationError } from '../../model/errors';
import { externalName, lowerCase } from '../../model/names';
import type { SmokeTarget, SmokeTestSpec } from '../../model/smoke-test';
import type { Producer } from '../messaging';
import type { MessagingSession } from '../messaging/messaging-session';
import { stationExists } from '../messaging/station/station-presence';
import { judgeTraffic } from './expectations';
import { Groups, numberedName } from './groups';
import { checkRejections, invalidMessagesOf } from './invalid-messages';
import { Latencies, numbersText } from './latency';
import { loadLimit } from './load-limit';
import { Made } from './made';
import { payloadsOf, sizeText } from './messages';
import { deadLetterGroupName, otherChecks } from './other-checks';
import type { SmokeExpectation, SmokeOutcome, SmokeResult } from './result';
import { mostUnread } from './retention';
import type { Schedule } from './schedule';
import { scheduleOf, timeoutOf } from './schedule';
import { send } from './sender';
import type { ShadowStations } from './shadow';
import { createShadow, shadowNames } from './shadow';
import type { SmokeBroker } from './smoke-broker';
import type { StepsOptions } from './steps';
import { ExpectationFailed, Interrupted, Steps, isUnreachable } from './steps';
import { Traffic } from './traffic';

/** What the clean-up may take on top of the time of the test. */
const CLEAN_UP_TIMEOUT_MS = 5_000;

/** And for each message that is deleted from a station that stays. */
const DELETION_MS = 0.25;

/** What the clean-up waits for the left-overs of other runs. They are no reason to fail: the next run goes on with them. */
const LEFT_OVERS_WAIT_MS = 3_000;

/** So long before its end a test stops waiting, so that it can still say what came. */
const LAST_WORDS_MS = 250;

const POLL_MS = 5;

/** One run on a connection. */
export class SmokeRun {
  readonly steps: Steps;
  readonly #spec: SmokeTestSpec;
  readonly #target: SmokeTarget;
  readonly #schedule: Schedule;
  readonly runId = randomBytes(4).toString('hex');
  readonly #expectations: SmokeExpectation[] = [];
  readonly #ending = new AbortController();
  readonly #producers: Producer[] = [];
  #latencies = Latencies.exact();
  #traffic: Traffic | undefined;
  #groups: Groups | undefined;
  #shadow: ShadowStations | undefined;
  #limitedBy: string | undefined;

  constructor(spec: SmokeTestSpec, { signal, onStep }: Partial<StepsOptions>) {
    this.#spec = spec;
    this.#target = spec.target ?? 'shadow';
    this.#schedule = scheduleOf(spec);
    const timeoutMs = timeoutOf(spec);
    this.steps = new Steps({ timeoutMs, signal, onStep });
  }

  async through(broker: SmokeBroker, session: MessagingSession): Promise<SmokeOutcome> {
    let outcome: SmokeOutcome = 'failed';
    const { name: test } = this.#spec;
    const lastsMs = timeoutOf(this.#spec) + CLEAN_UP_TIMEOUT_MS;
    const made = new Made(broker, session, { test, runId: this.runId, lastsMs });
    const leftOvers = broker.leftOversRemoved().catch(() => undefined);
    try {
      await this.#findStation(session);
      if (this.#target === 'shadow') await this.#createShadow(broker, made);
      await this.#join(session, made);
      await this.#checkSchema();
      await this.#produce(session, made);
      await this.#consume();
      await this.#rejectInvalid();
      await this.#checkOthers(broker, session, made);
    } catch (error) {
      // Noted as the step that failed; the clean-up comes in any case.
      if (error instanceof Interrupted) outcome = 'interrupted';
      else if (isUnreachable(error) && this.steps.done.length <= 3) outcome = 'unreachable';
    }
    await this.#cleanUp(made, leftOvers).catch(() => undefined);
    if (outcome !== 'failed') return outcome;
    const isMet = this.#expectations.every((expectation) => expectation.isMet);
    return isMet && this.steps.done.every((step) => step.passed) ? 'passed' : 'failed';
  }

  result(outcome: SmokeOutcome): SmokeResult {
    const { name, declaration } = this.#spec;
    const latency = this.#latencies.summary();
    const throughput = this.#traffic?.throughput;
    return {
      name,
      station: externalName(this.#spec.station),
      target: this.#target,
      ...(declaration === undefined ? {} : { declaration }),
      runId: this.runId,
      passed: outcome === 'passed',
      outcome,
      steps: this.steps.done,
      expectations: this.#expectations,
      ...(latency === undefined ? {} : { latency }),
      ...(throughput === undefined ? {} : { throughput }),
      ...(this.#limitedBy === undefined ? {} : { limitedBy: this.#limitedBy }),
      differences: outcome === 'passed' ? [] : (this.#traffic?.differences ?? []),
      produced: this.#traffic?.acknowledged ?? 0,
      consumed: this.#traffic?.received ?? 0,
      milliseconds: this.steps.milliseconds,
    };
  }

  /** The station that the messages go through. */
  get #station(): string {
    return this.#shadow?.station ?? this.#spec.station;
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

  async #createShadow(broker: SmokeBroker, made: Made): Promise<void> {
    await this.steps.run('shadow', async () => {
      const source = externalName(this.#spec.station);
      const names = shadowNames(this.runId, source, this.#spec.expect?.deadLettered === true);
      const stations = [names.station, ...(names.dlsStation === undefined ? [] : [names.dlsStation])];
      const schema = await made.making(async () => {
        await made.announce({ stations });
        return createShadow(broker, source, names);
      });
      this.#shadow = names;
      const enforced = schema === '' ? 'without a schema' : `with schema "${schema}"`;
      return [undefined, `"${names.station}" is made like "${source}", ${enforced}`];
    });
  }

  async #join(session: MessagingSession, made: Made): Promise<void> {
    const { name, load, consumerGroup = name, consumerGroups = 1 } = this.#spec;
    const own = lowerCase(`${name}-${this.runId}`);
    await this.steps.run('join', async () => {
      const names = Array.from({ length: load?.producers ?? 1 }, (_, index) => numberedName(own, index));
      for (const producerName of names) {
        await made.making(async () => {
          const producer = await session.producers.get({ stationName: this.#station, producerName });
          this.#producers.push(producer);
          made.members.push(producer);
        });
      }
      const group = this.#target === 'live' ? `${consumerGroup}-${this.runId}` : consumerGroup;
      const joined = new Groups({
        station: this.#station,
        partitions: this.#producer().partitionNumbers,
        names: Array.from({ length: consumerGroups }, (_, index) => numberedName(group, index)),
        members: load?.consumers ?? 1,
        runId: this.runId,
      });
      this.#groups = joined;
      await made.making(async () => {
        if (this.#target === 'live') {
          const partitions = this.#producer().partitionNumbers;
          const others =
            this.#spec.expect?.deadLettered === true ? [deadLetterGroupName(this.#spec, this.runId)] : [];
          await made.announceIn(this.#station, partitions, joined.durables(others));
        }
        // Before the first message: an ACK_BASED station drops what is produced while it has no group.
        await joined.join(session).finally(() => made.members.unshift(...joined.consumers));
      });
      const groups = consumerGroups === 1 ? `consumer group "${group}"` : `${consumerGroups} consumer groups`;
      return [undefined, `producer "${own}" and ${groups}`];
    });
  }

  async #checkSchema(): Promise<void> {
    const { schema, station, sample, samples, generate } = this.#spec;
    const enforced = this.#producer().schemaName;
    const found = enforced === undefined ? 'no schema' : `schema "${enforced}"`;
    await this.steps.run('schema', async () => {
      if (schema !== undefined && enforced !== externalName(schema)) {
        throw new ExpectationFailed(`station "${station}" enforces ${found}, not schema "${schema}"`);
      }
      const hasMessages = sample !== undefined || samples !== undefined || generate !== undefined;
      if (enforced !== undefined && !hasMessages) {
        throw new ExpectationFailed(
          `station "${station}" enforces ${found}; give a sample that fits it, or set generate`,
        );
      }
      return Promise.resolve([undefined, `${found} is enforced`] as const);
    });
  }

  async #produce(session: MessagingSession, made: Made): Promise<void> {
    const { load, headers = {}, keys = [], showPayloads = false, consumerGroups = 1 } = this.#spec;
    const schema = session.stations.get(this.#station).schema;
    await this.steps.run('produce', async () => {
      const version = `${schema.name} ${schema.versionNumber}`;
      const producer = this.#producer();
      const target = {
        schemaName: producer.schemaName,
        definition: schema.definition,
        validate: (message: unknown) => producer.validate(message),
      };
      const payloads = payloadsOf(this.#spec, target, this.#schedule.total, this.runId);
      if (load !== undefined) this.#latencies = await Latencies.ofLoad();
      const latencies = this.#latencies;
      const traffic = new Traffic({
        payloads,
        keys,
        groups: consumerGroups,
        latencies,
        showPayloads,
        inOrder: this.#spec.expect?.inOrder === true,
      });
      this.#traffic = traffic;
      this.#groups?.receive(session, traffic, (partition, sequence) =>
        made.note(this.#station, partition, sequence),
      );
      const before = performance.eventLoopUtilization();
      const sending = await send(traffic, {
        producers: this.#producers,
        schedule: this.#schedule,
        runId: this.runId,
        headers,
        messageIds: this.#spec.messageIds ?? false,
        mostUnread:
          load === undefined ? await mostUnread(session, this.#station, producer, payloads) : Infinity,
        signal: this.#ending.signal,
      }).catch((error: unknown) => {
        if (!(error instanceof SchemaValidationError) || `${schema.name} ${schema.versionNumber}` === version)
          throw error;
        throw new ExpectationFailed(
          `the schema changed while the test ran, and rejects its messages now (${error.found}); change the messages, or run again`,
        );
      });
      const { sent } = traffic;
      if (load !== undefined) {
        const utilization = performance.eventLoopUtilization(before);
        this.#limitedBy = loadLimit({ load, sent, sending, utilization });
      }
      return [undefined, `${plural(sent, 'message')} acknowledged, ${sizeText(payloads)}`] as const;
    });
  }

  async #consume(): Promise<void> {
    const traffic = this.#traffic;
    const groups = this.#groups;
    if (traffic === undefined || groups === undefined) return;
    const { total } = this.#schedule;
    const { expect = {} } = this.#spec;
    await this.steps.run('consume', async () => {
      while (
        traffic.received < total &&
        groups.failure === undefined &&
        !this.#ending.signal.aborted &&
        this.steps.remainingMs > LAST_WORDS_MS
      ) {
        await delay(POLL_MS);
      }
      const partitions = this.#producer().partitionNumbers;
      this.#expectations.push(...judgeTraffic(traffic, total, this.#latencies.summary(), expect, partitions));
      if (traffic.received < total) {
        traffic.missing();
        const came = `${traffic.received} of ${total} messages came back`;
        const why =
          groups.failure === undefined ? 'in the time of the test' : `: ${errorText(groups.failure)}`;
        throw new ExpectationFailed(`${came} ${why}`);
      }
      if (traffic.changed > 0) {
        throw new ExpectationFailed(`${traffic.changed} messages came back with another payload`);
      }
      return [
        undefined,
        `${traffic.received} messages came back, unchanged${numbersText(this.#latencies.summary(), traffic.throughput)}`,
      ];
    });
  }

  async #rejectInvalid(): Promise<void> {
    const messages = invalidMessagesOf(this.#spec);
    if (messages.length === 0) return;
    const { station } = this.#spec;
    await this.steps.run('invalid sample', async () => {
      const reasons = checkRejections(messages, this.#producer(), station, (expectation) =>
        this.#expectations.push(expectation),
      );
      return Promise.resolve([undefined, clauses(reasons)] as const);
    });
  }

  /** What the traffic alone does not show. */
  async #checkOthers(broker: SmokeBroker, session: MessagingSession, made: Made): Promise<void> {
    const traffic = this.#traffic;
    if (traffic === undefined) return;
    const { runId } = this;
    const producer = this.#producer();
    const run = { spec: this.#spec, runId, broker, session, producer, traffic, made, shadow: this.#shadow };
    for (const check of otherChecks(run)) {
      await this.#check(check.name, async () => check.run(this.steps.remainingMs));
    }
  }

  async #check(name: string, work: () => Promise<readonly SmokeExpectation[]>): Promise<void> {
    await this.steps.run(name, async () => {
      const found = await work();
      this.#expectations.push(...found);
      const missed = found.filter(({ isMet }) => !isMet);
      const text = (list: readonly SmokeExpectation[]) =>
        clauses(list.map(({ what, seen }) => `${what}: ${seen}`));
      if (missed.length > 0) throw new ExpectationFailed(text(missed));
      return [undefined, text(found)];
    });
  }

  async #cleanUp(made: Made, leftOvers: Promise<unknown>): Promise<void> {
    this.#ending.abort();
    const stopReceiving = (): void => this.#groups?.stop();
    await this.steps.runLast(
      'clean up',
      async () => {
        let detail: string;
        if (this.#target === 'live') {
          detail = await made.removeFrom(this.#station, this.#traffic, stopReceiving);
        } else {
          stopReceiving();
          detail = await made.removeStations();
        }
        await Promise.race([leftOvers, delay(LEFT_OVERS_WAIT_MS, undefined, { ref: false })]);
        return [undefined, detail];
      },
      CLEAN_UP_TIMEOUT_MS + (this.#target === 'live' ? (this.#traffic?.sent ?? 0) * DELETION_MS : 0),
    );
  }

  #producer(): Producer {
    const [producer] = this.#producers;
    if (producer === undefined) throw new ExpectationFailed('there is no producer');
    return producer;
  }
}
