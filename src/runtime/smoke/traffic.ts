import type { SmokeDifference } from './result';
import type { Latencies } from './latency';

/** How many differing messages a result names. */
const MOST_DIFFERENCES = 10;

/** Less time than this tells no rate. */
const SHORTEST_RATE_MS = 100;

/** A message as it came to a group. */
export interface Arrival {
  readonly group: number;
  readonly number: number;
  readonly partition: number;
  readonly sequence: number;
  /** How often it was delivered to the group, this time included. */
  readonly deliveries: number;
  readonly payload: Uint8Array;
  /** When it came, as `performance.now` counts. */
  readonly at: number;
}

/** What is sent, and how it is judged. */
export interface TrafficOptions {
  readonly payloads: readonly Uint8Array[];
  readonly keys: readonly string[];
  readonly groups: number;
  readonly latencies: Latencies;
  readonly showPayloads: boolean;
  /** Whether the order is judged. */
  readonly inOrder: boolean;
}

/** The account of all messages of a test: when each was due, where it was stored, and which groups received it. */
export class Traffic {
  readonly differences: SmokeDifference[] = [];
  readonly #options: TrafficOptions;
  /** By number of the message; the three lists grow together. */
  readonly #dueAt: number[] = [];
  readonly #partition: number[] = [];
  readonly #sequence: number[] = [];
  /** By number; one bit a group. */
  readonly #receivedBy: number[] = [];
  readonly #received: number[];
  readonly #partitions = new Set<number>();
  /** The last message of each key, or partition without keys, in each group. */
  readonly #last = new Map<string, number>();
  #acknowledged = 0;
  #outOfOrder = 0;
  #changed = 0;
  #stored = 0;
  #firstDueAt = Infinity;
  #lastArrivalAt = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#received = new Array<number>(options.groups).fill(0);
  }

  get sent(): number {
    return this.#dueAt.length;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Messages that came, to the group that has the fewest. */
  get received(): number {
    return Math.min(...this.#received);
  }

  get receivedByGroup(): readonly number[] {
    return this.#received;
  }

  get outOfOrder(): number {
    return this.#outOfOrder;
  }

  get changed(): number {
    return this.#changed;
  }

  /** Messages that came a second time, from another place in the station. */
  get storedTwice(): number {
    return this.#stored;
  }

  get partitions(): ReadonlySet<number> {
    return this.#partitions;
  }

  /** Messages a second, from the first that was due to the last that came; undefined over a time that is too short to count. */
  get throughput(): number | undefined {
    const milliseconds = this.#lastArrivalAt - this.#firstDueAt;
    if (this.received === 0 || milliseconds < SHORTEST_RATE_MS) return undefined;
    return Math.round((this.received * 1_000) / milliseconds);
  }

  payloadOf(number: number): Uint8Array {
    return this.#options.payloads[number % this.#options.payloads.length] ?? new Uint8Array(0);
  }

  keyOf(number: number): string | undefined {
    const { keys } = this.#options;
    return keys.length === 0 ? undefined : keys[number % keys.length];
  }

  /** A message is handed over. Its number is how many were before it. */
  begin(dueAt: number): void {
    this.#dueAt.push(dueAt);
    this.#partition.push(-1);
    this.#sequence.push(0);
    this.#receivedBy.push(0);
    this.#firstDueAt = Math.min(this.#firstDueAt, dueAt);
  }

  /** The broker has stored it. */
  acknowledge(number: number, partition: number, sequence: number): void {
    this.#acknowledged += 1;
    this.#place(number, partition, sequence);
  }

  arrive(arrival: Arrival): void {
    const { group, number, at, partition, sequence } = arrival;
    const dueAt = this.#dueAt[number];
    if (dueAt === undefined) return;
    const bit = 1 << group;
    const before = this.#receivedBy[number] ?? 0;
    if ((before & bit) !== 0) {
      if (this.#sequence[number] === sequence && this.#partition[number] === partition) return;
      this.#stored += 1;
      this.#differ(arrival, `message ${number} came twice, also from this place`);
      return;
    }
    this.#receivedBy[number] = before | bit;
    this.#received[group] = (this.#received[group] ?? 0) + 1;
    this.#lastArrivalAt = Math.max(this.#lastArrivalAt, at);
    this.#options.latencies.add(at - dueAt);
    this.#place(number, partition, sequence);
    if (this.#options.inOrder) this.#checkOrder(arrival);
    if (Buffer.compare(arrival.payload, this.payloadOf(number)) !== 0) {
      this.#changed += 1;
      this.#differ(arrival, `message ${number} came with another payload`);
    }
  }

  /** Names the first messages that some group has not received. */
  missing(): void {
    const all = (1 << this.#received.length) - 1;
    for (const [number, groups] of this.#receivedBy.entries()) {
      if (groups === all) continue;
      if (this.differences.length >= MOST_DIFFERENCES) return;
      const partition = this.#partition[number] ?? -1;
      this.differences.push({
        id: partition < 0 ? `message ${number}` : placeText(partition, this.#sequence[number] ?? 0),
        what:
          partition < 0
            ? 'was not acknowledged by the broker'
            : groups === 0
              ? 'was stored and did not come back'
              : 'did not come to every consumer group',
        ...this.#shown(this.payloadOf(number)),
      });
    }
  }

  /** Where the messages are stored, as far as that is known. */
  *places(): Generator<{ readonly partition: number; readonly sequence: number }> {
    for (const [number, partition] of this.#partition.entries()) {
      if (partition >= 0) yield { partition, sequence: this.#sequence[number] ?? 0 };
    }
  }

  #place(number: number, partition: number, sequence: number): void {
    this.#partition[number] = partition;
    this.#sequence[number] = sequence;
    this.#partitions.add(partition);
  }

  /** A message that is delivered again comes late, and says nothing about the order. */
  #checkOrder(arrival: Arrival): void {
    const { group, number, partition, deliveries } = arrival;
    if (deliveries > 1) return;
    const stream = `${group} ${this.keyOf(number) ?? partition}`;
    const last = this.#last.get(stream) ?? -1;
    if (number > last) {
      this.#last.set(stream, number);
      return;
    }
    this.#outOfOrder += 1;
    this.#differ(arrival, `message ${number} came after message ${last}`);
  }

  #differ({ partition, sequence, payload }: Arrival, what: string): void {
    if (this.differences.length >= MOST_DIFFERENCES) return;
    this.differences.push({ id: placeText(partition, sequence), what, ...this.#shown(payload) });
  }

  #shown(payload: Uint8Array): { readonly payload?: string } {
    return this.#options.showPayloads
      ? { payload: Buffer.from(payload).toString('utf8').slice(0, 1_000) }
      : {};
  }
}

function placeText(partition: number, sequence: number): string {
  return partition === 0 ? `sequence ${sequence}` : `partition ${partition}, sequence ${sequence}`;
}
