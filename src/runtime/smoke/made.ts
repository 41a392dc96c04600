import { setTimeout as delay } from 'node:timers/promises';
import type { Subscription } from 'nats';
import { clauses, plural } from '../../model/error-text';
import { BrokerRefusedError, errorText } from '../../model/errors';
import { internalName, partitionStream } from '../../model/names';
import type { SmokeGroup, SmokeRecord, SmokeStream } from '../admin';
import type { Consumer, Producer } from '../messaging';
import type { MessagingSession } from '../messaging/messaging-session';
import { answerOthers, removeMade } from './left-overs';
import { streamNow } from './own-messages';
import type { SmokeBroker } from './smoke-broker';
import { ExpectationFailed } from './steps';
import { StoredMessages } from './stored-messages';
import type { Traffic } from './traffic';

/** How long the removal waits for a connection that was lost. */
const RECONNECT_TIMEOUT_MS = 3_000;

/** How long the removal looks for messages that were stored although their acknowledgement never came. */
const STRAY_WAIT_MS = 200;

/** What a broker may take to store what it was sent, and how far the clocks of its servers may be apart. */
const LATE_MS = 30_000;

/** The run whose things they are. */
export interface MakingRun {
  /** Name of its test. */
  readonly test: string;
  readonly runId: string;
  /** How long it lasts at most. */
  readonly lastsMs: number;
}

/** Everything that a run has made on the broker, so that all of it is removed. */
export class Made {
  readonly members: (Consumer | Producer)[] = [];
  readonly #broker: SmokeBroker;
  readonly #session: MessagingSession;
  readonly #run: MakingRun;
  readonly #messages: StoredMessages;
  #record: SmokeRecord | undefined;
  #life: Subscription | undefined;
  readonly #making = new Set<Promise<unknown>>();
  #isRemoving = false;

  constructor(broker: SmokeBroker, session: MessagingSession, run: MakingRun) {
    this.#broker = broker;
    this.#session = session;
    this.#run = run;
    this.#messages = new StoredMessages(run.runId);
  }

  /** Says what will be made, in addition to what was said before, so that another run can remove it should this one die. */
  async announce({ stations = [], groups = [], streams = [] }: Partial<SmokeRecord>): Promise<void> {
    this.#life ??= answerOthers(this.#session.connection, this.#run.runId);
    const { test, lastsMs, runId } = this.#run;
    this.#record = {
      test,
      stations: [...(this.#record?.stations ?? []), ...stations],
      groups: [...(this.#record?.groups ?? []), ...groups],
      streams: [...(this.#record?.streams ?? []), ...streams],
      lastsMs: lastsMs + LATE_MS,
    };
    await (await this.#broker.records()).write(runId, this.#record);
  }

  /**
   * Says that groups will be made, and messages stored, in a station that stays. It comes before the first message: what is stored there
   * from now on and is of this run will be deleted. A user who may not write the record can test all the same; what a run that is killed
   * leaves stays then.
   */
  async announceIn(
    station: string,
    partitions: readonly number[],
    groups: readonly SmokeGroup[],
  ): Promise<void> {
    const { connection } = this.#session;
    const found = await Promise.all(
      partitions.map(async (partition): Promise<SmokeStream[]> => {
        const stream = streamOf(station, partition);
        const now = await streamNow(connection, stream);
        return now === undefined ? [] : [{ stream, created: now.created, after: now.lastSequence }];
      }),
    );
    const streams = found.flat();
    for (const stream of streams) this.#messages.in(stream);
    await this.announce({ groups, streams }).catch((error: unknown) => {
      if (!(error instanceof BrokerRefusedError)) throw error;
    });
  }

  /**
   * Makes something on the broker. The removal waits for it: what an interrupted step goes on to make would stay, and a
   * producer or a consumer even brings a removed station back.
   * @throws Error when the removal has begun.
   */
  async making<T>(make: () => Promise<T>): Promise<T> {
    if (this.#isRemoving) throw new Error('the test is over');
    const making = make();
    this.#making.add(making);
    try {
      return await making;
    } finally {
      this.#making.delete(making);
    }
  }

  /** Nothing more is made after this. */
  async #stopMaking(): Promise<void> {
    this.#isRemoving = true;
    await Promise.allSettled(this.#making);
  }

  /** Remembers a message. */
  note(station: string, partition: number, sequence: number): void {
    this.#messages.add(streamOf(station, partition), sequence);
  }

  /** Removes temporary stations, with everything in them. */
  async removeStations(): Promise<string> {
    await this.#session.connection.ready('clean up', RECONNECT_TIMEOUT_MS);
    await this.#stopMaking();
    await this.#removeRecorded();
    const count = this.#record?.stations.length ?? 0;
    return count === 0 ? 'nothing was made' : `${plural(count, 'temporary station')} removed`;
  }

  /** Removes messages, groups and producers from a station that stays. One that fails is no reason to leave the rest behind. */
  async removeFrom(station: string, traffic: Traffic | undefined, received: () => void): Promise<string> {
    const { connection } = this.#session;
    await connection.ready('clean up', RECONNECT_TIMEOUT_MS);
    await this.#stopMaking();
    const failures: string[] = [];
    const attempt = async (work: () => Promise<unknown>): Promise<void> => {
      await work().catch((error: unknown) => failures.push(errorText(error)));
    };
    // A message may be stored although its acknowledgement was lost; it comes to our group like all others.
    if (traffic !== undefined && traffic.acknowledged < traffic.sent) await delay(STRAY_WAIT_MS);
    received();
    for (const { partition, sequence } of traffic?.places() ?? []) this.note(station, partition, sequence);
    await attempt(async () => this.#messages.delete(connection));
    for (const member of this.members) await attempt(async () => member.destroy({ timeoutRetries: 0 }));
    const mayErase = failures.length === 0;
    await attempt(async () => this.#removeRecorded(mayErase));
    if (failures.length > 0) throw new ExpectationFailed(clauses(failures));
    return `${plural(this.#messages.count, 'message')} deleted, producer and consumer group removed`;
  }

  /** The record goes last, and only when everything in it is gone; what is left then is found by the next run. */
  async #removeRecorded(mayErase = true): Promise<void> {
    if (this.#record === undefined) return;
    try {
      await removeMade(this.#broker, this.#run.runId, this.#record);
      if (mayErase) await (await this.#broker.records()).erase(this.#run.runId);
    } finally {
      this.#life?.unsubscribe();
    }
  }
}

function streamOf(station: string, partition: number): string {
  return partition === 0 ? internalName(station) : partitionStream(station, partition);
}
