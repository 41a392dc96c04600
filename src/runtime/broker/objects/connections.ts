import type { NatsConnection } from 'nats';

import { ACCOUNT } from '../nats-server/configuration';
import type { Table } from '../store/table';
import type { ConsumerRow, ProducerRow } from '../store/rows';
import type { BrokerContext } from './context';
import { now } from './context';

interface ServerIdentity {
  readonly id?: string;
  readonly name?: string;
}

/** What the server tells of a connection that comes or goes. */
interface ConnectionEvent {
  readonly server?: ServerIdentity;
  readonly client?: { readonly id?: number; readonly name?: string; readonly lang?: string };
}

/** What a server answers when it is asked for its connections. */
interface ConnectionList {
  readonly server?: ServerIdentity;
  readonly data?: {
    readonly connections?: readonly {
      readonly cid?: number;
      readonly name?: string;
      readonly lang?: string;
    }[];
  };
}

interface LiveConnection {
  readonly language: string;
  /** Which connections have this id. A server that reads its users again tells of each once more. */
  readonly keys: ReadonlySet<string>;
}

const LIST_TIMEOUT_MS = 500;
const GREATEST_LIST = 100_000;

/** How Memphis calls the languages of NATS clients. */
const sdkNames: Readonly<Record<string, string>> = { 'nats.js': 'node.js', python3: 'python' };

/**
 * The Memphis clients that are connected now. A stock server does not tell its clients apart as a Memphis broker does,
 * but its system account hears of every connection.
 */
export class Connections {
  readonly #live = new Map<string, LiveConnection>();
  /** Who went while the servers are being asked for all connections: a list may be older. */
  #wentMeanwhile: Set<string> | undefined;

  readonly #context: BrokerContext;

  constructor(context: BrokerContext) {
    this.#context = context;
  }

  /** Follows the connections from now on. */
  watch(system: NatsConnection): void {
    const events = {
      CONNECT: (id: string, key: string, language: string) => this.#came(id, key, language),
      DISCONNECT: (id: string, key: string) => this.#went(id, key),
    };
    for (const [event, handle] of Object.entries(events)) {
      system.subscribe(`$SYS.ACCOUNT.${ACCOUNT}.${event}`, {
        callback: (error, message) => {
          if (error !== null) return;
          const { server, client } = message.json<ConnectionEvent>();
          const id = connectionIdOf(client?.name);
          if (id !== undefined) handle(id, connectionKey(server, client?.id), client?.lang ?? '');
        },
      });
    }
    void this.#listAfterReconnections(system);
  }

  /** A server was killed, so that it could not tell who went with it. */
  serverGone(name: string): void {
    for (const [id, { keys }] of [...this.#live]) {
      for (const key of keys) if (key.startsWith(`${name} `)) this.#went(id, key);
    }
  }

  /** Nobody tells what happened while there was no connection to the servers. */
  async #listAfterReconnections(system: NatsConnection): Promise<void> {
    for await (const { type } of system.status()) {
      if ((type as string) !== 'reconnect') continue;
      const wentMeanwhile = (this.#wentMeanwhile = new Set<string>());
      await this.#list(system, wentMeanwhile).catch((error: unknown) =>
        this.#context.log(`the connections were not listed: ${String(error)}`),
      );
      this.#wentMeanwhile = undefined;
    }
  }

  /** Asks all servers who is connected. */
  async #list(system: NatsConnection, wentMeanwhile: ReadonlySet<string>): Promise<void> {
    const before = new Map([...this.#live].flatMap(([id, { keys }]) => [...keys].map((key) => [key, id])));
    const request = JSON.stringify({ acc: ACCOUNT, limit: GREATEST_LIST });
    const replies = await system.requestMany('$SYS.REQ.SERVER.PING.CONNZ', request, {
      maxMessages: this.#context.nodes,
      maxWait: LIST_TIMEOUT_MS,
    });
    for await (const reply of replies) {
      const { server, data } = reply.json<ConnectionList>();
      const listed = new Set<string>();
      for (const { cid, name, lang = '' } of data?.connections ?? []) {
        const key = connectionKey(server, cid);
        listed.add(key);
        const id = connectionIdOf(name);
        if (id !== undefined && !wentMeanwhile.has(key)) this.#came(id, key, lang);
      }
      for (const [key, id] of before) {
        if (key.startsWith(connectionKey(server, undefined)) && !listed.has(key)) this.#went(id, key);
      }
    }
  }

  /** The language of a connected client in the words of Memphis; empty when it is not connected. */
  sdkOf(connectionId: string): string {
    const language = this.#live.get(connectionId)?.language ?? '';
    return sdkNames[language] ?? language;
  }

  /** After a start nobody is connected; who comes back is heard of. */
  async markAllAway(): Promise<void> {
    const { producers, consumers } = this.#context.metadata;
    await Promise.all([
      markWhere(producers, (row) => row.isActive, false),
      markWhere(consumers, (row) => row.isActive, false),
    ]);
  }

  #came(id: string, key: string, language: string): void {
    const keys = this.#live.get(id)?.keys ?? new Set();
    if (keys.has(key)) return;
    this.#live.set(id, { language, keys: new Set([...keys, key]) });
    this.#context.broadcasts.clientConnected(id);
    this.#mark(id, true);
  }

  #went(id: string, key: string): void {
    this.#wentMeanwhile?.add(key);
    const connection = this.#live.get(id);
    const keys = new Set(connection?.keys);
    keys.delete(key);
    if (connection !== undefined && keys.size > 0) {
      this.#live.set(id, { ...connection, keys });
      return;
    }
    this.#live.delete(id);
    this.#mark(id, false);
  }

  #mark(connectionId: string, isActive: boolean): void {
    const { changes, metadata, log } = this.#context;
    const isOurs = (row: ProducerRow): boolean =>
      row.connectionId === connectionId && row.isActive !== isActive;
    changes
      .run(async () => {
        await markWhere(metadata.producers, isOurs, isActive);
        await markWhere(metadata.consumers, isOurs, isActive);
      })
      // The connection to the server is gone when the broker stops; then nothing is left to be noted.
      .catch((error: unknown) =>
        log(`a client was not marked as ${isActive ? 'connected' : 'gone'}: ${String(error)}`),
      );
  }
}

/** Clients of Memphis are called `<connection id>::<user>`; others have no rows. */
function connectionIdOf(name: string | undefined): string | undefined {
  const [id, user, ...more] = name?.split('::') ?? [];
  return user === undefined || more.length > 0 ? undefined : id;
}

/** The key of one connection; without a number what all keys of that server begin with. */
function connectionKey(server: ServerIdentity | undefined, number: number | undefined): string {
  return `${server?.name ?? ''} ${server?.id ?? ''} ${number ?? ''}`;
}

async function markWhere<Client extends ProducerRow | ConsumerRow>(
  table: Table<Client>,
  isMeant: (row: Client) => boolean,
  isActive: boolean,
): Promise<void> {
  const change = { isActive, updatedAt: now() } as Partial<Omit<Client, 'id'>>;
  await Promise.all(
    table
      .all()
      .filter(isMeant)
      .map((row) => table.update(row.id, change)),
  );
}
