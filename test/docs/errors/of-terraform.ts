import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { publish } from '../../support/publish';
import type { Declared, Stack } from '../../support/stack';
import type { Place, Situation } from './situation';
import { freePort, printedByTerraform } from './situation';

const orders = (name: string, more: object = {}): Declared => ({
  stations: { orders: { name, ...more } },
});

/** Errors that stacks run into. */
export const ofTerraform: readonly Situation[] = [
  {
    code: 'MEMPHIS_CONNECTION',
    what: 'A stack is planned, and nothing listens on the address of the REST API.',
    provoke: async ({ deployment }) => {
      const stack = deployment.stack({ MEMPHIS_REST_URL: `http://127.0.0.1:${await freePort()}` });
      stack.declare(orders('orders'));
      return printedByTerraform(await stack.plan());
    },
  },
  {
    code: 'MEMPHIS_AUTHENTICATION',
    what: 'A stack is planned with a password that the REST API refuses.',
    provoke: async ({ deployment }) => {
      const stack = deployment.stack({ MEMPHIS_REST_PASSWORD: 'wrong' });
      stack.declare(orders('orders'));
      return printedByTerraform(await stack.plan());
    },
  },
  {
    code: 'MEMPHIS_PROTOCOL',
    what: '`MEMPHIS_REST_URL` names a web server that answers every request with the same page.',
    provoke: async ({ deployment }) => {
      const server = createServer((_request, answer) => answer.end('<!doctype html><title>Welcome</title>'));
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      const { port } = server.address() as AddressInfo;
      try {
        const stack = deployment.stack({ MEMPHIS_REST_URL: `http://127.0.0.1:${port}` });
        stack.declare(orders('orders'));
        return printedByTerraform(await stack.plan());
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
  },
  {
    code: 'MEMPHIS_NOT_FOUND',
    what: 'A stack enforces a schema that neither the stack nor the broker has.',
    provoke: async ({ deployment }) => {
      const stack = await deployed(deployment, orders('parcels'));
      stack.declare({
        ...orders('parcels'),
        enforcements: { orders: { station_name: 'parcels', schema_name: 'order' } },
      });
      return printedByTerraform(await stack.plan());
    },
  },
  {
    code: 'MEMPHIS_ALREADY_EXISTS',
    what: 'A stack declares a station that was created by hand.',
    provoke: async ({ deployment }) => {
      // Without an owner, as if it was created in the console.
      await deployed(deployment, orders('orders'));
      const stack = deployment.stack();
      stack.declare(orders('orders', { owner: 'shop/orders/orders' }));
      return printedByTerraform(await stack.plan());
    },
  },
  {
    code: 'MEMPHIS_ALREADY_EXISTS',
    what: 'A stack declares a station that another stack declares too.',
    provoke: async ({ deployment }) => {
      await deployed(deployment, orders('payments', { owner: 'billing/orders/orders' }));
      const stack = deployment.stack();
      stack.declare(orders('payments', { owner: 'shop/orders/orders' }));
      return printedByTerraform(await stack.plan());
    },
  },
  {
    code: 'MEMPHIS_MESSAGE_LOSS',
    what: 'A station that holds messages is destroyed.',
    provoke: async ({ deployment }) => {
      const stack = await deployed(deployment, orders('invoices'));
      await publish(deployment.broker, 'invoices', 12);
      return printedByTerraform(await stack.destroy());
    },
  },
  {
    code: 'MEMPHIS_MESSAGE_LOSS',
    what: 'The retention of a station is reduced to 10 messages, and the station holds 12.',
    provoke: async ({ deployment }) => {
      const stack = await deployed(deployment, orders('events'));
      await publish(deployment.broker, 'events', 12);
      stack.declare(orders('events', { retention_type: 'messages', retention_value: 10 }));
      return printedByTerraform(await stack.plan());
    },
  },
  {
    code: 'MEMPHIS_DELETION_PROTECTED',
    what: 'A station that was deployed with `deletionProtection: true` is destroyed.',
    provoke: async ({ deployment }) => {
      const stack = await deployed(deployment, orders('bookings', { deletion_protection: true }));
      return printedByTerraform(await stack.destroy());
    },
  },
  {
    code: 'MEMPHIS_BROKER_MISMATCH',
    what: 'A stack is deployed, and later planned with the address of another broker.',
    provoke: async (place) => {
      const { deployment } = place;
      const { directory } = await deployed(deployment, orders('refunds'));
      const other = await place.otherBroker();
      return printedByTerraform(await deployment.stackIn(directory, other.environment()).plan());
    },
  },
  {
    code: 'MEMPHIS_UNSAFE_REQUEST',
    what: 'A stack declares three replicas on a broker that is a single node.',
    provoke: async ({ deployment }) => {
      const stack = deployment.stack();
      stack.declare(orders('audit', { replicas: 3 }));
      return printedByTerraform(await stack.plan());
    },
  },
  {
    code: 'MEMPHIS_INCOMPATIBLE_SCHEMA',
    what: 'A schema with `compatibility: "backward"` gets a required field that stored messages do not have.',
    provoke: async ({ deployment }) => {
      const receipt = (...fields: readonly object[]): Declared => ({
        schemas: {
          receipt: {
            name: 'receipt',
            type: 'avro',
            content: JSON.stringify({ type: 'record', name: 'Receipt', fields }),
            compatibility: 'backward',
          },
        },
      });
      const stack = await deployed(deployment, receipt({ name: 'id', type: 'long' }));
      stack.declare(receipt({ name: 'id', type: 'int' }, { name: 'total', type: 'double' }));
      return printedByTerraform(await stack.plan());
    },
  },
];

async function deployed(deployment: Place['deployment'], declared: Declared): Promise<Stack> {
  const stack = deployment.stack();
  stack.declare(declared);
  const { errors } = await stack.apply();
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return stack;
}
