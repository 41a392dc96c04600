import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Overview } from '../../conformance/seed/station-traffic';
import { eventually, TestBroker } from '../../support/broker';
import type { SdkEvent, SdkMessage } from '../sdk/official-sdk';
import { INSTALL_TIMEOUT_MS, OfficialSdk } from '../sdk/official-sdk';
import type { SdkName } from '../sdk/official-sdk';

export type Options = Readonly<Record<string, unknown>>;

/** Bytes as an argument of an official client. */
export const bytes = (content: string | Uint8Array) => ({ $bytes: Buffer.from(content).toString('base64') });
/** What an official client kept under this name, as an argument. */
export const kept = (name: string) => ({ $kept: name });
export const textOf = (message: SdkMessage): string => Buffer.from(message.bytes, 'base64').toString();
export const textsOf = (messages: readonly SdkMessage[]): string[] => messages.map(textOf);

/** One official client on one broker, and what the steps need to look behind its back. */
export class Tour {
  private clean: (() => Promise<unknown>)[] = [];
  private client: OfficialSdk | undefined;
  private names = 0;

  private constructor(
    readonly name: SdkName,
    readonly broker: TestBroker,
  ) {}

  /** Users of the two types that are not root. */
  readonly users = {
    application: { username: 'team', password: 'Secret-Password-1' },
    management: { username: 'manager', password: 'Secret-Password-1' },
  };

  /** Registers the start before and the end after the tests of the file. */
  static forThisFile(name: SdkName): Tour {
    const tour = new Tour(name, TestBroker.forThisFile());
    beforeAll(async () => {
      // Before anybody connects: a new user makes the server refuse those who are about to log in just then.
      for (const [type, user] of Object.entries(tour.users)) {
        await tour.broker.rest('POST', '/usermgmt/addUser', { ...user, user_type: type });
      }
      tour.client = OfficialSdk.start(name);
      await tour.sdk.call('memphis', 'connect', [tour.credentials], undefined, INSTALL_TIMEOUT_MS);
    }, INSTALL_TIMEOUT_MS + 10_000);
    afterAll(async () => {
      await tour.client?.stop();
      for (const undo of tour.clean.reverse()) await undo();
    });
    return tour;
  }

  get sdk(): OfficialSdk {
    if (this.client === undefined) throw new Error('the client is not started yet');
    return this.client;
  }

  get isPython(): boolean {
    return this.name === 'memphis-py';
  }

  get credentials(): Options & { readonly port: number } {
    const { host, port, username, accountId, password } = this.broker.options;
    return { host, port, username, accountId, password };
  }

  /** Something that is ended after the tests. */
  cleanUp(undo: () => Promise<unknown>): void {
    this.clean.push(undo);
  }

  unique(prefix: string): string {
    return `${prefix}-${randomUUID().slice(0, 8)}`;
  }

