import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

import { Memphis } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import type { Place, Situation } from './situation';
import { caught, freePort, printedByCommand, reported } from './situation';

/** Errors that programs catch or are notified of, and those of the command line. */
export const ofPrograms: readonly Situation[] = [
  {
    code: 'MEMPHIS_CONNECTION',
    what: 'A program connects to a port that nothing listens on.',
    provoke: async ({ broker }) =>
      caught(new Memphis().connect({ ...broker.options, port: await freePort() })),
  },
  {
    code: 'MEMPHIS_AUTHENTICATION',
    what: 'A program connects with a wrong password.',
    provoke: ({ broker }) => caught(new Memphis().connect({ ...broker.options, password: 'wrong' })),
  },
  {
    code: 'MEMPHIS_TIMEOUT',
    what: 'A program connects to a port that accepts connections and never answers.',
    provoke: async ({ broker }) => {
      const silent = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as AddressInfo;
      const error = await caught(new Memphis().connect({ ...broker.options, port, timeoutMs: 500 }));
      silent.close();
      return error;
    },
  },
  {
    code: 'MEMPHIS_REFUSED',
    what: 'A program creates a station whose idempotency window is longer than its retention.',
    provoke: async ({ broker }) =>
      caught(
        (await broker.client()).station({
          name: 'short',
          retentionValue: 60,
          idempotencyWindowMs: 120_000,
        }),
      ),
  },
  {
    code: 'MEMPHIS_NOT_FOUND',
    what: 'A program creates a station with a schema that nobody created.',
    provoke: async ({ broker }) =>
      caught((await broker.client()).station({ name: 'parcels', schemaName: 'parcel' })),
  },
  {
    code: 'MEMPHIS_VALIDATION',
    what: 'A program creates a consumer with several options out of range.',
    provoke: async ({ broker }) =>
      caught(
        (await broker.client()).consumer({
          stationName: 'orders',
          consumerName: 'billing!',
          batchSize: 0,
          maxMsgDeliveries: -1,
        }),
      ),
  },
  {
    code: 'MEMPHIS_VALIDATION',
    what: 'The local broker is started with a certificate and no key.',
    provoke: () => printedByCommand(['broker', 'start', '--tls-cert', 'broker.pem']),
  },
  {
    code: 'MEMPHIS_SCHEMA_VALIDATION',
    what: 'A program produces a message without a field that the enforced schema requires.',
    provoke: async (place) => {
      const memphis = await stationWithSchema(place, 'orders', 'order');
      const message = { id: 7 };
      return caught(memphis.produce({ stationName: 'orders', producerName: 'shop', message }));
    },
  },
  {
    code: 'MEMPHIS_PARTIAL_FAILURE',
    what: 'A program produces one message to two stations, and the schema of one of them rejects it.',
    provoke: async (place) => {
      const memphis = await stationWithSchema(place, 'payments', 'payment');
      await memphis.station({ name: 'audit' });
      const message = { id: 7 };
      return caught(memphis.produce({ stationName: ['audit', 'payments'], producerName: 'shop', message }));
    },
  },
  {
    code: 'MEMPHIS_ENVIRONMENT',
    what: 'A program connects with a CA certificate that is missing on this machine.',
    provoke: (place) =>
      caught(new Memphis().connect({ ...place.broker.options, caFile: place.missingFile('ca.pem') })),
  },
  {
    code: 'MEMPHIS_ENVIRONMENT',
    what: '`NATS_SERVER` names a program that is missing on this machine.',
    provoke: () =>
      printedByCommand(['broker', 'start', '--port', '0', '--rest-port', '0'], {
        NATS_SERVER: '/opt/nats-server',
      }),
  },
  {
    code: 'MEMPHIS_CLOSED',
    what: 'A program produces with a producer that it destroyed before.',
    provoke: async ({ broker }) => {
      const memphis = await broker.client();
      await memphis.station({ name: 'returns' });
      const producer = await memphis.producer({ stationName: 'returns', producerName: 'shop' });
      await producer.destroy();
      return caught(producer.produce({ message: 'too late' }));
    },
  },
  {
    code: 'MEMPHIS_HANDLER',
    what: 'The handler of a consumer throws.',
    provoke: async ({ broker }) => {
      const memphis = await broker.client();
      await memphis.station({ name: 'customers' });
      const consumer = await memphis.consumer({
        stationName: 'customers',
        consumerName: 'billing',
        batchSize: 1,
      });
      const first = reported((listener) => memphis.onError(listener));
      await memphis.produce({ stationName: 'customers', producerName: 'shop', message: 'a customer' });
      consumer.consume((messages) => {
        if (messages.length > 0) throw new Error('no such customer');
      });
      const error = await first;
      await consumer.destroy();
      return error;
    },
  },
  {
    code: 'MEMPHIS_UNREAD_DEAD_LETTERS',
    what: 'Dead letters are sent again 10,001 times, and the consumer does not fetch.',
    provoke: async ({ broker }) => {
      const memphis = await broker.client();
      await memphis.station({ name: 'letters' });
      const consumer = await memphis.consumer({ stationName: 'letters', consumerName: 'billing' });
      await memphis.produce({ stationName: 'letters', producerName: 'shop', message: 'a letter' });
      const [message] = await consumer.fetch({ batchSize: 1 });
      await message?.deadLetter('no such customer');
      const first = reported((listener) => memphis.onError(listener));
      const id = await deadLetterOf(broker, 'letters');
      // In parts, so that no call takes long on a busy machine.
      for (let sent = 0; sent < 10_001; sent += 500) {
        await broker.rest('POST', '/stations/resendPoisonMessages', {
          poison_message_ids: Array<number>(Math.min(500, 10_001 - sent)).fill(id),
          station_name: 'letters',
        });
      }
      return first;
    },
  },
];

/** A schema that requires `amount`, and a station that enforces it. */
async function stationWithSchema({ broker }: Place, name: string, schemaName: string): Promise<Memphis> {
  const memphis = await broker.client();
  const schemaContent = JSON.stringify({ type: 'object', required: ['amount'] });
  await memphis.createSchema({ schemaName, schemaType: 'json', schemaContent });
  await memphis.station({ name, schemaName });
  return memphis;
}

async function deadLetterOf(broker: Place['broker'], station: string): Promise<number> {
  let id: number | undefined;
  await eventually(async () => {
    const { body } = await broker.rest(
      'GET',
      `/monitoring/getStationOverviewData?station_name=${station}&partition_number=-1`,
    );
    id = (body as { poison_messages?: { id: number }[] }).poison_messages?.[0]?.id;
    return id !== undefined;
  }, 'the message becomes a dead letter');
  return id ?? 0;
}
