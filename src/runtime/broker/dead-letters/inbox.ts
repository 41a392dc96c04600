import type { ConsumerMessages, JsMsg, NatsConnection } from 'nats';

import { errorText } from '../../../model/errors';
import type { BrokerContext } from '../objects/context';
import { handleAcknowledgement, handleExhausted, handleNacked, handleRefused } from './sources';

const STREAM = '$memphis_dls_incoming';
const DURABLE = 'control_plane';
const ADVISORIES = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES';
const DAY = 86_400_000_000_000;
const ACK_WAIT = 30_000_000_000;
// A message that failed so often fails for ever.
const GREATEST_NUMBER_OF_TRIES = 5;
const PAUSE_AFTER_FAILURE_MS = 1_000;

/** Handles one message; `number` is its own for ever, also when it comes again. */
type Handler = (context: BrokerContext, payload: Uint8Array, number: number) => Promise<void>;

const handlers: Readonly<Record<string, Handler>> = {
  $memphis_nacked_dls: handleNacked,
  $memphis_schemaverse_dls: handleRefused,
  $memphis_pm_acks: handleAcknowledgement,
};

/**
 * Everything that is told about dead letters, in the order it was told. The server keeps it until it has been handled, so
 * that nothing is lost while the control plane is away.
 */
export class DeadLetterInbox {
  #messages: ConsumerMessages | undefined;

  readonly #connection: NatsConnection;
  readonly #context: BrokerContext;

  constructor(connection: NatsConnection, context: BrokerContext) {
    this.#connection = connection;
    this.#context = context;
  }

  async open(storage: 'file' | 'memory', replicas: number): Promise<void> {
    const { jetstream } = this.#context;
    await jetstream.createStream({
      name: STREAM,
      subjects: [`${ADVISORIES}.>`, ...Object.keys(handlers)],
      retention: 'workqueue',
      storage,
      num_replicas: replicas,
      max_age: DAY,
    });
    const config = { durable_name: DURABLE, ack_policy: 'explicit', ack_wait: ACK_WAIT };
    await jetstream.putConsumer(STREAM, DURABLE, config);
    const consumer = await this.#connection.jetstream().consumers.get(STREAM, DURABLE);
    this.#messages = await consumer.consume({ max_messages: 100 });
    void this.#work(this.#messages);
  }

  close(): void {
    this.#messages?.stop();
  }

  async #work(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      try {
        await this.#context.changes.run(() => this.#handle(message));
        message.ack();
      } catch (error) {
        const isHopeless = message.info.deliveryCount >= GREATEST_NUMBER_OF_TRIES;
        this.#context.log(
          `a dead letter was not recorded (${message.subject})${isHopeless ? ', and is given up' : ''}: ${errorText(error)}`,
        );
        if (isHopeless) message.term();
        else message.nak(PAUSE_AFTER_FAILURE_MS);
      }
    }
  }

  async #handle(message: JsMsg): Promise<void> {
    const handler = message.subject.startsWith(ADVISORIES) ? handleExhausted : handlers[message.subject];
    await handler?.(this.#context, message.data, message.seq);
  }
}
