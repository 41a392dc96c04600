import type { NatsConnection } from 'nats';

import { ACCOUNT } from '../nats-server/configuration';
import type { Table } from '../store/table';
import type { ConsumerRow, ProducerRow } from '../store/rows';
import type { BrokerContext } from './context';
import { now } from './context';

/** What the server tells of a connection that comes or goes. */
interface ConnectionEvent {
  readonly server?: { readonly id?: string };
  readonly client?: { readonly id?: number; readonly name?: string; readonly lang?: string };
}

interface LiveConnection {
  readonly language: string;
  /** Which connections have this id. A server that reads its users again tells of each once more. */
  readonly keys: ReadonlySet<string>;
}

/** How Memphis calls the languages of NATS clients. */
const sdkNames: Readonly<Record<string, string>> = { 'nats.js': 'node.js', python3: 'python' };

/**
 * The Memphis clients that are connected now. A stock server does not tell its clients apart as a Memphis broker does,
 * but its system account hears of every connection.
 */
export class Connections {
  private readonly live = new Map<string, LiveConnection>();

  constructor(private readonly context: BrokerContext) {}

  /** Follows the connections from now on. */
  watch(system: NatsConnection): void {
    const events = {
      CONNECT: (id: string, key: string, language: string) => this.came(id, key, language),
      DISCONNECT: (id: string, key: string) => this.went(id, key),
    };
    for (const [event, handle] of Object.entries(events)) {
      system.subscribe(`$SYS.ACCOUNT.${ACCOUNT}.${event}`, {
        callback: (error, message) => {
          if (error !== null) return;
          const { server, client } = message.json<ConnectionEvent>();
          // Clients of Memphis are called <connection id>::<user>; others have no rows.
          const [id, user, ...more] = client?.name?.split('::') ?? [];
          if (id === undefined || user === undefined || more.length > 0) return;
          handle(id, `${server?.id ?? ''}.${client?.id ?? ''}`, client?.lang ?? '');
        },
      });
    }
  }

  /** The language of a connected client in the words of Memphis; empty when it is not connected. */
  sdkOf(connectionId: string): string {
    const language = this.live.get(connectionId)?.language ?? '';
    return sdkNames[language] ?? language;
  }

  /** After a start nobody is connected; who comes back is heard of. */
  async markAllAway(): Promise<void> {
    const { producers, consumers } = this.context.metadata;
    await Promise.all([
      markWhere(producers, (row) => row.isActive, false),
      markWhere(consumers, (row) => row.isActive, false),
    ]);
  }

  private came(id: string, key: string, language: string): void {
    const keys = this.live.get(id)?.keys ?? new Set();
    if (keys.has(key)) return;
    this.live.set(id, { language, keys: new Set([...keys, key]) });
    this.context.broadcasts.clientConnected(id);
    this.mark(id, true);
  }

  private went(id: string, key: string): void {
    const connection = this.live.get(id);
    const keys = new Set(connection?.keys);
    keys.delete(key);
    if (connection !== undefined && keys.size > 0) {
      this.live.set(id, { ...connection, keys });
      return;
    }
    this.live.delete(id);
    this.mark(id, false);
  }

  private mark(connectionId: string, isActive: boolean): void {
    const { changes, metadata, log } = this.context;
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
