import { headers as natsHeaders, type Msg } from 'nats';

import { type GoldenBroker, type Json, type JsonObject, textOf } from './golden-broker';
import { eventually } from '../../support/broker';

const INCOMING = '$memphis_dls_incoming';

/** What the recording side did to make dead letters, and how it looked at them. */
export class DeadLetterHands {
  constructor(private readonly golden: GoldenBroker) {}

  async station(name: string, settings: JsonObject = {}): Promise<void> {
    const dls = { dls_configuration: { poison: true, schemaverse: true } };
    await this.golden.createStation({ name, partitions_number: 1, ...dls, ...settings });
  }

  async group(station: string, group: string, { ack = 30_000, deliveries = 2 } = {}): Promise<void> {
    const [reply = ''] = await this.golden.manage('$memphis_consumer_creations', this.member(station, group, { ack, deliveries }));
    expect(JSON.parse(reply)).toMatchObject({ error: '' });
  }

  async leave(station: string, group: string): Promise<void> {
    expect(await this.golden.manage('$memphis_consumer_destructions', this.member(station, group))).toEqual(['']);
  }

  async publish(stream: string, texts: readonly string[]): Promise<void> {
    const block = natsHeaders();
    block.set('$memphis_producedBy', 'prod1');
    block.set('$memphis_connectionId', this.golden.connectionId);
    block.set('custom', 'v1');
    for (const text of texts) await this.golden.nats.jetstream().publish(`${stream}.final`, text, { headers: block });
  }

  /** Asks a durable for what it has now. */
  async pull(stream: string, durable: string, batch = 1): Promise<Msg[]> {
    const inbox = `_INBOX.pull-${Math.random()}`;
    const got: Msg[] = [];
    let isOver = false;
    const subscription = this.golden.nats.subscribe(inbox, {
      callback: (_error, message) => {
        if (message.headers?.code !== undefined && message.headers.code >= 400) isOver = true;
        else got.push(message);
      },
    });
    // Short, and not `no_wait`: with that a message nobody may have any more is waited for.
    const request = JSON.stringify({ batch, expires: 60_000_000 });
    this.golden.nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, request, { reply: inbox });
    await eventually(() => isOver || got.length === batch, `the answer of ${durable}`, 2);
    subscription.unsubscribe();
    return got;
  }

  /** Refuses everything a durable has until it has given up on it. @returns deliveries of one message. */
  async exhaust(stream: string, durable: string, messages = 1): Promise<number> {
    let deliveries = 0;
    await this.settled(async () => {
      for (;;) {
        const got = await this.pull(stream, durable, messages);
        if (got.length === 0) return;
        deliveries += 1;
        for (const message of got) message.respond('-NAK');
        await this.golden.nats.flush();
      }
    }, messages);
    return deliveries;
  }

  /** Does something and waits until the broker has handled what it was told by that. */
  async settled(act: () => unknown, messages = 1): Promise<void> {
    const state = async (): Promise<{ messages: number; last_seq: number }> =>
      (await this.golden.jetstream(`STREAM.INFO.${INCOMING}`)).state as { messages: number; last_seq: number };
    const before = (await state()).last_seq;
    await act();
    await eventually(async () => {
      const now = await state();
      return now.last_seq >= before + messages && now.messages === 0;
    }, 'the broker to handle dead letters');
  }

  async hearing(subject: string, count: number, act: () => Promise<void>): Promise<JsonObject[]> {
    const heard: JsonObject[] = [];
    // A wildcard does not match inside a part of a subject.
    const [first = ''] = subject.split('>');
    const subscription = this.golden.nats.subscribe(subject.endsWith('_>') ? '>' : subject, {
      callback: (_error, message) => {
        if (!message.subject.startsWith(first.replace('*', ''))) return;
        const headers = Object.fromEntries((message.headers?.keys() ?? []).map((key) => [key, message.headers?.values(key) ?? []]));
        heard.push({ subject: message.subject, reply: message.reply ?? '', data: message.string(), headers });
      },
    });
    await this.golden.nats.flush();
    await act();
    await eventually(() => heard.length >= count, `${count} messages on ${subject}`, 2);
    await this.golden.barrier();
    subscription.unsubscribe();
    return heard.filter((message) => !textOf(message.subject).startsWith('$memphis_dls_contents') && !textOf(message.subject).startsWith(INCOMING));
  }

  async overview(station: string): Promise<JsonObject> {
    const query = { station_name: station, partition_number: -1 };
    return (await this.golden.restJson('GET', '/monitoring/getStationOverviewData', undefined, query)) as JsonObject;
  }

  async details(station: string, id: Json): Promise<{ readonly status: number; readonly body: Json }> {
    const query = { station_name: station, partition_number: -1, is_dls: 'true', message_id: id, dls_type: 'poison' };
    const reply = await this.golden.rest('GET', '/stations/getMessageDetails', undefined, { query });
    return { status: reply.status, body: JSON.parse(reply.text) as Json };
  }

  /** The dead letters of a station in the form of a database row, as far as calls tell. */
  async rows(station: string): Promise<JsonObject[]> {
    const { poison_messages, schema_failed_messages } = await this.overview(station);
    const rows: JsonObject[] = [];
    for (const [type, listed] of [['poison', poison_messages], ['schema', schema_failed_messages]] as const) {
      for (const { id = null, message_seq = null, message } of listed as readonly JsonObject[]) {
        const { body } = (await this.details(station, id)) as { body: JsonObject };
        const shown = message as JsonObject;
        rows.push({
          id,
          message_seq,
          poisoned_cgs: (body.poisoned_cgs as readonly JsonObject[]).map(({ cg_name }) => cg_name ?? null),
          message_details: {
            time_sent: shown.time_sent ?? null,
            // The database holds what the client sent here; calls tell the real size.
            size: type === 'schema' ? 0 : (shown.size ?? null),
            data: (body.message as JsonObject).data ?? null,
            headers: shown.headers ?? null,
          },
          message_type: type,
          validation_error: body.validation_error ?? null,
          producer_name: (body.producer as JsonObject).name ?? null,
        });
      }
    }
    return rows;
  }

  /** What a stream holds, oldest first. */
  async messages(stream: string): Promise<{ subject: string; seq: number; headers: string; data: string }[]> {
    const { state } = (await this.golden.jetstream(`STREAM.INFO.${stream}`)) as { state: { first_seq: number; last_seq: number; messages: number } };
    const found = [];
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq++) {
      const { message } = (await this.golden.jetstream(`STREAM.MSG.GET.${stream}`, { seq })) as { message: JsonObject };
      const text = (key: string): string => Buffer.from(textOf(message[key]), 'base64').toString();
      found.push({ subject: textOf(message.subject), seq, headers: text('hdrs'), data: text('data') });
    }
    return found;
  }

  private member(station: string, group: string, { ack = 30_000, deliveries = 2 } = {}): string {
    return JSON.stringify({
      name: `${group.toLowerCase()}-c`,
      station_name: station,
      connection_id: this.golden.connectionId,
      consumer_type: 'application',
      consumers_group: group,
      max_ack_time_ms: ack,
      max_msg_deliveries: deliveries,
      username: 'root',
      start_consume_from_sequence: 1,
      last_messages: -1,
      req_version: 4,
    });
  }
}
