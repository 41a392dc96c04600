import { join } from 'node:path';
import { LocalBackend, TerraformStack } from 'cdktf';
import { MemphisProvider, Retention, Schema, SmokeTest, Station } from 'cdktf-memphis';
import type { Construct } from 'constructs';

const DAY_IN_SECONDS = 24 * 60 * 60;

/** The messaging of a small shop: orders come in, payments are worked off, what goes wrong is kept for people to see. */
export class OrdersStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    // The state stands beside cdktf.json. The path is relative to the stack's directory, cdktf.out/stacks/orders, so
    // that the output is the same on every machine. A team keeps it in a shared backend instead.
    new LocalBackend(this, { path: '../../../terraform.orders.tfstate' });

    // Where the broker is and how to log in: all of it from the MEMPHIS_* environment, so there is no secret here.
    new MemphisProvider(this, 'memphis');

    // A station that holds messages is never destroyed or emptied, unless its stack says that this is meant.
    const allowMessageLoss = process.env.ORDERS_ALLOW_MESSAGE_LOSS === 'true';

    const deadLetters = new Station(this, 'dead-letters', {
      name: 'orders-dead-letters',
      retentionValue: 30 * DAY_IN_SECONDS,
      allowMessageLoss,
    });

    // Messages with one key stay in order within their partition; three partitions share the load.
    const orders = new Station(this, 'orders', {
      name: 'orders',
      partitionsNumber: 3,
      retentionValue: 7 * DAY_IN_SECONDS,
      dlsStation: deadLetters,
      tags: ['shop'],
      allowMessageLoss,
    });

    // A work queue: a payment is dropped once every consumer group has acknowledged it.
    new Station(this, 'payments', {
      name: 'payments',
      retentionType: Retention.ACK_BASED,
      tags: ['shop'],
      allowMessageLoss,
    });

    // Producers check every order against this schema before they send it. The type is that of the extension.
    const order = new Schema(this, 'order', { name: 'order', file: join(__dirname, 'order.schema.json') });
    orders.enforce(order);

    // Each deploy that changes something about the orders station proves that orders still go through.
    new SmokeTest(this, 'smoke', {
      station: orders,
      sample: { orderId: 'smoke-1', customerId: 'nobody', items: [{ sku: 'test', quantity: 1 }] },
      invalidSample: { orderId: 'smoke-2', customerId: 'nobody', items: [] },
      // Set it to any new text, such as the number of a CI run, to test again without a change.
      rerunOn: process.env.ORDERS_SMOKE_RUN,
    });
  }
}
