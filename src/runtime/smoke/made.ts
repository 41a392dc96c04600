import { setTimeout as delay } from 'node:timers/promises';
import type { Subscription } from 'nats';
import { clauses, plural } from '../../model/error-text';
import { errorText } from '../../model/errors';
import type { SmokeRecord } from '../admin';
import type { Consumer, Producer } from '../messaging';
import type { MessagingSession } from '../messaging/messaging-session';
import { answerOthers, removeMade } from './left-overs';
import type { SmokeBroker } from './smoke-broker';
import { ExpectationFailed } from './steps';
import { StoredMessages } from './stored-messages';
import type { Traffic } from './traffic';

/** How long the removal waits for a connection that was lost. */
const RECONNECT_TIMEOUT_MS = 3_000;

/** How long the removal looks for messages that were stored although their acknowledgement never came. */
const STRAY_WAIT_MS = 200;

/** Everything that a run has made on the broker, so that all of it is removed. */
export class Made {
  readonly members: (Consumer | Producer)[] = [];
  readonly #broker: SmokeBroker;
  readonly #session: MessagingSession;
  readonly #runId: string;
  readonly #messages = new Map<string, StoredMessages>();
  #record: SmokeRecord | undefined;
  #life: Subscription | undefined;
  readonly #making = new Set<Promise<unknown>>();
  #isRemoving = false;

  constructor(broker: SmokeBroker, session: MessagingSession, runId: string) {
    this.#broker = broker;
    this.#session = session;
    this.#runId = runId;
  }

  /** Says what will be made, so that another run can remove it should this one die. */
  async announce(record: SmokeRecord): Promise<void> {
    this.#life ??= answerOthers(this.#session.connection, this.#runId);
    this.#record = record;
    await (await this.#broker.records()).write(this.#runId, record);
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
    const known = this.#messages.get(station) ?? new StoredMessages(station);
    this.#messages.set(station, known);
    known.add(partition, sequence);
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
    for (const messages of this.#messages.values()) await attempt(async () => messages.delete(connection));
    for (const member of this.members) await attempt(async () => member.destroy({ timeoutRetries: 0 }));
    await attempt(async () => this.#removeRecorded());
    if (failures.length > 0) throw new ExpectationFailed(clauses(failures));
    const deleted = [...this.#messages.values()].reduce((sum, { count }) => sum + count, 0);
    return `${plural(deleted, 'message')} deleted, producer and consumer group removed`;
  }

  /** The record goes last, and only when everything in it is gone. */
  async #removeRecorded(): Promise<void> {
    if (this.#record === undefined) return;
    await removeMade(this.#broker, this.#runId, this.#record);
    await (await this.#broker.records()).erase(this.#runId);
    this.#life?.unsubscribe();
  }
}
