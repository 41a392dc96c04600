import { join } from 'node:path';
import { LocalBackend, TerraformStack } from 'cdktf';
import { MemphisProvider, Schema, SmokeTest, Station } from 'cdktf-memphis';
import type { Construct } from 'constructs';

const DAY_IN_SECONDS = 24 * 60 * 60;

export class OrdersStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    // The state lies beside cdktf.json. Fill in a shared backend before pipelines or other people deploy:
    //   import { S3Backend } from 'cdktf';
    //   new S3Backend(this, { bucket: 'my-states', key: 'memphis/orders.tfstate', region: 'eu-central-1' });
    new LocalBackend(this, { path: '../../../terraform.orders.tfstate' });

    // The broker and the login come from the MEMPHIS_ variables of the environment; no secret stands in a file.
    new MemphisProvider(this, 'memphis');

    const deadLetters = new Station(this, 'dead-letters', {
      name: 'orders-dead-letters',
      retentionValue: 30 * DAY_IN_SECONDS,
    });

    const orders = new Station(this, 'orders', {
      name: 'orders',
      retentionValue: 7 * DAY_IN_SECONDS,
      partitionsNumber: 3,
      dlsStation: deadLetters,
    });

    // Producers check every message against it before they send.
    const order = new Schema(this, 'order', { name: 'order', file: join(__dirname, 'order.schema.json') });
    orders.enforce(order);

    // Proves after each change of the station that orders go through and that a wrong one does not.
    new SmokeTest(this, 'smoke', {
      station: orders,
      sample: { orderId: 'smoke-1', quantity: 1 },
      invalidSample: { orderId: 'smoke-2', quantity: 0 },
    });
  }
}
