import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NatsConnection } from 'nats';
import { connect, headers } from 'nats';
import { resolveConnection } from '../../../../src/model/connection';
import { partitionStream, partitionSubject } from '../../../../src/model/names';
import type { StationDeclaration } from '../../../../src/model/station';
import { canonicalStation } from '../../../../src/model/station';
import type { Admin } from '../../../../src/runtime/admin';
import { connectAdmin } from '../../../../src/runtime/admin';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Run, stationKind } from '../../../../src/runtime/reconcile';

/** The declaration in whose name the stations are made. */
export const claim = {
  owner: 'project/stack/orders',
  adoptExisting: false,
  formerOwner: 'project/stack/orders',
};

/** A broker on disk for the tests of a file, and what fills and reads its stations. */
export class CarryBroker {
  private readonly store = mkdtempSync(path.join(tmpdir(), 'cdktf-memphis-carry-'));
  private running: { broker: LocalBroker; admin: Admin; nats: NatsConnection } | undefined;

  static forThisFile(): CarryBroker {
    const broker = new CarryBroker();
    beforeAll(() => broker.start());
    afterAll(() => broker.stop());
    return broker;
  }

  get admin(): Admin {
    return this.parts.admin;
  }

  get nats(): NatsConnection {
    return this.parts.nats;
  }

  get environment(): Record<string, string> {
    return this.parts.broker.environment();
  }

  /**
   * Creates a station that holds so many messages, spread over its partitions in turn: the number of each is its payload
   * and part of its id.
   * @returns the broker's id of it
   */
  async filled(declaration: StationDeclaration, messages: number): Promise<string> {
    const forbidden = { allowMessageLoss: false };
    const live = await stationKind.create(
      new Run(this.admin),
      canonicalStation(declaration),
      claim,
      forbidden,
    );
    const { partitionsNumber = 1, name } = declaration;
    for (let index = 0; index < messages; index += 500) {
      const batch = Array.from({ length: Math.min(500, messages - index) }, (_, offset) => index + offset);
      await Promise.all(
        batch.map((number) => this.publish(name, (number % partitionsNumber) + 1, String(number))),
      );
    }
    return stationKind.uidOf(live);
  }

  /** Publishes a message with an id and a header of its own. */
  publish(station: string, partition: number, payload: string) {
    const header = headers();
    header.set('msg-id', `${station}-${payload}`);
    header.set('kept', 'yes');
    const subject = partitionSubject(partitionStream(station, partition));
    return this.nats.jetstream().publish(subject, payload, { headers: header });
  }

  /** The messages of a partition, in their order. */
  async held(
    station: string,
    partition: number,
  ): Promise<{ subject: string; payload: string; kept: string }[]> {
    const stream = partitionStream(station, partition);
    const info = await this.admin.readStream(stream);
    const manager = await this.nats.jetstreamManager();
    const found: { subject: string; payload: string; kept: string }[] = [];
    for (let seq = Math.max(1, info?.state.first_seq ?? 1); seq <= (info?.state.last_seq ?? 0); seq += 1) {
      const message = await manager.streams.getMessage(stream, { seq });
      found.push({
        subject: message.subject,
        payload: message.string(),
        kept: message.header.get('kept'),
      });
    }
    return found;
  }

  /** The numbers of the messages of a partition, in their order. */
  async numbers(station: string, partition: number): Promise<number[]> {
    return (await this.held(station, partition)).map(({ payload }) => Number(payload));
  }

  /** Copies that are still on the broker, and carries that are not finished. */
  async leftovers(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of (await this.nats.jetstreamManager()).streams.names())
      if (name.includes('carry')) names.push(name);
    return [...names, ...(await new Run(this.admin).unfinishedReplacements()).keys()];
  }

  private get parts() {
    if (this.running === undefined) throw new Error('the broker is not started');
    return this.running;
  }

  /** Ends the broker by kill -9 and starts it again on what it has on disk. */
  async killed(): Promise<void> {
    const { broker, admin, nats } = this.parts;
    await Promise.all([admin.close(), nats.close()]);
    await broker.kill();
    await this.start();
  }

  private async start(): Promise<void> {
    const broker = await LocalBroker.start({ store: this.store });
    const admin = await connectAdmin(resolveConnection({}, broker.environment()));
    const login = { user: 'root', pass: 'memphis', name: `${randomUUID()}::root` };
    const nats = await connect({ servers: `${broker.host}:${broker.port}`, ...login });
    this.running = { broker, admin, nats };
  }

  private async stop(): Promise<void> {
    await this.running?.nats.close();
    await this.running?.admin.close();
    await this.running?.broker.stop();
    await rm(this.store, { recursive: true, force: true });
  }
}
