import type { Msg, MsgHdrs, NatsConnection, Subscription } from 'nats';
import { connect } from 'nats';
import type { ConnectOptions } from '../../../src/runtime/messaging';
import { Memphis } from '../../../src/runtime/messaging';
import { BareServer } from '../../runtime/messaging/bare-server';

/** What a broker answers when a producer or a consumer is registered. */
export const registration = {
  schema_update: {
    schema_name: '',
    active_version: { version_number: 0, descriptor: '', schema_content: '', message_struct_name: '' },
    type: '',
  },
  partitions_update: { partitions_list: [1] },
  schemaverse_to_dls: true,
  send_notification: false,
  station_version: 2,
  station_partitions_first_functions: {},
  error: '',
};

export interface Reply {
  readonly payload: string | Uint8Array;
  /** The header block as it goes over the wire, right or wrong. */
  readonly block?: string;
}

type Answer = (message: Msg) => string | Reply | undefined;

/** A real nats-server whose only other client answers as it is told: for what no working broker says. */
export class ScriptedBroker {
  readonly #answers = new Map<string, Answer>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #clients: Memphis[] = [];
  /** Errors that no call of the clients could report. */
  readonly reported: Error[] = [];
  #server: BareServer | undefined;
  #nats: NatsConnection | undefined;

  /** Registers the start before and the end after the tests of the file. */
  static forThisFile(): ScriptedBroker {
    const broker = new ScriptedBroker();
    beforeAll(() => broker.#start());
    afterAll(() => broker.#stop());
    return broker;
  }

  get port(): number {
    if (this.#server === undefined) throw new Error('the broker is not started');
    return this.#server.port;
  }

  get nats(): NatsConnection {
    if (this.#nats === undefined) throw new Error('the broker is not started');
    return this.#nats;
  }

  /** Answers requests on a subject from now on; undefined keeps silent. */
  async answer(subject: string, answer: string | Answer): Promise<void> {
    this.#answers.set(subject, typeof answer === 'string' ? () => answer : answer);
    if (this.#subscriptions.has(subject)) return;
    const callback = (_error: Error | null, message: Msg): void => {
      const reply = this.#answers.get(subject)?.(message);
      const { reply: answerTo = '' } = message;
      if (reply !== undefined && answerTo !== '') this.send(answerTo, reply);
    };
    this.#subscriptions.set(subject, this.nats.subscribe(subject, { callback }));
    await this.nats.flush();
  }

  /** Nobody answers there any more. */
  async fallSilent(subject: string): Promise<void> {
    this.#subscriptions.get(subject)?.unsubscribe();
    this.#subscriptions.delete(subject);
    await this.nats.flush();
  }

  /** @param answerTo where the receiver is to answer to, as deliveries have it. */
  send(subject: string, message: string | Reply, answerTo = ''): void {
    const { payload, block } = typeof message === 'string' ? { payload: message, block: undefined } : message;
    // The NATS client asks its headers for nothing but their bytes.
    const headers = { encode: () => Buffer.from(block ?? '') } as unknown as MsgHdrs;
    const options = answerTo === '' ? {} : { reply: answerTo };
    this.nats.publish(subject, payload, block === undefined ? options : { ...options, headers });
  }

  /** A connected client that is closed after the tests. */
  async client(options: Partial<ConnectOptions> = {}): Promise<Memphis> {
    const memphis = new Memphis();
    memphis.onError((error) => this.reported.push(error));
    this.#clients.push(memphis);
    await memphis.connect({
      host: '127.0.0.1',
      port: this.port,
      username: 'root',
      password: 'memphis',
      ...options,
    });
    return memphis;
  }

  async #start(): Promise<void> {
    this.#server = await BareServer.start('');
    this.#nats = await connect({ servers: `127.0.0.1:${this.#server.port}` });
    await this.answer('$memphis_producer_creations', JSON.stringify(registration));
    await this.answer('$memphis_consumer_creations', JSON.stringify(registration));
    await this.answer('$memphis_producer_destructions', '');
    await this.answer('$memphis_consumer_destructions', '');
    await this.answer('$JS.API.CONSUMER.INFO.*.*', '{"name":"c"}');
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.#nats?.close();
    await this.#server?.kill();
  }
}