  async file(content: string): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'sdk-tour-'));
    this.cleanUp(() => rm(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'file');
    await writeFile(file, content);
    return file;
  }

  /** Another client object of the same kind, not connected. */
  async otherClient(): Promise<string> {
    const name = `client-${(this.names += 1)}`;
    await this.sdk.call('driver', 'client', [], name);
    return name;
  }

  /** A connected client object. */
  async connect(options: Options = {}): Promise<string> {
    const name = await this.otherClient();
    await this.sdk.call(name, 'connect', [{ ...this.credentials, ...options }]);
    return name;
  }

  /** A station made by the client; its handle is kept as `s:<name>`. */
  async station(options: Options = {}, on = 'memphis'): Promise<string> {
    const name = (options.name as string | undefined) ?? this.broker.stationName('st');
    await this.sdk.call(on, 'station', [{ ...options, name }], `s:${name}`);
    return name;
  }

  /** A producer, by default `p`; returns the name it is kept under. */
  async producer(stationName: string | readonly string[], options: Options = {}, on = 'memphis') {
    const keep = `producer-${(this.names += 1)}`;
    await this.sdk.call(on, 'producer', [{ stationName, producerName: 'p', ...options }], keep);
    return keep;
  }

  /** Produces and waits for the acknowledgement; `nonblocking` under the name the client has for it. */
  produce(on: string, message: unknown, options: Options = {}): Promise<null> {
    return this.sdk.call(on, 'produce', [this.produceOptions(message, options)]);
  }

  produceOptions(message: unknown, { nonblocking = false, ...options }: Options = {}): Options {
    const content = typeof message === 'string' ? bytes(message) : message;
    if (!this.isPython) return { message: content, asyncProduce: nonblocking, ...options };
    return { message: content, ...(nonblocking === true ? { nonblocking } : {}), ...options };
  }

  /** Stores the numbers 1 to `count` as text, one after the other. */
  async fill(stationName: string, count: number, options: Options = {}): Promise<void> {
    const producer = await this.producer(stationName, { producerName: 'filler' });
    for (let number = 1; number <= count; number += 1) await this.produce(producer, String(number), options);
  }

  /** A consumer that polls quickly, by default `c`; returns the name it is kept under. */
  async consumer(stationName: string, options: Options = {}, on = 'memphis'): Promise<string> {
    const keep = `consumer-${(this.names += 1)}`;
    const defaults = { consumerName: 'c', batchMaxTimeToWaitMs: 1_000, pullIntervalMs: 50 };
    await this.sdk.call(on, 'consumer', [{ stationName, ...defaults, ...options }], keep);
    return keep;
  }

  /** One batch. Ask for as many as there are: for more, the clients wait. */
  fetch(on: string, batchSize: number, options: Options = {}): Promise<SdkMessage[]> {
    return this.sdk.call(on, 'fetch', [{ batchSize, ...options }]);
  }

  /** Calls a method of a message. */
  message<Result = null>(message: SdkMessage | undefined, method: string, ...args: unknown[]) {
    if (message === undefined) throw new Error('there is no message');
    const known = this.isPython && method === 'getTimeSent' ? 'getTimesent' : method;
    return this.sdk.call<Result>(message.ref, known, args);
  }

  async listen(on: string, options: Options = {}): Promise<void> {
    await this.sdk.call('driver', 'listen', [{ $value: { on, ...options } }]);
  }

  heard(on: string, event: string): readonly SdkEvent[] {
    return this.sdk.events.filter((each) => each.on === on && each.event === event);
  }

  heardTexts(on: string): string[] {
    return this.heard(on, 'message').map(({ value }) => textOf(value as SdkMessage));
  }

  heardErrors(on: string): string[] {
    return this.heard(on, 'error').map(({ value }) => String(value));
  }

  /** A schema made by the client from a file. */
  async schema(schemaType: string, content: string, schemaName = this.unique('schema')): Promise<string> {
    const file = await this.file(content);
    const where = this.isPython ? { schemaPath: file } : { schemaFilePath: file };
    await this.sdk.call('memphis', 'createSchema', [{ schemaName, schemaType, ...where }]);
    return schemaName;
  }

  /** A station that has a schema of this type. */
  async stationWithSchema(schemaType: string, content: string, options: Options = {}): Promise<string> {
    return this.station({ schemaName: await this.schema(schemaType, content), ...options });
  }

  async stored(station: string, partition = 1): Promise<number> {
    return (await this.broker.stream(station, partition))?.state.messages ?? -1;
  }

  /** How many messages each partition has. */
  spread(station: string, partitions: number): Promise<number[]> {
    return Promise.all(Array.from({ length: partitions }, (_, index) => this.stored(station, index + 1)));
  }

  async overview(station: string): Promise<Overview> {
    const query = `station_name=${station}&partition_number=-1`;
    const { body } = await this.broker.rest('GET', `/monitoring/getStationOverviewData?${query}`);
    return body as Overview;
  }

  async deadLetters(station: string): Promise<{ readonly poison: number; readonly schema: number }> {
    const overview = await this.overview(station);
    return { poison: overview.poison_messages.length, schema: overview.schema_failed_messages.length };
  }

  /** The row of a station in the REST API. */
  async row(station: string): Promise<{ readonly status: number; readonly body: Options }> {
    const { status, body } = await this.broker.rest('GET', `/stations/getStation?station_name=${station}`);
    return { status, body: body as Options };
  }

  async eventuallyStored(station: string, count: number, partition = 1): Promise<void> {
    await eventually(
      async () => (await this.stored(station, partition)) === count,
      `${count} messages are stored`,
    );
  }
}
